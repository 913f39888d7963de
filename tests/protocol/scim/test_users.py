"""Officers as Users (RFC 7643 section 4.1)."""

import contextlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.accounts.account import AccountStatus
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.offices.officer import OfficerAccount, Post
from idp.ports.officers import Provisioned
from idp.protocol.scim.errors import ScimError
from idp.protocol.scim.paths import ENTERPRISE, OFFICER, USER
from idp.protocol.scim.users import Written, read_body, read_changed, read_new, user_of
from tests.protocol.any_json import ANY_JSON

NOW = Seconds(1_790_000_000)
POST = Post(
    post_id="p", agency_code="G10", position="Chuyên viên", roles=("proofing_officer",), held_from=NOW, held_to=None
)
ONE = Provisioned(
    officer=OfficerAccount(
        account_id=AccountId("a1"),
        officer_id="o1",
        person_id=PersonId("p1"),
        username="binh@g10.vn",
        name="Trần Văn Bình",
        status=AccountStatus.ACTIVE,
        created_at=NOW,
        has_password=True,
        posts=(POST,),
    ),
    client_id=ClientId("hr"),
    external_id="E-1",
    changed_at=NOW,
)


def written(one: Provisioned = ONE, client: str = "hr") -> Written:
    return user_of(one, "Bộ", "https://idp.example.vn", ClientId(client), NOW)


def body(**changes: Any) -> dict[str, Any]:
    return {
        "schemas": [USER],
        "userName": "binh@g10.vn",
        "title": " Chuyên  viên",
        "name": {"formatted": "Trần Văn Bình"},
        OFFICER: {"agency": "g10", "personalNumber": "001099000001"},
        **changes,
    }


def refusal(told: dict[str, Any], known: Written | None = None) -> str | None:
    with pytest.raises(ScimError) as refused:
        read_changed(told, known) if known else read_new(told)
    return refused.value.kind


def test_a_user_holds_what_is_known_of_the_office_and_nothing_of_the_citizen() -> None:
    user = written().body
    assert user["userName"] == "binh@g10.vn"
    assert user[ENTERPRISE] == {"department": "Bộ"}
    assert user[OFFICER] == {
        "agency": "G10",
        "roles": ["proofing_officer"],
        "heldFrom": "2026-09-21T14:13:20Z",
        "officerId": "o1",
    }
    assert "p1" not in str(user)


def test_what_one_client_calls_the_officer_another_does_not_read() -> None:
    assert written().body["externalId"] == "E-1"
    assert "externalId" not in written(client="other").body


def test_the_version_follows_the_content() -> None:
    assert written().version == written(replace(ONE, changed_at=Seconds(NOW + 5))).version
    assert written().version != written(replace(ONE, external_id="E-2")).version
    assert written().version.startswith('W/"')


def test_a_new_user_is_read() -> None:
    wanted = read_new(body(active="true", externalId="E-1"))
    assert wanted.joiner
    assert (wanted.joiner.personal_number, wanted.joiner.name) == ("001099000001", "Trần Văn Bình")
    assert (wanted.agency_code, wanted.position, wanted.active) == ("G10", "Chuyên viên", True)
    days = {"heldFrom": "2026-01-01T07:00:00+07:00", "heldTo": "2026-01-02T00:00:00"}
    dated = read_new(body(**{OFFICER: {"agency": "G10", "personalNumber": "0", **days}}))
    assert (dated.held_from, dated.held_to) == (1_767_225_600, 1_767_312_000)
    assert read_new(body(name=None, displayName="Trần Văn Bình")).joiner == wanted.joiner


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"schemas": []}, "invalidSyntax"),
        ({"schemas": 5}, "invalidSyntax"),
        ({"userName": None}, "invalidValue"),
        ({"userName": "x" * 400}, "invalidValue"),
        ({"title": 5}, "invalidValue"),
        ({"active": 1}, "invalidValue"),
        ({"name": None}, "invalidValue"),
        ({OFFICER: []}, "invalidSyntax"),
        ({OFFICER: {"agency": "G10"}}, "invalidValue"),
        ({OFFICER: {"agency": "?", "personalNumber": "1"}}, "invalidValue"),
        ({OFFICER: {"agency": "G10", "personalNumber": "1", "heldTo": "soon"}}, "invalidValue"),
        ({OFFICER: {"agency": "G10", "personalNumber": "1", "heldTo": "9999-12-30T00:00:00Z"}}, "invalidValue"),
        ({OFFICER: {"agency": "G10", "personalNumber": "1", "heldFrom": "9999-12-31T00:00:00Z"}}, "invalidValue"),
        ({OFFICER: {"agency": "G10", "personalNumber": "1", "heldFrom": "0001-01-01T00:00:00+14:00"}}, "invalidValue"),
    ],
)
def test_what_is_no_user_is_refused(changes: dict[str, Any], kind: str) -> None:
    assert refusal(body(**changes)) == kind


@given(name=st.sampled_from([*body(), "active", "displayName", "id", "externalId"]), value=ANY_JSON)
def test_whatever_a_member_is_the_user_is_read_or_refused(name: str, value: Any) -> None:
    with contextlib.suppress(ScimError):
        read_new(body(**{name: value}))
    with contextlib.suppress(ScimError):
        read_changed(body(**{name: value}), written())


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"])
def test_the_last_day_that_there_is_stands_for_no_end(day: str) -> None:
    dated = body(**{OFFICER: {"agency": "G10", "personalNumber": "0", "heldTo": day}})
    assert read_new(dated).held_to is None


def test_the_name_and_the_identifier_stay() -> None:
    assert read_changed(body(name={"formatted": "trần văn  BÌNH"}), written()).joiner is None
    assert refusal(body(name={"formatted": "Khác"}), written()) == "mutability"
    assert refusal(body(displayName="Khác"), written()) == "mutability"
    assert refusal(body(id="a2"), written()) == "mutability"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'"x"', b"\xff", b'{"\xed\xa0\x80":1}'])
def test_a_body_is_a_json_object(raw: bytes) -> None:
    with pytest.raises(ScimError) as refused:
        read_body(raw)
    assert refused.value.kind == "invalidSyntax"
