import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.grants.authorization_detail_types import DETAIL_TYPES
from idp.protocol.authorize.authorization_details import (
    LONGEST_PARAMETER,
    check_authorization_details,
    consent_names,
    is_always_asked,
    parse_authorization_details,
)
from idp.protocol.errors import InvalidAuthorizationDetailsError, InvalidTargetError
from tests.domain.grants.test_authorization_detail_types import DOSSIER, PAYMENT
from tests.protocol.world import API, PORTAL, World

CLIENT = replace(PORTAL, metadata={"authorization_details_types": ["dossier_access", "payment_initiation"]})
READ = {**DOSSIER, "actions": ["read"]}


def test_details_come_out_as_they_are() -> None:
    text = json.dumps([PAYMENT, DOSSIER], ensure_ascii=False)
    assert check_authorization_details(CLIENT, {"authorization_details": text}) == (PAYMENT, DOSSIER)
    assert check_authorization_details(CLIENT, {}) == ()


def test_a_type_that_the_client_did_not_register_is_refused() -> None:
    only = replace(PORTAL, metadata={"authorization_details_types": ["dossier_access"]})
    assert check_authorization_details(only, {"authorization_details": json.dumps([DOSSIER])})
    for client in (only, PORTAL):
        with pytest.raises(InvalidAuthorizationDetailsError):
            check_authorization_details(client, {"authorization_details": json.dumps([DOSSIER, PAYMENT])})


@pytest.mark.parametrize("details", [
    "", "{", "null", "[]", "{}", '"x"', "[1]", "[{}]", '[{"type":1}]', '[{"type":"unheard"}]', json.dumps(DOSSIER),
    json.dumps([DOSSIER] * 11), json.dumps([{**DOSSIER, "extra": 1}]), json.dumps([{"type": "dossier_access"}]),
    json.dumps([DOSSIER]) + " " * LONGEST_PARAMETER, "[" * 3000, '[{"type":["dossier_access"]}]', "\udc80",
])  # fmt: skip
def test_anything_else_is_refused(details: str) -> None:
    with pytest.raises(InvalidAuthorizationDetailsError):
        check_authorization_details(CLIENT, {"authorization_details": details})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
DETAIL = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(DETAIL_TYPES))},
    optional={
        "actions": JSON | st.lists(st.sampled_from(["read", "write", "initiate"])),
        "identifier": JSON,
        "instructedAmount": JSON,
        "datatypes": JSON,
    },
)


@given(st.lists(JSON | DETAIL, max_size=3))
def test_whatever_is_sent_is_as_its_type_says_or_refused(details: list[Any]) -> None:
    try:
        parsed = parse_authorization_details(json.dumps(details))
    except InvalidAuthorizationDetailsError:
        return
    assert list(parsed) == details
    for detail in parsed:
        DETAIL_TYPES[detail["type"]].check(detail)


@given(st.text(max_size=200))
def test_no_text_does_worse_than_a_refusal(text: str) -> None:
    with pytest.raises(InvalidAuthorizationDetailsError):
        parse_authorization_details(text)


def test_a_consent_keeps_the_types_and_nothing_of_what_stands_in_them() -> None:
    assert consent_names((PAYMENT, DOSSIER)) == {
        "authorization_details:payment_initiation",
        "authorization_details:dossier_access",
    }


def test_payments_are_always_asked() -> None:
    assert is_always_asked((DOSSIER, PAYMENT))
    assert not is_always_asked((DOSSIER,))
    assert not is_always_asked(())


async def test_what_was_granted_stands_in_the_response_the_token_and_introspection(world: World) -> None:
    grant = world.grant(scopes=("openid", "offline_access"), offline=True, authorization_details=(PAYMENT, DOSSIER))
    response = await world.sign_in(grant=grant)
    assert response.members()["authorization_details"] == (PAYMENT, DOSSIER)
    assert world.claims(response.access_token)["authorization_details"] == [PAYMENT, DOSSIER]
    assert list((await world.introspect(response.access_token))["authorization_details"]) == [PAYMENT, DOSSIER]
    refreshed = await world.refresh(response.refresh_token)
    assert refreshed.members()["authorization_details"] == (DOSSIER,)
    assert world.claims(refreshed.access_token)["authorization_details"] == [DOSSIER]


async def test_one_yes_to_a_payment_makes_one_token_for_it(world: World) -> None:
    grant = world.grant(scopes=("openid", "offline_access"), offline=True, authorization_details=(PAYMENT,))
    first = await world.sign_in(grant=grant)
    assert world.claims(first.access_token)["authorization_details"] == [PAYMENT]
    second = await world.refresh(first.refresh_token)
    assert "authorization_details" not in second.members()
    assert "authorization_details" not in world.claims(second.access_token)
    with pytest.raises(InvalidAuthorizationDetailsError):
        await world.refresh(second.refresh_token, authorization_details=json.dumps([PAYMENT]))


async def test_of_a_type_that_only_a_newer_release_knows_nothing_is_refreshed(world: World) -> None:
    grant = world.grant(authorization_details=({"type": "unheard"}, DOSSIER))
    response = await world.sign_in(grant=grant)
    assert (await world.refresh(response.refresh_token)).members()["authorization_details"] == (DOSSIER,)


async def test_a_resource_where_only_the_payment_could_be_made_gets_no_refreshed_token(world: World) -> None:
    grant = world.grant(authorization_details=(PAYMENT,), resources=(API,))
    response = await world.sign_in(API, grant=grant)
    assert world.claims(response.access_token)["authorization_details"] == [PAYMENT]
    with pytest.raises(InvalidTargetError):
        await world.refresh(response.refresh_token, API)


async def test_a_token_may_be_asked_for_less(world: World) -> None:
    grant = world.grant(authorization_details=(PAYMENT, DOSSIER))
    response = await world.sign_in(grant=grant, authorization_details=json.dumps([READ]))
    assert response.members()["authorization_details"] == (READ,)
    assert world.claims(response.access_token)["authorization_details"] == [READ]
    refreshed = await world.refresh(response.refresh_token, authorization_details=json.dumps([DOSSIER]))
    assert refreshed.members()["authorization_details"] == (DOSSIER,)


@pytest.mark.parametrize("asked", ["{", json.dumps([DOSSIER]), json.dumps([READ, PAYMENT])])
async def test_more_than_was_granted_is_refused(world: World, asked: str) -> None:
    grant = world.grant(authorization_details=(READ,))
    with pytest.raises(InvalidAuthorizationDetailsError):
        await world.sign_in(grant=grant, authorization_details=asked)
    response = await world.sign_in(grant=world.grant(authorization_details=(READ,)))
    with pytest.raises(InvalidAuthorizationDetailsError):
        await world.refresh(response.refresh_token, authorization_details=asked)


async def test_what_was_granted_once_is_not_asked_for_twice(world: World) -> None:
    started = {**PAYMENT, "actions": ["initiate"]}
    for asked in ([PAYMENT, PAYMENT], [PAYMENT, started], [started, started]):
        with pytest.raises(InvalidAuthorizationDetailsError):
            await world.sign_in(
                grant=world.grant(authorization_details=(PAYMENT, DOSSIER)), authorization_details=json.dumps(asked)
            )
    both = world.grant(authorization_details=(PAYMENT, started))
    response = await world.sign_in(grant=both, authorization_details=json.dumps([started, PAYMENT]))
    assert response.members()["authorization_details"] == (started, PAYMENT)


async def test_without_a_grant_of_details_none_can_be_asked_for(world: World) -> None:
    with pytest.raises(InvalidAuthorizationDetailsError):
        await world.sign_in(authorization_details=json.dumps([READ]))
