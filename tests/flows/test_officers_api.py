"""The JSON API of officers and agencies: the same use cases and refusals as in the console."""

from typing import Any

from tests.flows.console import api_of
from tests.flows.provider import ISSUER, Provider

AGENCY, AGENCY_2, OTHER = "agency@g10.example.vn", "agency2@g10.example.vn", "agency@g11.example.vn"
CHOSEN = "bốn con chim sẻ trên cành"
JOINER = {
    "personal_number": "001099000001",
    "name": "Nguyễn Văn An",
    "username": "an@g10.example.vn",
    "agency": "G10.01",
    "position": "Chuyên viên",
}


async def take_over(provider: Provider, link: str) -> None:
    browser = provider.browser()
    page = await browser.get(link.removeprefix(ISSUER))
    page = await browser.submit(page, "choose-password", password=CHOSEN, again=CHOSEN)
    assert page.has_form("enrol-otp")


async def test_a_joiner_moves_gets_a_role_and_leaves(provider: Provider) -> None:
    api = await api_of(provider, AGENCY)
    status, made = await api.call("POST", "/officers", JOINER)
    assert (status, "/activate/" in made["activation_link"]) == (201, True)
    path = f"/officers/{made['account_id']}"
    assert (await api.call("POST", f"{path}/roles", {"roles": ["proofing_officer"]}))[0] == 422
    await take_over(provider, made["activation_link"])
    one = (await api.call("GET", path))[1]
    assert (one["name"], one["posts"][0]["roles"]) == ("Nguyễn Văn An", [])
    assert "001099000001" not in str(one)

    provider.clock.advance(1)
    moved = (
        await api.call("POST", f"{path}/move", {"agency": "G10", "position": "Trưởng phòng", "seen": one["seen"]})
    )[1]
    assert [post["agency"] for post in moved["posts"]] == ["G10", "G10.01"]
    late = {"agency": "G10", "position": "x", "seen": one["seen"]}
    assert (await api.call("POST", f"{path}/move", late))[0] == 409

    status, asked = await api.call("POST", f"{path}/roles", {"roles": ["proofing_officer"]})
    assert status == 202
    second = await api_of(provider, AGENCY_2)
    change = (await second.call("GET", f"/changes/{asked['change_id']}"))[1]
    provider.clock.advance(1)
    decision = {"decision": "approve", "digest": change["digest"]}
    assert (await second.call("POST", f"/changes/{asked['change_id']}", decision))[0] == 200
    now = (await api.call("GET", path))[1]
    assert now["posts"][0]["roles"] == ["proofing_officer"]
    assert (await api.call("POST", f"{path}/link"))[0] == 422

    provider.clock.advance(1)
    kept = (await api.call("PUT", f"{path}/roles", {"roles": [], "seen": now["seen"]}))[1]
    assert kept["posts"][0]["roles"] == []
    assert (await api.call("POST", f"{path}/link"))[0] == 200
    assert (await api.call("PUT", f"{path}/suspension", {"suspended": True, "reason": "inquiry"}))[0] == 204
    shown = (await api.call("GET", path))[1]
    (lock,) = shown["locks"]
    assert (shown["status"], lock["agency"], lock["reason"]) == ("locked", "G10", "inquiry")
    assert lock["ended_by"] == "agency_admin"
    assert (await api.call("PUT", f"{path}/suspension", {"suspended": True, "reason": "x"}))[0] == 422
    assert (await api.call("POST", f"{path}/end", {"seen": kept["seen"]}))[0] == 204
    assert made["account_id"] not in str((await api.call("GET", "/officers?agency=G10"))[1])


async def test_refusals_are_problems_that_repeat_nothing(provider: Provider) -> None:
    api = await api_of(provider, AGENCY)
    status, problem = await api.call("POST", "/officers", {**JOINER, "name": "Người Khác"})
    assert (status, problem["field"], problem["reason"]) == (422, "personal_number", "no_such_person")
    assert "001099000001" not in str(problem)
    assert (await api.call("POST", "/officers", {**JOINER, "agency": "G11"}))[0] == 403
    assert (await api.call("GET", "/officers/nobody"))[0] == 404
    asked = {"purpose": "security", "reference": "H26/1"}
    found = (await api.call("POST", "/officers/search", {**asked, "name": "le cuong"}))[1]
    assert [one["username"] for one in found["officers"]] == ["cuong@g10.example.vn"]
    other = await api_of(provider, OTHER)
    nobody = await other.call("POST", "/officers/search", {**asked, "identifier": "cuong@g10.example.vn"})
    assert (nobody[0], nobody[1]["reason"]) == (422, "nobody")
    cuong = await provider.stores.officers.find("cuong@g10.example.vn")
    for method, path, body in (
        ("GET", f"/officers/{cuong}", None),
        ("GET", "/officers?agency=G10", None),
        ("POST", f"/officers/{cuong}/end", {"seen": ""}),
        ("POST", f"/officers/{cuong}/roles", {"roles": ["agency_admin"]}),
        ("GET", "/agencies/G10", None),
        ("PUT", "/agencies/G10", {"name": "x", "kind": "ministry"}),
        ("POST", "/agencies", {"code": "G10.77", "name": "x", "kind": "department", "parent": "G10"}),
    ):
        assert (await other.call(method, path, body))[0] == 403, path


async def test_the_tree_is_walked_and_changed(provider: Provider) -> None:
    api = await api_of(provider, AGENCY)
    top = (await api.call("GET", "/agencies"))[1]
    assert (top["agency"]["code"], [each["code"] for each in top["below"]]) == ("G10", ["G10.01"])
    wanted: dict[str, Any] = {"code": "G10.02", "name": "Cục", "kind": "department", "parent": "G10"}
    assert (await api.call("POST", "/agencies", wanted))[0] == 201
    status, refused = await api.call("POST", "/agencies", {**wanted, "code": "G11.TTRA"})
    assert (status, refused["field"], refused["reason"]) == (422, "code", "not_under_parent")
    changed = {"name": "Cục mới", "kind": "department", "parent": "G10"}
    assert (await api.call("PUT", "/agencies/G10.02", changed))[1]["agency"]["name"] == "Cục mới"
    ended = (await api.call("POST", "/agencies/G10.02/end", {"valid_to": "2099-01-01", "successors": ["G10.01"]}))[1]
    assert (ended["agency"]["valid_to"], ended["agency"]["successors"]) == ("2099-01-01", ["G10.01"])
    assert (await api.call("POST", "/agencies", {**wanted, "kind": "village"}))[0] == 422


async def test_no_moment_makes_an_officer_unreadable(provider: Provider) -> None:
    api = await api_of(provider, AGENCY)
    account_id = (await api.call("POST", "/officers", JOINER))[1]["account_id"]
    path = f"/officers/{account_id}"
    post = {"agency": "G10.01", "position": "Chuyên viên"}
    seen = (await api.call("GET", path))[1]["seen"]
    for moments in (
        {"held_to": 253402300800},
        {"held_to": 253380000000},
        {"held_to": 2**63},
        {"held_from": 10**13},
        {"held_from": 2**63},
    ):
        assert (await api.call("POST", f"{path}/move", {**post, **moments, "seen": seen}))[0] == 422, moments
        assert (await api.call("POST", f"{path}/end", {"held_to": 253402300799, "seen": seen}))[0] == 422
    provider.clock.advance(1)
    status, moved = await api.call("POST", f"{path}/move", {**post, "held_to": 253402300799, "seen": seen})
    assert (status, moved["posts"][0]["held_to"]) == (200, None)
    assert (await api.call("GET", "/officers?agency=G10.01"))[0] == 200
