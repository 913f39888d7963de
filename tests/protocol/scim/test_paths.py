"""Names of attributes (RFC 7644 section 3.10)."""

from typing import Any

import pytest

from idp.protocol.scim.errors import ScimError
from idp.protocol.scim.paths import ENTERPRISE, OFFICER, USER, AttributePath, member, read_path, require_schema


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("userName", AttributePath("", "username")),
        ("name.formatted", AttributePath("", "name", "formatted")),
        (f"{USER}:name.formatted", AttributePath("", "name", "formatted")),
        (f"{OFFICER.upper()}:AGENCY", AttributePath(OFFICER, "agency")),
        (f"{ENTERPRISE}:manager.value", AttributePath(ENTERPRISE, "manager", "value")),
        (OFFICER, AttributePath(OFFICER, "")),
        (USER, None),
        ("", None),
        ("a.b.c", None),
        ("a b", None),
        ("urn:other:schema:agency", None),
    ],
)
def test_a_name_says_where_an_attribute_stands(text: str, path: AttributePath | None) -> None:
    assert read_path(text) == path


def test_members_are_found_in_any_case() -> None:
    resource = {"UserName": "x", OFFICER: {"Roles": ["a", "b"]}, "emails": [{"value": "1"}, {"Value": "2"}, "odd"]}
    assert member(resource, "username") == "x"
    assert AttributePath(OFFICER, "roles").of(resource) == ["a", "b"]
    assert AttributePath("", "emails", "value").of(resource) == ["1", "2"]
    assert AttributePath("", "username", "sub").of(resource) is None
    assert AttributePath(ENTERPRISE, "department").of(resource) is None


def test_a_body_names_its_schema_among_others_in_any_case_of_the_member() -> None:
    require_schema({"Schemas": [OFFICER, USER]}, USER)


@pytest.mark.parametrize("named", [None, 5, True, USER, f"x{USER}", {USER: 1}, [], [OFFICER], [USER, 5], [[USER]]])
def test_schemas_that_are_no_list_of_texts_with_the_one_are_no_syntax(named: Any) -> None:
    with pytest.raises(ScimError) as refused:
        require_schema({"schemas": named}, USER)
    assert (refused.value.status, refused.value.kind) == (400, "invalidSyntax")
