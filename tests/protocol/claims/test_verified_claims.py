import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.accounts.account import Profile
from idp.domain.ids import Seconds
from idp.domain.people.predicates import PREDICATES
from idp.domain.people.verification import VERIFIABLE_CLAIMS, verification_of
from idp.protocol.claims.claims import Reader, parse_claims_parameter
from idp.protocol.claims.kept_claims import kept_claims
from idp.protocol.claims.verified_claims import (
    metadata,
    released_names,
    verified_at_userinfo,
    verified_in_id_token,
)
from idp.protocol.claims.verified_request import read_verified_request
from idp.protocol.errors import InvalidRequestError
from tests.protocol.world import World

PROVED_AT = "2025-07-01T09:00:00+07:00"
DOCUMENT = {
    "type": "document",
    "document_details": {"type": "idcard", "issuer": {"name": "Bộ Công an", "country_code": "VN"}},
    "check_details": [
        {"check_method": "vcrypt", "organization": "Công an Hà Nội", "time": PROVED_AT},
        {"check_method": "bvp"},
    ],
}
PAGE = {
    "desc": "the card",
    "url": "https://archive.hanoi.example.vn/pages/7f1e",
    "digest": {"alg": "sha-256", "value": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
}
RECORD = {"type": "electronic_record", "record": {"type": "population_register"}}
PERSON = Profile(
    personal_number="001099000001",
    identity_level=2,
    claims={"name": "Nguyễn Văn An", "birthdate": "1999-01-02", "email": "an@example.vn"},
    verification=verification_of(2, {"time": PROVED_AT, "evidence": [DOCUMENT, RECORD]}),
)
FRAMEWORK: dict[str, Any] = {"trust_framework": None}
FRAMEWORK_TOLD = {"trust_framework": "vn_eid"}
NAME: dict[str, Any] = {"name": None}
# 2025-07-01T03:00:00Z, an hour after the person was proved.
READER = Reader(frozenset({"openid", "profile", "identity"}), Seconds(1_751_338_800))


def told(
    verification: object = FRAMEWORK, claims: object = NAME, reader: Reader = READER, person: Profile = PERSON
) -> Any:
    """What the userinfo endpoint tells for one element."""
    request = read_verified_request({"verified_claims": {"verification": verification, "claims": claims}})
    return verified_at_userinfo(person, request, reader).get("verified_claims")


def test_a_claim_comes_with_its_trust_framework_and_nothing_that_was_not_asked() -> None:
    assert told() == {"verification": {"trust_framework": "vn_eid"}, "claims": {"name": "Nguyễn Văn An"}}


def test_verification_data_is_told_piece_by_piece() -> None:
    evidence = [
        {
            "type": {"value": "document"},
            "document_details": {"type": None, "issuer": {"country_code": None}},
            "check_details": [{"check_method": {"value": "vcrypt"}, "time": None}],
        }
    ]
    verification = {**FRAMEWORK, "assurance_level": None, "time": None, "evidence": evidence}

    assert told(verification)["verification"] == {
        "trust_framework": "vn_eid",
        "assurance_level": "level_2",
        "time": PROVED_AT,
        "evidence": [
            {
                "type": "document",
                "document_details": {"type": "idcard", "issuer": {"country_code": "VN"}},
                "check_details": [{"check_method": "vcrypt", "time": PROVED_AT}],
            }
        ],
    }


def test_filters_of_evidence_are_linked_by_or() -> None:
    evidence = [{"type": {"value": "electronic_record"}}, {"type": {"value": "document"}}]

    assert told({**FRAMEWORK, "evidence": evidence})["verification"]["evidence"] == [
        {"type": "document"},
        {"type": "electronic_record"},
    ]


@pytest.mark.parametrize(
    "verification",
    [
        {"trust_framework": {"value": "eidas"}},
        {"trust_framework": {"values": ["eidas", "nist_800_63A"]}},
        {**FRAMEWORK, "assurance_level": {"value": "level_1"}},
        {**FRAMEWORK, "time": {"max_age": 3599}},
        {**FRAMEWORK, "verification_process": {"value": "HN-1"}},
        {**FRAMEWORK, "evidence": [{"type": {"value": "vouch"}}]},
        {
            **FRAMEWORK,
            "evidence": [{"type": {"value": "document"}, "document_details": {"type": {"value": "passport"}}}],
        },
        {**FRAMEWORK, "evidence": {"value": "document"}},
        {**FRAMEWORK, "unknown": {"value": "x"}},
        {**FRAMEWORK, "unknown": {"deep": {"value": "x"}}},
        {"trust_framework": {"name": {"value": "vn_eid"}}},
    ],
)
def test_an_element_whose_verification_does_not_fulfil_what_is_required_must_be_omitted(verification: object) -> None:
    # Section 5.7.4: "the whole verified_claims element shall be omitted".
    assert told(verification) is None


@pytest.mark.parametrize(
    "verification",
    [
        {"trust_framework": {"value": "vn_eid"}},
        {"trust_framework": {"values": ["eidas", "vn_eid"]}},
        {**FRAMEWORK, "time": {"max_age": 3600}},
        {**FRAMEWORK, "assurance_level": {"essential": True, "values": ["level_2"]}},
        {**FRAMEWORK, "unknown": None, "evidence": None},
    ],
)
def test_what_is_fulfilled_or_merely_wanted_omits_nothing(verification: object) -> None:
    assert told(verification)["claims"] == {"name": "Nguyễn Văn An"}


def test_a_claim_of_another_value_is_omitted_and_its_verification_told_at_userinfo_alone() -> None:
    request = read_verified_request(
        {"verified_claims": {"verification": FRAMEWORK, "claims": {"name": {"value": "somebody else"}}}}
    )

    assert verified_at_userinfo(PERSON, request, READER) == {
        "verified_claims": {"verification": {"trust_framework": "vn_eid"}, "claims": {}}
    }
    assert verified_in_id_token(PERSON, request, READER) == {}


def test_an_array_is_answered_by_an_array_of_what_is_fulfilled() -> None:
    elements = [
        {"verification": {"trust_framework": {"value": "eidas"}}, "claims": NAME},
        {"verification": FRAMEWORK, "claims": {"birthdate": None}},
    ]
    request = read_verified_request({"verified_claims": elements})

    assert verified_in_id_token(PERSON, request, READER)["verified_claims"] == [
        {"verification": {"trust_framework": "vn_eid"}, "claims": {"birthdate": "1999-01-02"}}
    ]


@pytest.mark.parametrize("claims", [{"email": None}, {"unknown": None}, {"gender": None}])
def test_where_nothing_is_known_of_any_claim_the_element_must_be_omitted(claims: object) -> None:
    assert told(claims=claims) is None


def test_a_claim_that_the_client_may_not_have_is_not_told_and_alone_tells_nothing() -> None:
    reader = replace(READER, scopes=frozenset({"openid", "profile"}))

    assert told(claims={"name": None, "personal_number": None}, reader=reader)["claims"] == {"name": "Nguyễn Văn An"}
    assert told(claims={"personal_number": None}, reader=reader) is None
    assert told(claims=NAME, reader=replace(READER, scopes=frozenset({"openid"}))) is None


def test_the_level_and_how_it_was_reached_is_for_whoever_may_have_the_level() -> None:
    reader = replace(READER, scopes=frozenset({"openid", "profile"}))
    everything = {**FRAMEWORK, "assurance_level": None, "evidence": [{"type": {"value": "document"}}]}

    assert told({**FRAMEWORK, "assurance_level": None, "time": None}, reader=reader)["verification"] == {
        "trust_framework": "vn_eid",
        "time": PROVED_AT,
    }
    # Not by the way it is asked either.
    assert told(everything, reader=reader) is None
    assert told({**FRAMEWORK, "assurance_level": {"value": "level_2"}}, reader=reader) is None


def test_whoever_was_not_proved_has_no_verified_claims() -> None:
    request = read_verified_request({"verified_claims": {"verification": FRAMEWORK, "claims": NAME}})
    assert verified_at_userinfo(replace(PERSON, verification=None), request, READER) == {}


def test_an_element_without_what_makes_it_one_is_omitted_up_to_where_it_is_whole() -> None:
    # Section 5.7.5.
    details = {"type": {"value": "document"}, "document_details": {"issuer": {"name": None}}}

    assert told({**FRAMEWORK, "evidence": [details]})["verification"]["evidence"] == [{"type": "document"}]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (None, [PAGE]),
        ({"essential": True}, [PAGE]),
        ([{"url": None, "digest": None}], [{"url": PAGE["url"], "digest": PAGE["digest"]}]),
        # OpenID Attachments section 4.2: both are required.
        ([{"url": None, "desc": None}], None),
        ([{"desc": {"value": "somebody else's"}, "url": None, "digest": None}], None),
    ],
)
def test_attachments_are_told_whole_when_they_are_asked_for_and_never_without_their_digest(
    wanted: object, expected: object
) -> None:
    person = replace(PERSON, verification=verification_of(2, {"evidence": [{**DOCUMENT, "attachments": [PAGE]}]}))
    evidence = [{"type": None, "attachments": wanted}]
    answer = told({**FRAMEWORK, "evidence": evidence}, person=person)

    told_evidence = answer["verification"].get("evidence") if answer else None
    assert (told_evidence[0].get("attachments") if told_evidence else None) == expected
    (plain,) = told({**FRAMEWORK, "evidence": [{"type": None}]}, person=person)["verification"]["evidence"]
    assert plain == {"type": "document"}


def test_attachments_are_not_for_who_may_not_have_the_level() -> None:
    person = replace(PERSON, verification=verification_of(2, {"evidence": [{**DOCUMENT, "attachments": [PAGE]}]}))
    reader = replace(READER, scopes=frozenset({"openid", "profile"}))
    answer = told({**FRAMEWORK, "evidence": [{"type": None, "attachments": None}]}, reader=reader, person=person)

    assert answer["verification"] == FRAMEWORK_TOLD


def test_every_value_that_can_appear_stands_in_the_metadata() -> None:
    described = metadata()

    assert described["trust_frameworks_supported"] == ["vn_eid"]
    assert described["claims_in_verified_claims_supported"] == (*VERIFIABLE_CLAIMS, *PREDICATES)
    assert {DOCUMENT["type"], RECORD["type"]} <= set(described["evidence_supported"])  # type: ignore[arg-type]
    assert described["documents_check_methods_supported"]
    # OpenID Attachments section 9: required when there are external attachments.
    assert described["attachments_supported"] == ("external",)
    assert described["digest_algorithms_supported"] == ("sha-256",)


def test_the_audit_names_what_was_told_and_no_value() -> None:
    claims = {
        "name": "An",
        **verified_at_userinfo(
            PERSON, read_verified_request({"verified_claims": {"verification": FRAMEWORK, "claims": NAME}}), READER
        ),
    }

    assert sorted(released_names(claims)) == [
        "name",
        "verified_claims.claims.name",
        "verified_claims.verification.trust_framework",
    ]


_LEAVES = st.sampled_from(
    [None, {}, {"essential": True}, {"value": "vn_eid"}, {"values": ["level_2", "document"]}, {"max_age": 10**9}]
)
_KNOWN = st.sampled_from(["trust_framework", "assurance_level", "time", "evidence", "type", "check_method", "x"])
_VERIFICATIONS = st.recursive(
    _LEAVES, lambda inner: st.dictionaries(_KNOWN, inner, max_size=4) | st.lists(inner, max_size=3), max_leaves=12
)
_CLAIMS = st.dictionaries(
    st.sampled_from(["name", "birthdate", "personal_number", "email", "gender", "y"]),
    st.sampled_from([None, {}, {"value": "Nguyễn Văn An"}, {"value": "?"}]),
    max_size=4,
)
_SCOPES = st.frozensets(st.sampled_from(["openid", "profile", "identity", "email"]))


@given(st.dictionaries(_KNOWN, _VERIFICATIONS, max_size=4), _CLAIMS, _SCOPES)
def test_nothing_is_ever_told_that_was_not_asked_or_is_not_allowed(
    verification: dict[str, Any], claims: dict[str, Any], scopes: frozenset[str]
) -> None:
    element = {"verification": {**FRAMEWORK, **verification}, "claims": claims}
    try:
        request = read_verified_request({"verified_claims": element})
    except InvalidRequestError:
        return
    found = verified_at_userinfo(PERSON, request, Reader(scopes, READER.now)).get("verified_claims")
    if found is None:
        return
    assert found.keys() == {"verification", "claims"}
    assert found["claims"].keys() <= claims.keys() & {*VERIFIABLE_CLAIMS, *PREDICATES}
    assert "profile" in scopes or found["claims"].keys() <= {"personal_number"}
    assert "identity" in scopes or not found["verification"].keys() & {"assurance_level", "evidence"}
    _assert_asked(element["verification"], found["verification"])


def _assert_asked(asked: Any, answer: Any) -> None:
    """Every key of the answer was asked for where it stands."""
    if isinstance(answer, dict):
        options = asked if isinstance(asked, list) else [asked]
        assert any(isinstance(option, dict) and answer.keys() <= option.keys() for option in options)
    if isinstance(answer, dict) and isinstance(asked, dict):
        for name, value in answer.items():
            _assert_asked(asked[name], value)
    if isinstance(answer, list):
        for value in answer:
            _assert_asked(asked, value)


async def test_verified_claims_reach_id_token_and_userinfo_each_as_asked(world: World) -> None:
    element = {"verification": {**FRAMEWORK, "assurance_level": None}, "claims": {"birthdate": None}}
    asked = {"id_token": {"verified_claims": element}, "userinfo": {"verified_claims": [{**element, "claims": NAME}]}}
    grant = world.grant(claims=stored(asked))
    response = await world.sign_in(grant=grant)

    verification = {"trust_framework": "vn_eid", "assurance_level": "level_2"}
    assert world.claims(response.id_token)["verified_claims"] == {
        "verification": verification,
        "claims": {"birthdate": "1999-01-02"},
    }
    (told_at_userinfo,) = (await world.userinfo(response.access_token))["verified_claims"]
    assert told_at_userinfo == {"verification": verification, "claims": {"name": "Nguyễn Thị Ánh"}}
    released = await world.audited("claims.released")
    assert [event["at"] for event in released] == ["id_token", "userinfo"]
    assert "verified_claims.claims.birthdate" in released[0]["claims"]
    assert "1999" not in str(released)


async def test_values_asked_for_are_kept_as_tags_and_still_compared(world: World) -> None:
    name = "Nguyễn Thị Ánh"
    element = {
        "verification": {"trust_framework": {"value": "vn_eid"}, "time": None},
        "claims": {"name": {"value": name}, "birthdate": {"values": ["1999-01-03"]}},
    }
    grant = world.grant(claims=stored({"userinfo": {"verified_claims": element}}))
    response = await world.sign_in(grant=grant)

    kept = await world.stores.grants.get(grant.grant_id)
    assert kept is not None
    assert name not in json.dumps(kept.claims, ensure_ascii=False)
    assert "1999-01-03" not in json.dumps(kept.claims)
    assert kept_claims(world.keys, kept).verified_at_userinfo.claims == {"name", "birthdate"}
    assert (await world.userinfo(response.access_token))["verified_claims"]["claims"] == {"name": name}


def stored(request: dict[str, Any]) -> dict[str, Any]:
    return parse_claims_parameter(json.dumps(request)).stored()
