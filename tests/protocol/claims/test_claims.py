import contextlib
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.accounts.account import Officer, Profile
from idp.domain.clients.claims_policy import ClaimNames, ClaimsPolicy
from idp.domain.ids import Seconds
from idp.protocol.claims.claim_demand import Demand
from idp.protocol.claims.claims import (
    LONGEST_PARAMETER,
    NOTHING_REQUESTED,
    ClaimsRequest,
    Reader,
    claims_at_userinfo,
    claims_in_id_token,
    parse_claims_parameter,
)
from idp.protocol.errors import InvalidRequestError

PERSON = Profile(
    personal_number="001099000001",
    identity_level=2,
    claims={"name": "Nguyễn Thị Ánh", "birthdate": "1999-01-02", "email": "anh@example.vn", "email_verified": True},
)
NOW = Seconds(1_751_338_800)  # 1 July 2025, 10:00 in the country
EVERYTHING = Reader(frozenset({"openid", "profile", "email", "identity", "officer"}), NOW)


def parsed(**sections: object) -> ClaimsRequest:
    return parse_claims_parameter(json.dumps(sections))


def test_null_and_an_empty_object_ask_for_a_claim_that_may_be_missing() -> None:
    assert parsed(userinfo={"name": None, "email": {}}).userinfo == {"name": Demand(), "email": Demand()}


def test_essential_value_and_values_are_read() -> None:
    request = parsed(id_token={"acr": {"essential": True, "values": ["urn:vn:loa:2", "urn:vn:loa:1"]}})
    assert request.acr == Demand(essential=True, values=("urn:vn:loa:2", "urn:vn:loa:1"))
    assert parsed(id_token={"sub": {"value": "248289761001"}}).subjects == ("248289761001",)


def test_nothing_about_the_sign_in_is_asked_when_the_id_token_section_is_silent() -> None:
    request = parsed(userinfo={"acr": {"value": "urn:vn:loa:2"}, "sub": {"value": "x"}})
    assert (request.acr, request.subjects, request.userinfo) == (None, (), {})


def test_unknown_members_and_unknown_claims_are_ignored() -> None:
    request = parsed(
        userinfo={"http://example.vn/claim": 7, "name": {"purpose": "…"}},
        something={"else": 1},
    )
    assert request == ClaimsRequest(userinfo={"name": Demand()})


def test_a_language_tag_is_ignored_and_never_overrides_the_plain_claim() -> None:
    assert parsed(userinfo={"name#vi": None}).userinfo == {"name": Demand()}
    request = parsed(userinfo={"name": {"essential": True}, "name#vi": None})
    assert request.userinfo == {"name": Demand(essential=True)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        "'{}'",
        '{"userinfo": []}',
        '{"userinfo": null}',
        '{"id_token": "name"}',
        '{"userinfo": {"name": true}}',
        '{"userinfo": {"name": []}}',
        '{"userinfo": {"name": {"essential": "true"}}}',
        '{"userinfo": {"name": {"values": "a"}}}',
        '{"userinfo": {"name": {"value": {"a": 1}}}}',
        '{"userinfo": {"name": {"value": null}}}',
        '{"userinfo": {"name": {"value": "a\\u0000b"}}}',
        '{"userinfo": {"name": {"value": "\\ud800"}}}',
        '{"userinfo": {"updated_at": {"value": 99999999999999999999999}}}',
        '{"userinfo": {"updated_at": {"value": NaN}}}',
        json.dumps({"userinfo": {"name": {"value": "x" * 257}}}),
        json.dumps({"userinfo": {"name": {"values": ["x"] * 51}}}),
        json.dumps({"userinfo": {f"c{i}": None for i in range(101)}}),
        "[" * LONGEST_PARAMETER,
        '{"a":' * 1600,
        " " * (LONGEST_PARAMETER + 1),
        '"\ud800"',
    ],
)
def test_a_claims_parameter_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        parse_claims_parameter(text)


def test_what_a_client_may_not_be_told_it_has_not_asked_for() -> None:
    sign_in = {"acr": {"essential": True}, "sub": {"value": "248289761001"}, "auth_time": None}
    verified = {"verification": {"trust_framework": None}, "claims": {"name": None, "birthdate": None}}
    about = {"name": None, "email": None, "verified_claims": verified}
    request = parsed(userinfo=about, id_token={**about, **sign_in}).within(frozenset({"name"}))

    assert request.userinfo.keys() == {"name"}
    assert request.id_token.keys() == {"name", *sign_in}
    assert request.verified_at_userinfo.claims == request.verified_in_id_token.claims == {"name"}
    assert request.personal_claims(frozenset({"name", "email", "birthdate"})) == {"name"}


def test_what_is_stored_with_a_grant_comes_back_the_same() -> None:
    request = parsed(userinfo={"updated_at": {"values": [1, 2.5, True, "x"]}}, id_token={"name": {"essential": True}})
    stored = msgspec.json.decode(msgspec.json.encode(request.stored()))
    assert ClaimsRequest.from_stored(stored) == request
    assert NOTHING_REQUESTED.stored() == {}
    assert ClaimsRequest.from_stored({}) == NOTHING_REQUESTED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
NAMES = st.sampled_from(["name", "email", "sub", "acr", "auth_time", "verified_claims", "name#vi", "unknown"])
DEMANDS = st.none() | st.dictionaries(st.sampled_from(["essential", "value", "values", "purpose"]), JSON, max_size=3)
SECTIONS = JSON | st.dictionaries(NAMES, DEMANDS | JSON, max_size=4)


@given(st.dictionaries(st.sampled_from(["userinfo", "id_token", "other"]), SECTIONS, max_size=3) | JSON)
def test_whatever_is_asked_for_is_refused_or_kept_with_the_grant_as_it_was_read(asked: object) -> None:
    try:
        request = parse_claims_parameter(json.dumps(asked))
    except InvalidRequestError:
        return
    stored = msgspec.json.decode(msgspec.json.encode(request.stored()))
    assert ClaimsRequest.from_stored(stored) == request


@given(st.text(max_size=200))
def test_a_claims_parameter_of_any_characters_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidRequestError):
        parse_claims_parameter(text)


def test_userinfo_has_the_claims_of_the_granted_scopes() -> None:
    claims = claims_at_userinfo(PERSON, ("openid", "email"), NOTHING_REQUESTED, EVERYTHING)
    assert claims == {"email": "anh@example.vn", "email_verified": True}


def test_the_personal_number_takes_the_scope_of_its_own() -> None:
    assert "personal_number" not in claims_at_userinfo(PERSON, ("openid", "profile"), NOTHING_REQUESTED, EVERYTHING)
    claims = claims_at_userinfo(PERSON, ("identity",), NOTHING_REQUESTED, EVERYTHING)
    assert claims == {"personal_number": "001099000001", "identity_level": 2}


def test_a_claim_asked_for_by_name_is_released_only_where_the_registration_would_allow_it() -> None:
    request = parsed(userinfo={"name": {"essential": True}, "personal_number": None})
    reader = Reader(frozenset({"openid", "profile"}), NOW)
    assert claims_at_userinfo(PERSON, ("openid",), request, reader) == {"name": "Nguyễn Thị Ánh"}
    assert request.personal_claims(reader.allowed) == {"name"}


def test_a_scope_that_the_client_lost_releases_nothing_any_more() -> None:
    assert claims_at_userinfo(PERSON, ("openid", "email"), NOTHING_REQUESTED, Reader(frozenset({"openid"}), NOW)) == {}


def test_the_id_token_has_no_personal_claim_unless_it_is_asked_for_there() -> None:
    assert claims_in_id_token(PERSON, parsed(userinfo={"name": None}), EVERYTHING) == {}
    assert claims_in_id_token(PERSON, parsed(id_token={"name": None}), EVERYTHING) == {"name": "Nguyễn Thị Ánh"}


def test_a_claim_is_left_out_when_its_value_is_not_among_those_asked_for() -> None:
    request = parsed(userinfo={"email": {"value": "else@example.vn"}, "identity_level": {"values": [True, 2]}})
    assert claims_at_userinfo(PERSON, (), request, EVERYTHING) == {"identity_level": 2}
    assert not Demand(values=(True,)).accepts(1)


def test_what_is_unknown_about_a_person_is_left_out_never_null() -> None:
    nobody = Profile(personal_number="001099000001", identity_level=0, claims={"nickname": "", "website": None})
    claims = claims_at_userinfo(nobody, ("profile", "identity", "officer"), NOTHING_REQUESTED, EVERYTHING)
    assert claims == {"personal_number": "001099000001"}


def test_recorded_facts_that_are_no_claims_of_ours_are_never_released() -> None:
    person = Profile(personal_number="001099000001", identity_level=1, claims={"password_hint": "x", "name": "N"})
    assert claims_at_userinfo(person, EVERYTHING.scopes, NOTHING_REQUESTED, EVERYTHING).keys() == {
        "name",
        "personal_number",
        "identity_level",
    }


def test_the_officer_scope_tells_place_and_roles() -> None:
    place = Officer("G10.01", "Vụ Pháp chế", "Chuyên viên", ("agency_admin",))
    officer = Profile(personal_number="001085000002", identity_level=2, officer_id="o1", officer=place)
    assert claims_at_userinfo(officer, ("officer",), NOTHING_REQUESTED, EVERYTHING) == {
        "officer_id": "o1",
        "agency": {"code": "G10.01", "name": "Vụ Pháp chế"},
        "position": "Chuyên viên",
        "roles": ["agency_admin"],
    }


LISTED = ClaimsPolicy({name: {"purpose": "x", "legal_basis": "law"} for name in ("name", "age_over_18", "resident_of")})


def test_an_allow_list_narrows_what_the_scopes_give_and_what_may_be_asked_by_name() -> None:
    reader = Reader(frozenset({"openid", "profile", "email"}), NOW, LISTED)
    request = parsed(userinfo={"birthdate": None, "email": None, "age_over_18": None, "age_over_16": None})
    told = claims_at_userinfo(PERSON, ("openid", "profile", "email"), request, reader)
    assert told == {"name": "Nguyễn Thị Ánh", "age_over_18": True}
    assert request.personal_claims(reader.allowed) == {"age_over_18"}


def test_an_allow_list_lets_a_predicate_leave_where_the_scopes_would_tell_nothing() -> None:
    reader = Reader(frozenset({"openid"}), NOW, LISTED)
    assert claims_in_id_token(PERSON, parsed(id_token={"age_over_18": None}), reader) == {"age_over_18": True}


def test_a_list_of_later_tells_by_consent_what_the_earlier_one_named() -> None:
    def terms(basis: str) -> dict[str, object]:
        return {"purpose": "Để in vé", "legal_basis": basis}

    longer = ClaimsPolicy({"name": terms("consent"), "email": terms("consent"), "birthdate": terms("law")})
    agreed = Reader(EVERYTHING.scopes, NOW, longer, listed=frozenset({"name", "gender"}))
    assert agreed.allowed == {"name", "birthdate"}
    assert claims_at_userinfo(PERSON, EVERYTHING.scopes, NOTHING_REQUESTED, agreed).keys() == {"name", "birthdate"}

    unlisted = Reader(EVERYTHING.scopes, NOW, listed=frozenset({"name"}))
    assert claims_at_userinfo(PERSON, EVERYTHING.scopes, NOTHING_REQUESTED, unlisted).keys() == {"name"}


def test_without_an_allow_list_a_predicate_is_for_who_may_have_the_whole_claim() -> None:
    request = parsed(userinfo={"age_over_18": None, "resident_of": {"value": "01"}})
    assert claims_at_userinfo(PERSON, (), request, Reader(frozenset({"openid"}), NOW)) == {}
    assert claims_at_userinfo(PERSON, (), request, EVERYTHING) == {"age_over_18": True}


def test_a_predicate_never_leaves_by_scope() -> None:
    told = claims_at_userinfo(PERSON, EVERYTHING.scopes, NOTHING_REQUESTED, EVERYTHING)
    assert not told.keys() & {"age_over_14", "age_over_18", "resident_of"}


def test_an_age_that_is_not_the_one_asked_for_is_left_out() -> None:
    request = parsed(userinfo={"age_over_18": {"value": False}, "age_over_21": {"value": True}})
    assert claims_at_userinfo(PERSON, (), request, EVERYTHING) == {"age_over_21": True}


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        ({"value": "01"}, {"resident_of": True}),
        ({"values": ["79", "00004"]}, {"resident_of": True}),
        ({"value": "79"}, {"resident_of": False}),
        (None, {}),
        ({"essential": True}, {}),
    ],
)
def test_a_residence_is_told_as_yes_or_no_about_the_places_asked_and_as_nothing_without_one(
    demand: object, expected: dict[str, bool]
) -> None:
    person = Profile("001099000001", 2, {"residence": {"province": "01", "commune": "00004"}})
    reader = Reader(frozenset({"openid", "address"}), NOW)
    request = parsed(userinfo={"resident_of": demand})
    assert claims_at_userinfo(person, ("openid", "address"), request, reader) == expected


def test_a_client_of_the_national_portal_may_ask_by_its_own_names() -> None:
    text = json.dumps({"userinfo": {"SoDinhDanh": {"essential": True}, "email": None}})
    request = parse_claims_parameter(text, ClaimNames.NATIONAL_PORTAL)
    assert request.userinfo == {"personal_number": Demand(essential=True), "email": Demand()}
    assert parse_claims_parameter(text).userinfo == {"email": Demand()}
