from idp.domain.clients.claims_policy import ClaimNames
from idp.protocol.claims.claim_names import OUTGOING, incoming, outgoing


def test_the_national_portal_is_told_number_and_name_by_the_names_that_it_knows() -> None:
    claims = {"personal_number": "001099000001", "name": "Nguyễn Thị Ánh", "email": "anh@example.vn"}
    assert outgoing(ClaimNames.NATIONAL_PORTAL, claims) == {
        "SoDinhDanh": "001099000001",
        "HoVaTen": "Nguyễn Thị Ánh",
        "email": "anh@example.vn",
    }
    assert outgoing(ClaimNames.STANDARD, claims) == claims


def test_a_request_by_those_names_is_understood_and_so_is_one_by_the_standard_names() -> None:
    asked = {"SoDinhDanh": None, "name": {"essential": True}}
    assert incoming(ClaimNames.NATIONAL_PORTAL, asked) == {"personal_number": None, "name": {"essential": True}}
    assert incoming(ClaimNames.STANDARD, asked) == asked
    assert incoming(ClaimNames.NATIONAL_PORTAL, ["name"]) == ["name"]


def test_no_two_claims_leave_by_one_name() -> None:
    for renamed in OUTGOING.values():
        assert len(set(renamed.values())) == len(renamed)
