import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.verification import VERIFIABLE_CLAIMS
from idp.protocol.claims.claim_demand import Demand
from idp.protocol.claims.claims import ClaimsRequest, parse_claims_parameter
from idp.protocol.claims.scopes import claims_of
from idp.protocol.claims.verified_request import NOTHING_VERIFIED, VerifiedRequest, WantedData, read_verified_request
from idp.protocol.errors import InvalidRequestError

FRAMEWORK: dict[str, Any] = {"trust_framework": None}


def read(element: object) -> VerifiedRequest:
    return read_verified_request({"verified_claims": element})


def test_an_object_and_an_array_are_read() -> None:
    element = {"verification": FRAMEWORK, "claims": {"name": None, "birthdate": {"essential": True}}}

    (one,) = read(element).elements
    assert one.claims == {"name": Demand(), "birthdate": Demand(essential=True)}
    assert one.verification == WantedData(members={"trust_framework": WantedData()})
    assert not read(element).as_array
    assert read([element, element]).elements == (one, one)
    assert read([element]).as_array


def test_the_person_agrees_to_the_claims_and_to_the_level_where_the_verification_tells_it() -> None:
    plain = {"verification": FRAMEWORK, "claims": {"name": None}}
    deep = {"verification": {**FRAMEWORK, "evidence": [{"type": {"value": "document"}}]}, "claims": {"name": None}}
    allowed = claims_of(("openid", "profile", "identity"))

    asked = parse_claims_parameter(json.dumps({"userinfo": {"verified_claims": plain}}))
    assert asked.personal_claims(allowed) == {"name"}
    asked = parse_claims_parameter(json.dumps({"id_token": {"verified_claims": [plain, deep]}}))
    assert asked.personal_claims(allowed) == {"name", "identity_level"}
    assert asked.personal_claims(claims_of(("openid", "profile"))) == {"name"}


def test_the_person_agrees_to_attachments_by_themselves() -> None:
    element = {
        "verification": {**FRAMEWORK, "evidence": [{"type": None, "attachments": None}]},
        "claims": {"name": None},
    }
    asked = parse_claims_parameter(json.dumps({"userinfo": {"verified_claims": element}}))

    allowed = claims_of(("openid", "profile", "identity"))
    assert asked.personal_claims(allowed) == {"name", "identity_level", "attachments"}
    # Who may not have the level is not told them, so nobody is asked about them.
    assert asked.personal_claims(claims_of(("openid", "profile"))) == {"name"}


def test_who_may_not_be_told_the_level_has_not_asked_for_it() -> None:
    told = {
        "verification": {**FRAMEWORK, "assurance_level": None, "evidence": [{"type": None}]},
        "claims": {"name": None},
    }
    wanted = {"verification": {**FRAMEWORK, "assurance_level": {"value": "high"}}, "claims": {"name": None}}
    plain = {"verification": FRAMEWORK, "claims": {"name": None}}

    assert read([told]).within(frozenset({"name"})) == read([plain])
    assert read([wanted, plain]).within(frozenset({"name"})) == read([plain])
    assert read(told).within(frozenset({"name", "identity_level"})) == read(told)
    assert read(told).within(frozenset({"identity_level"})).elements == ()


def test_nothing_asked_for_is_nothing() -> None:
    assert read_verified_request({}) == read_verified_request(None) == read(None) == NOTHING_VERIFIED


def test_both_places_are_kept_apart() -> None:
    element = {"verification": FRAMEWORK, "claims": {"name": None}}
    request = parse_claims_parameter(json.dumps({"id_token": {"verified_claims": element}}))

    assert request.verified_in_id_token.claims == {"name"}
    assert request.verified_at_userinfo == NOTHING_VERIFIED
    assert not request.id_token


def test_claims_that_are_unknown_or_nobodys_to_verify_are_left_out_whatever_their_names() -> None:
    names = dict.fromkeys(("name", "email", "identity_level", "claim%1/a&,.b", "unknown"))

    assert read({"verification": FRAMEWORK, "claims": names}).claims == {"name"}


def test_constraints_are_read() -> None:
    verification = {
        "trust_framework": {"value": "vn_eid"},
        "assurance_level": {"values": ["level_1", "level_2"]},
        "time": {"max_age": 63113852},
        "evidence": [{"type": {"value": "document"}, "check_details": [{"check_method": {"value": "vpip"}}]}],
    }

    (element,) = read({"verification": verification, "claims": {"name": None}}).elements
    members = element.verification.members
    assert members["trust_framework"].demand.values == ("vn_eid",)
    assert members["assurance_level"].demand.values == ("level_1", "level_2")
    assert members["time"].max_age == 63113852
    (evidence,) = members["evidence"].filters
    assert evidence.members["check_details"].filters[0].members["check_method"].demand.values == ("vpip",)
    assert all(node.is_constrained for node in members.values())


def test_beside_a_constraint_what_is_not_understood_is_ignored_and_an_object_may_be_essential() -> None:
    verification = {
        "trust_framework": {"value": "vn_eid", "comment": 7},
        "evidence": [{"type": {"value": "document"}, "document_details": {"essential": True, "type": None}}],
    }

    (element,) = read({"verification": verification, "claims": {"name": None}}).elements
    assert element.verification.members["trust_framework"] == WantedData(demand=Demand(values=("vn_eid",)))
    (evidence,) = element.verification.members["evidence"].filters
    assert evidence.members["document_details"].members == {"type": WantedData()}


@pytest.mark.parametrize(
    "element",
    [
        *("x", 1, True, [], [None], ["x"], {}, {"verification": FRAMEWORK}, {"claims": {"name": None}}),
        {"verification": None, "claims": {"name": None}},
        {"verification": {}, "claims": {"name": None}},
        {"verification": {"time": None}, "claims": {"name": None}},
        {"verification": FRAMEWORK, "claims": None},
        {"verification": FRAMEWORK, "claims": []},
        {"verification": FRAMEWORK, "claims": {"name": 1}},
        {"verification": {"trust_framework": "vn_eid"}, "claims": {"name": None}},
        {"verification": {"trust_framework": {"value": {}}}, "claims": {"name": None}},
        {"verification": {**FRAMEWORK, "time": {"max_age": -1}}, "claims": {"name": None}},
        {"verification": {**FRAMEWORK, "time": {"max_age": "60"}}, "claims": {"name": None}},
        {"verification": {**FRAMEWORK, "time": {"max_age": True}}, "claims": {"name": None}},
        {"verification": {**FRAMEWORK, "time": {"max_age": 2**60}}, "claims": {"name": None}},
        {"verification": {**FRAMEWORK, **{f"x{n}": None for n in range(100)}}, "claims": {"name": None}},
        {
            "verification": {**FRAMEWORK, "a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {}}}}}}}}},
            "claims": {"name": {}},
        },
        [{"verification": FRAMEWORK, "claims": {"name": None}}] * 11,
    ],
)
def test_what_is_no_request_is_refused(element: object) -> None:
    with pytest.raises(InvalidRequestError):
        read(element)


def test_a_request_without_claims_must_be_refused() -> None:
    # Section 5.7.6: "If the claims sub-element is empty, the OP shall abort the transaction with an invalid_request".
    with pytest.raises(InvalidRequestError):
        read({"verification": FRAMEWORK, "claims": {}})


_NAMES = st.sampled_from(
    [
        *("verified_claims", "verification", "claims", "trust_framework", "time", "evidence", "value", "values"),
        *("essential", "max_age", "type", "check_details", "document_details", "name", "personal_number", "email"),
    ]
) | st.text(max_size=5)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=25,
)


@given(_JSON)
def test_whatever_is_asked_it_is_read_or_refused_and_never_names_what_cannot_be_verified(wanted: object) -> None:
    text = json.dumps({"userinfo": {"verified_claims": wanted}, "id_token": wanted})
    try:
        request = parse_claims_parameter(text)
    except InvalidRequestError:
        return
    assert request.verified_at_userinfo.claims <= set(VERIFIABLE_CLAIMS)
    stored = msgspec.json.decode(msgspec.json.encode(request.stored()))
    assert ClaimsRequest.from_stored(stored) == request
