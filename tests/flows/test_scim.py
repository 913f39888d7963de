"""SCIM: a ministry's personnel system lets officers join, move and leave, within its own agencies."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from idp.domain.clients.onboarding import Onboarding
from idp.domain.events import ClientChanged
from idp.journeys.throttling import Throttling
from idp.ports.short_lived import Throttle
from tests.flows.provider import ISSUER, SECRET, Provider
from tests.ports.samples import ORIGIN

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
OFFICER = "urn:vn:idp:params:scim:schemas:extension:officer:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
AN = "001099000001"
DAY = 24 * 3600


class Personnel:
    """A personnel system with its token."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self._http = http
        self._headers = {"authorization": f"Bearer {token}"}

    async def __call__(
        self, method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None, **query: str
    ) -> httpx.Response:
        return await self._http.request(
            method, f"/scim/v2{path}", json=body, params=query or None, headers={**self._headers, **(headers or {})}
        )

    async def create(self, **changes: Any) -> httpx.Response:
        return await self("POST", "/Users", new(**changes))

    async def patch(self, user_id: str, *operations: dict[str, Any], **headers: str) -> httpx.Response:
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return await self("PATCH", f"/Users/{user_id}", body, headers=headers)


def new(**changes: Any) -> dict[str, Any]:
    extension = {"personalNumber": AN, "agency": "G10.01", **changes.pop("officer", {})}
    return {
        "schemas": [USER, OFFICER],
        "userName": "an@g10.example.vn",
        "externalId": "E-1",
        "name": {"formatted": "Nguyễn Văn An"},
        "title": "Chuyên viên",
        "active": True,
        "emails": [{"value": "an@g10.example.vn", "type": "work"}],
        OFFICER: extension,
        **changes,
    }


async def token_of(provider: Provider, client_id: str) -> str:
    fields = {"grant_type": "client_credentials", "scope": "scim", "resource": f"{ISSUER}/scim/v2"}
    answer = await provider.client().post("/token", data=fields, auth=(client_id, SECRET))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def personnel_of(provider: Provider, client_id: str = "personnel") -> Personnel:
    return Personnel(provider.client(), await token_of(provider, client_id))


@pytest.fixture
async def personnel(provider: Provider) -> Personnel:
    return await personnel_of(provider)


async def names(provider: Provider) -> list[str]:
    return [record.name async for record in provider.stores.audit_log.records()]


async def test_a_joiner_is_made_read_and_found(personnel: Personnel, provider: Provider) -> None:
    made = await personnel.create()
    assert made.status_code == 201, made.text
    user = made.json()
    assert made.headers["content-type"] == "application/scim+json"
    assert made.headers["location"] == user["meta"]["location"] == f"{ISSUER}/scim/v2/Users/{user['id']}"
    assert made.headers["etag"] == user["meta"]["version"]
    assert (user["userName"], user["displayName"], user["active"]) == ("an@g10.example.vn", "Nguyễn Văn An", True)
    assert (user[OFFICER]["agency"], user[OFFICER]["roles"]) == ("G10.01", [])
    assert user[ENTERPRISE] == {"department": "Vụ Đất đai"}
    assert AN not in made.text
    assert (await personnel("GET", f"/Users/{user['id']}")).json() == user
    for condition in ('userName eq "AN@g10.example.vn"', 'externalId eq "E-1"', f'id eq "{user["id"]}"'):
        found = (await personnel("GET", "/Users", filter=condition)).json()
        assert (found["totalResults"], found["Resources"]) == (1, [user])
    assert AN not in str([record.payload async for record in provider.stores.audit_log.records()])


async def test_a_search_by_post_keeps_filters_out_of_the_address(personnel: Personnel) -> None:
    user = (await personnel.create()).json()
    body = {"schemas": [SEARCH], "filter": f'{OFFICER}:agency eq "G10.01" and active eq true', "attributes": ["title"]}
    for path in ("/.search", "/Users/.search"):
        found = (await personnel("POST", path, body)).json()
        assert user["id"] in [each["id"] for each in found["Resources"]]
        assert all(set(each) == {"schemas", "id", "meta", "title"} for each in found["Resources"])
    for schemas in (None, 5, SEARCH):
        refused = await personnel("POST", "/.search", {"schemas": schemas, "filter": "x"})
        assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidSyntax")


async def test_a_system_whose_names_are_refused_is_told_when_to_come_again(
    personnel: Personnel, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = (Throttle("throttle:test", burst=1, interval=60),)
    monkeypatch.setattr(Throttling, "for_provisioned_names", lambda *_: one)
    taken = [await personnel.create(userName="cuong@g10.example.vn") for _ in range(2)]
    assert [each.status_code for each in taken] == [409, 429]
    assert 0 < int(taken[1].headers["retry-after"]) <= 60
    assert taken[1].json()["schemas"] == [ERROR]
    refused = [each.payload async for each in provider.stores.audit_log.records() if "too_often" in str(each.payload)]
    assert len(refused) == 1


async def test_lists_come_in_pages(personnel: Personnel) -> None:
    everybody = (await personnel("GET", "/Users")).json()
    assert everybody["totalResults"] == len(everybody["Resources"]) > 5
    one = (await personnel("GET", "/Users", startIndex="2", count="1")).json()
    assert (one["startIndex"], one["itemsPerPage"]) == (2, 1)
    assert one["Resources"] == everybody["Resources"][1:2]
    none = (await personnel("GET", "/Users", startIndex="-5", count="0")).json()
    assert (none["startIndex"], none["totalResults"], none["Resources"]) == (1, everybody["totalResults"], [])
    assert (await personnel("GET", "/Users", count="many")).status_code == 400


@pytest.mark.parametrize(
    ("changes", "status", "kind"),
    [
        ({"name": {"formatted": "Người Khác"}}, 400, "invalidValue"),
        ({"officer": {"personalNumber": "001099000077"}}, 400, "invalidValue"),
        ({"officer": {"personalNumber": None}}, 400, "invalidValue"),
        ({"userName": "cuong@g10.example.vn"}, 409, "uniqueness"),
        ({"officer": {"personalNumber": "001085000003"}, "name": {"formatted": "Lê Văn Cường"}}, 409, "uniqueness"),
        ({"officer": {"agency": "G11"}}, 403, None),
        ({"officer": {"agency": "?"}}, 400, "invalidValue"),
        ({"officer": {"heldFrom": "tomorrow"}}, 400, "invalidValue"),
        ({"title": ""}, 400, "invalidValue"),
        ({"schemas": []}, 400, "invalidSyntax"),
        ({"schemas": 5}, 400, "invalidSyntax"),
        ({"active": "perhaps"}, 400, "invalidValue"),
    ],
)
async def test_what_cannot_be_is_refused_in_scims_own_schema(
    personnel: Personnel, provider: Provider, changes: dict[str, Any], status: int, kind: str | None
) -> None:
    refused = await personnel.create(**changes)
    assert refused.status_code == status, refused.text
    body = refused.json()
    assert (body["schemas"], body["status"], body.get("scimType")) == ([ERROR], str(status), kind)
    assert await provider.stores.officers.find("an@g10.example.vn") is None
    assert AN not in refused.text


async def test_a_mover_changes_agency_and_position_and_loses_roles(personnel: Personnel) -> None:
    found = (await personnel("GET", "/Users", filter='userName eq "proofing@g10.example.vn"')).json()["Resources"][0]
    assert found[OFFICER]["roles"] == ["proofing_officer"]
    renamed = await personnel.patch(found["id"], {"op": "replace", "path": "title", "value": "Phó phòng"})
    assert renamed.status_code == 200, renamed.text
    assert (renamed.json()["title"], renamed.json()[OFFICER]["roles"]) == ("Phó phòng", ["proofing_officer"])
    moved = await personnel.patch(found["id"], {"op": "Replace", "value": {f"{OFFICER}:agency": "G10"}})
    assert moved.status_code == 200, moved.text
    assert (moved.json()[OFFICER]["agency"], moved.json()[OFFICER]["roles"]) == ("G10", [])


async def test_operations_of_systems_in_use_are_understood(personnel: Personnel) -> None:
    user = (await personnel.create()).json()
    for operations in (
        [{"op": "Replace", "path": "active", "value": "False"}],
        [{"op": "Add", "path": 'emails[type eq "work"].value', "value": "x@g10.example.vn"}],
        [{"op": "Add", "value": {"name.givenName": "An", "nickName": "An"}}],
        [{"op": "replace", "value": {"active": True, OFFICER: {"heldTo": "2099-01-01T00:00:00+07:00"}}}],
        [{"op": "remove", "path": f"{OFFICER}:heldTo"}, {"op": "remove", "path": "externalId"}],
    ):
        answer = await personnel.patch(user["id"], *operations)
        assert answer.status_code == 200, answer.text
    now = (await personnel("GET", f"/Users/{user['id']}")).json()
    assert (now["active"], "externalId" in now, "heldTo" in now[OFFICER]) == (True, False, False)


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "copy", "path": "title", "value": "x"}, "invalidSyntax"),
        ({"op": "replace", "path": "schemas", "value": 5}, "invalidSyntax"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "add", "path": "emails[type", "value": "x"}, "invalidPath"),
        ({"op": "add", "path": "emails[type ??]", "value": "x"}, "invalidFilter"),
        ({"op": "replace", "path": "displayName", "value": "Người Khác"}, "mutability"),
        ({"op": "remove", "path": "userName"}, "invalidValue"),
    ],
)
async def test_a_wrong_operation_changes_nothing(personnel: Personnel, operation: dict[str, Any], kind: str) -> None:
    user = (await personnel.create()).json()
    refused = await personnel.patch(user["id"], {"op": "replace", "path": "title", "value": "Khác"}, operation)
    assert (refused.status_code, refused.json()["scimType"]) == (400, kind)
    assert (await personnel("GET", f"/Users/{user['id']}")).json() == user


async def test_a_request_that_is_refused_leaves_nothing_of_itself(personnel: Personnel) -> None:
    user = (await personnel.create(officer={"heldFrom": "2098-01-01T00:00:00Z"})).json()
    ends_before = {"op": "replace", "path": f"{OFFICER}:heldTo", "value": "2097-01-01T00:00:00Z"}
    renamed = {"op": "replace", "path": "userName", "value": "renamed@g10.example.vn"}
    assert (await personnel.patch(user["id"], renamed, ends_before)).status_code == 400
    assert (await personnel("GET", f"/Users/{user['id']}")).json() == user


async def test_no_moment_makes_an_officer_unreadable(personnel: Personnel) -> None:
    user = (await personnel.create()).json()
    for moment, status in (
        ("9999-12-31T23:59:59-12:00", 200),
        ("9999-12-31T23:59:59Z", 200),
        ("9999-06-01T00:00:00Z", 400),
        ("0001-01-01T00:00:00+14:00", 400),
    ):
        answer = await personnel.patch(user["id"], {"op": "add", "path": f"{OFFICER}:heldTo", "value": moment})
        assert answer.status_code == status, answer.text
        now = await personnel("GET", f"/Users/{user['id']}")
        assert (now.status_code, "heldTo" in now.json()[OFFICER]) == (200, False)


async def test_a_leaver_is_out_at_once_and_comes_back_to_the_same_account(
    personnel: Personnel, provider: Provider
) -> None:
    found = (await personnel("GET", "/Users", filter='userName eq "cuong@g10.example.vn"')).json()["Resources"][0]
    browser = provider.browser()
    page = await browser.submit(
        await browser.authorize("officers"),
        "sign-in",
        username="cuong@g10.example.vn",
        password="another horse battery staple",
    )
    page = await browser.submit(page, "otp", code=provider.one_time_code())
    tokens = (await browser.redeem(page, "officers")).json()
    provider.clock.advance(2)
    assert (await personnel("DELETE", f"/Users/{found['id']}")).status_code == 204
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    assert (await browser.get("/account")).has_form("sign-in")
    assert (await personnel("GET", f"/Users/{found['id']}")).status_code == 404
    assert (await personnel("DELETE", f"/Users/{found['id']}")).status_code == 404
    back = await personnel.create(
        userName="cuong@g10.example.vn",
        name={"formatted": "Lê Văn Cường"},
        officer={"personalNumber": "001085000003"},
    )
    assert (back.status_code, back.json()["id"], back.json()["active"]) == (201, found["id"], True)


async def test_a_version_that_is_not_the_present_one_changes_nothing(personnel: Personnel) -> None:
    made = await personnel.create()
    user, seen = made.json(), made.headers["etag"]
    path = f"/Users/{user['id']}"
    assert (await personnel("GET", path, headers={"if-none-match": seen})).status_code == 304
    replaced = await personnel("PUT", path, {**user, "title": "Phó phòng"}, headers={"if-match": seen})
    assert (replaced.status_code, replaced.json()["title"]) == (200, "Phó phòng")
    assert replaced.headers["etag"] != seen
    for method, body in (("PUT", user), ("DELETE", None)):
        assert (await personnel(method, path, body, headers={"if-match": seen})).status_code == 412
    operation = {"op": "replace", "path": "title", "value": "x"}
    assert (await personnel.patch(user["id"], operation, **{"if-match": seen})).status_code == 412


async def test_of_50_movers_at_once_each_sees_a_whole_answer(personnel: Personnel) -> None:
    made = await personnel.create()
    user = made.json()

    async def move(number: int) -> int:
        operation = {"op": "replace", "path": "title", "value": f"Chức {number}"}
        return (await personnel.patch(user["id"], operation, **{"if-match": made.headers["etag"]})).status_code

    answers = await asyncio.gather(*map(move, range(50)))
    assert answers.count(200) == 1
    assert set(answers) <= {200, 412}


async def test_another_ministrys_system_reaches_nobody_here(personnel: Personnel, provider: Provider) -> None:
    user = (await personnel.create()).json()
    other = await personnel_of(provider, "personnel-g11")
    for method in ("GET", "DELETE"):
        assert (await other(method, f"/Users/{user['id']}")).status_code == 404
    assert (await other("PUT", f"/Users/{user['id']}", new())).status_code == 404
    assert (await other("GET", "/Users", filter='userName eq "an@g10.example.vn"')).json()["totalResults"] == 0
    assert (await other("GET", "/Users", filter='externalId eq "E-1"')).json()["totalResults"] == 0
    assert all(each[OFFICER]["agency"] == "G11" for each in (await other("GET", "/Users")).json()["Resources"])
    moved = await personnel.patch(user["id"], {"op": "replace", "path": f"{OFFICER}:agency", "value": "G11"})
    assert moved.status_code == 403


async def test_whoever_holds_a_role_beyond_the_agency_is_left_alone(personnel: Personnel, provider: Provider) -> None:
    found = (await personnel("GET", "/Users", filter='userName eq "security@g10.example.vn"')).json()["Resources"][0]
    for answer in (
        await personnel("DELETE", f"/Users/{found['id']}"),
        await personnel.patch(found["id"], {"op": "replace", "path": "active", "value": False}),
    ):
        assert answer.status_code == 403
    assert "provisioning.refused" in await names(provider)


async def test_who_has_no_good_token_is_refused(provider: Provider) -> None:
    http = provider.client()
    nothing = await http.get("/scim/v2/Users")
    assert (nothing.status_code, nothing.json()["schemas"]) == (401, [ERROR])
    assert "Bearer" in nothing.headers["www-authenticate"]
    fields = {"grant_type": "client_credentials"}
    answer = await http.post("/token", data=fields, auth=("machine", SECRET))
    stranger = Personnel(http, answer.json()["access_token"])
    assert (await stranger("GET", "/Users")).status_code == 401
    unbound = await personnel_of(provider, "personnel-of-nobody")
    assert (await unbound("GET", "/Users")).status_code == 403


async def test_a_system_speaks_for_no_agency_before_two_administrators_let_it(
    provider: Provider, personnel: Personnel
) -> None:
    client = await provider.stores.client_registry.find("personnel")
    assert client is not None
    changed = ClientChanged(origin=ORIGIN, client_id=client.client_id, change="gates")
    await provider.stores.client_registry.save(replace(client, onboarding=Onboarding()), changed)
    provider.clock.advance(1)
    assert (await personnel("GET", "/Users")).status_code == 403


async def test_the_interface_describes_itself(provider: Provider, personnel: Personnel) -> None:
    http = provider.client()
    config = (await http.get("/scim/v2/ServiceProviderConfig")).json()
    assert (config["patch"]["supported"], config["bulk"]["supported"], config["etag"]["supported"]) == (
        True, False, True,
    )  # fmt: skip
    types = (await http.get("/scim/v2/ResourceTypes")).json()["Resources"]
    assert [each["id"] for each in types] == ["User"]
    described = (await http.get("/scim/v2/Schemas")).json()["Resources"]
    assert [each["id"] for each in described] == [USER, ENTERPRISE, OFFICER]
    for each in (*types, *described):
        assert (await http.get(each["meta"]["location"])).json() == each
    known = {name for each in described for name in (a["name"] for a in each["attributes"])}
    user = (await personnel.create()).json()
    told = {*user, *user[OFFICER], *user[ENTERPRISE]} - {"schemas", "id", "meta", "externalId", OFFICER, ENTERPRISE}
    assert told <= known
    assert (await personnel("GET", "/Groups")).json()["status"] == "404"
