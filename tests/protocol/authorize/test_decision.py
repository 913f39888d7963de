from dataclasses import replace
from typing import Any

import pytest

from idp.domain.accounts.account import AccountKind
from idp.domain.clients.client import Client, ClientAudience
from idp.domain.clients.registration import Registration
from idp.domain.events import ConsentGiven
from idp.domain.grants.grant import Consent
from idp.domain.ids import AccountId, Seconds, SessionId, TokenHash
from idp.domain.levels.assurance import Level, Method
from idp.domain.levels.requirement import Need
from idp.journeys.attempt import Attempt
from idp.protocol.authorize.decision import Release, agreement_to, is_wanted, release_of, sign_in_need
from idp.protocol.claims.claims import parse_claims_parameter
from idp.protocol.claims.subject import subject_identifier
from tests.ports.samples import EVENT
from tests.protocol.authorize.signed_in import AGE, asked, made_for_it, needing, signed_in
from tests.protocol.world import ORIGIN, OTHER, PORTAL, World


def need(world: World, attempt: Attempt | None = None, *methods: Method, **changes: object) -> Need:
    return sign_in_need(asked(**changes), signed_in(world, *methods), attempt, world.clock.now())


def test_a_session_that_suffices_needs_nothing(world: World) -> None:
    assert need(world) is Need.NOTHING
    assert need(world, assurance=needing(Level.TWO)) is Need.NOTHING


def test_nobody_signed_in_has_to_sign_in(world: World) -> None:
    assert sign_in_need(asked(), None, None, world.clock.now()) is Need.SIGN_IN


def test_an_account_of_the_wrong_kind_does_not_count(world: World) -> None:
    client = replace(PORTAL, audience=ClientAudience.CITIZEN)
    officer = signed_in(world, kind=AccountKind.OFFICER)
    assert sign_in_need(asked(client=client), officer, None, world.clock.now()) is Need.SIGN_IN
    assert sign_in_need(asked(), officer, None, world.clock.now()) is Need.NOTHING


def test_too_few_factors_are_stepped_up_inside_the_session(world: World) -> None:
    assert need(world, None, Method.PASSWORD, assurance=needing(Level.TWO)) is Need.STEP_UP
    assert need(world, None, Method.PASSWORD, assurance=needing(Level.ONE)) is Need.NOTHING


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_a_prompt_for_a_new_sign_in_is_met_by_one_made_for_this_request_and_once(world: World, prompt: str) -> None:
    prompts = frozenset({prompt})
    assert need(world, prompts=prompts) is Need.SIGN_IN
    assert need(world, made_for_it(world), prompts=prompts) is Need.NOTHING
    assert need(world, made_for_it(world, answered=True), prompts=prompts) is Need.SIGN_IN


@pytest.mark.parametrize("changes", [
    {"signed_in": False}, {"base_session": SessionId("earlier")}, {"account_id": AccountId("somebody else")},
], ids=["unfinished", "added to an earlier sign-in", "somebody else's"])  # fmt: skip
def test_no_other_attempt_counts_as_a_new_sign_in(world: World, changes: dict[str, object]) -> None:
    assert need(world, made_for_it(world, **changes), prompts=frozenset({"login"})) is Need.SIGN_IN


def test_a_sign_in_older_than_max_age_does_not_count(world: World) -> None:
    assert need(world, max_age=AGE + 1) is Need.NOTHING
    assert need(world, max_age=AGE) is Need.SIGN_IN
    assert need(world, max_age=0) is Need.SIGN_IN
    assert need(world, made_for_it(world), max_age=0) is Need.NOTHING


def test_whom_the_client_named_must_be_signed_in(world: World) -> None:
    current = signed_in(world)
    own = subject_identifier(world.keys, PORTAL, world.citizen)
    foreign = subject_identifier(world.keys, OTHER, world.citizen)
    assert is_wanted(world.keys, asked(), current)
    assert is_wanted(world.keys, asked(subjects=frozenset({own, "other"})), current)
    assert not is_wanted(world.keys, asked(subjects=frozenset({foreign})), current)
    assert not is_wanted(world.keys, asked(subjects=frozenset()), current)


def test_what_is_released_is_told_once(world: World) -> None:
    claims = parse_claims_parameter('{"userinfo":{"name":null,"email":null,"phone_number":null}}')
    assert release_of(asked(claims=claims)) == Release(frozenset({"profile"}), frozenset({"email"}))
    assert release_of(asked(scopes=("openid",))) == Release(frozenset(), frozenset())


async def agree(world: World, *scopes: str) -> None:
    consent = Consent(world.citizen, PORTAL.client_id, frozenset(scopes), frozenset(), world.clock.now())
    event = ConsentGiven(origin=ORIGIN, account_id=world.citizen, client_id=PORTAL.client_id, scopes=scopes, claims=())
    await world.stores.consents.record(consent, event)


async def needs(world: World, attempt: Attempt | None = None, **changes: object) -> bool:
    return (await agreement_to(world.stores.consents, asked(**changes), signed_in(world), attempt)).is_missing


async def test_consent_is_asked_once_and_remembered(world: World) -> None:
    assert await needs(world)
    await agree(world, "profile")
    assert not await needs(world)


async def test_an_answer_stands_on_the_consent_in_force_or_on_none_where_nothing_was_agreed_to(world: World) -> None:
    await agree(world, "profile")
    in_force = await world.stores.consents.get(world.citizen, PORTAL.client_id)
    assert in_force is not None
    assert in_force.consent_id
    consents, current = world.stores.consents, signed_in(world)
    assert (await agreement_to(consents, asked(), current, None)).consent_id == in_force.consent_id
    lawful = asked(client=replace(PORTAL, skip_consent=True))
    assert (await agreement_to(consents, lawful, current, None)).consent_id is None


async def test_more_than_was_agreed_to_is_asked_again(world: World) -> None:
    await agree(world, "profile")
    assert await needs(world, scopes=("openid", "profile", "email"))
    assert await needs(world, claims=parse_claims_parameter('{"userinfo":{"email":null}}'))


async def test_a_public_service_with_a_legal_basis_does_not_ask(world: World) -> None:
    assert not await needs(world, client=replace(PORTAL, skip_consent=True), prompts=frozenset({"consent"}))


async def test_signing_in_alone_releases_nothing_to_agree_to(world: World) -> None:
    assert not await needs(world, scopes=("openid",))


async def test_a_client_that_registered_itself_asks_once_even_for_a_sign_in_alone(world: World) -> None:
    client = replace(PORTAL, registration=Registration(TokenHash(b"h"), Seconds(0)))
    alone: dict[str, Any] = {"scopes": ("openid",), "client": client}
    assert await needs(world, **alone)
    await agree(world)
    assert not await needs(world, **alone)
    assert await needs(world, client=client)


async def test_prompt_consent_asks_although_it_was_agreed_to(world: World) -> None:
    await agree(world, "profile")
    anew = frozenset({"consent"})
    assert await needs(world, prompts=anew)
    assert await needs(world, made_for_it(world), prompts=anew)
    assert not await needs(world, made_for_it(world, consented=True), prompts=anew)
    assert await needs(world, made_for_it(world, consented=True, answered=True), prompts=anew)
    later = made_for_it(world, consented=True, created_at=Seconds(world.clock.now() + 1))
    assert await needs(world, later, prompts=anew)


def listing(purpose: str, basis: str = "consent") -> Client:
    return replace(PORTAL, metadata={**PORTAL.metadata, "claims": {"name": {"purpose": purpose, "legal_basis": basis}}})


async def test_a_consent_is_to_a_purpose_and_another_one_is_asked_anew(world: World) -> None:
    told = listing("To address you")
    await world.stores.client_registry.save(told, EVENT)
    assert told.claims_policy is not None
    consent = Consent(
        world.citizen,
        PORTAL.client_id,
        frozenset({"profile"}),
        frozenset(),
        world.clock.now(),
        told.claims_policy.version,
    )
    await world.stores.consents.record(consent, EVENT)

    assert not await needs(world, client=told)
    assert await needs(world, client=listing("To sell you things"))
    # Where a law is the ground, nobody is asked to agree to it.
    assert not await needs(world, client=listing("By another article", "law"))


async def test_a_consent_from_before_purposes_were_told_is_asked_again_where_one_is_needed(world: World) -> None:
    await agree(world, "profile")
    assert await needs(world, client=listing("To address you"))
    assert not await needs(world, client=listing("By an article", "public_task"))
