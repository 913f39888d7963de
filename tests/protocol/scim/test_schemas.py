"""Descriptions of the interface (RFC 7643 sections 5 to 7)."""

from idp.protocol.scim.paths import ENTERPRISE, OFFICER, USER
from idp.protocol.scim.schemas import listed, resource_types, schemas, service_provider_config

BASE = "https://idp.example.vn/scim/v2"


def test_what_is_supported_is_said_and_nothing_else() -> None:
    config = service_provider_config(BASE)
    supported = {name for name, value in config.items() if isinstance(value, dict) and value.get("supported")}
    assert supported == {"patch", "filter", "etag"}
    assert config["filter"]["maxResults"] == 100


def test_the_resource_type_names_schemas_that_are_described() -> None:
    (user,) = resource_types(BASE)
    named = {user["schema"], *(each["schema"] for each in user["schemaExtensions"])}
    assert named == {each["id"] for each in schemas(BASE)} == {USER, ENTERPRISE, OFFICER}


def test_the_personal_number_goes_in_and_never_out() -> None:
    officer = next(each for each in schemas(BASE) if each["id"] == OFFICER)
    number = next(each for each in officer["attributes"] if each["name"] == "personalNumber")
    assert (number["mutability"], number["returned"], number["required"]) == ("writeOnly", "never", True)


def test_every_description_says_where_it_is() -> None:
    assert all(each["meta"]["location"] == f"{BASE}/Schemas/{each['id']}" for each in schemas(BASE))


def test_a_page_counts_what_it_holds() -> None:
    page = listed([{"id": "1"}], 7, 3)
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (7, 3, 1)
