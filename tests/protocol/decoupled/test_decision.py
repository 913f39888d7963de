from asyncio import gather
from dataclasses import replace

import pytest

from idp.domain.events import Event
from idp.domain.grants.grant import PREFIX, expiry_week
from idp.domain.ids import Seconds
from idp.journeys.consent import Agreed, consent_given, consent_to
from idp.protocol.authorize.response import OFFLINE_LIFETIME
from idp.protocol.decoupled.decision import DecoupledDecisions, RequestOverError, latest_end
from idp.protocol.decoupled.device_authorization import LIFETIME
from idp.protocol.decoupled.errors import AuthorizationPendingError, PersonDeniedError
from idp.protocol.decoupled.request import DecoupledRequest, Kind
from idp.protocol.decoupled.requests import DecoupledRequests, LoadedRequest, reference_of
from tests.protocol.authorize.signed_in import signed_in
from tests.protocol.decoupled.asking import Asking, as_device
from tests.protocol.world import ORIGIN, PORTAL, World


async def test_what_was_allowed_is_remembered_as_consent_with_its_evidence(asking: Asking, world: World) -> None:
    codes = await asking.codes(scope="openid profile email")
    await asking.allow(codes.device_code)
    consent = await world.stores.consents.get(world.citizen, PORTAL.client_id)
    assert consent is not None
    assert consent.scopes == {"profile", "email"}
    assert consent.told is not None
    assert "name" in consent.told
    assert "website" not in consent.told, "nothing is known of it"
    (given,) = await world.audited("consent.given")
    assert given["scopes"] == ["email", "profile"]
    (granted,) = await world.audited("authorization.granted")
    assert granted["client_id"] == "portal"


async def test_what_a_browser_agreed_to_by_the_same_list_stays_agreed(asking: Asking, world: World) -> None:
    listed = {name: {"purpose": "To print the ticket.", "legal_basis": "consent"} for name in ("name", "age_over_18")}
    client = replace(as_device(PORTAL), metadata={**PORTAL.metadata, "claims": listed})
    await world.save(client)
    agreed = Agreed(frozenset({"email"}), frozenset({"age_over_18"}), frozenset({"email", "age_over_18"}))
    earlier = consent_to(client, world.citizen, agreed, world.clock.now())
    await world.stores.consents.record(earlier, consent_given(earlier, ORIGIN))
    codes = await asking.codes(scope="openid profile")
    await asking.allow(codes.device_code)
    consent = await world.stores.consents.get(world.citizen, PORTAL.client_id)
    assert consent is not None
    assert consent.scopes == {"email", "profile"}
    assert consent.claims == {"age_over_18"}
    assert client.claims_policy is not None
    assert consent.terms == client.claims_policy.version
    evidence = await world.stores.consents.decisions(world.citizen, "", 2)
    assert [each.terms for each in evidence] == [consent.terms, consent.terms]


async def test_a_refusal_is_recorded_and_final(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    await asking.deny(codes.device_code)
    assert len(await world.audited("consent.refused")) == 1
    with pytest.raises(RequestOverError):
        await asking.allow(codes.device_code)
    with pytest.raises(PersonDeniedError):
        await asking.poll(codes.device_code)


async def test_of_fifty_decisions_at_once_one_counts(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    decisions = [asking.allow(codes.device_code) if turn % 2 else asking.deny(codes.device_code) for turn in range(50)]
    outcomes = await gather(*decisions, return_exceptions=True)
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, RequestOverError) for outcome in outcomes) == 49
    decided = await world.audited("authorization.granted") + await world.audited("consent.refused")
    assert len(decided) == 1


class Stopped(DecoupledRequests):
    """As if the process were killed before it changed the request."""

    async def replace(self, loaded: LoadedRequest, changed: DecoupledRequest) -> bool:
        raise ConnectionAbortedError


class Unwritten:
    """An audit trail whose disk is full."""

    async def record(self, *events: Event) -> None:
        raise ConnectionAbortedError


@pytest.mark.parametrize(("decision", "event"), [("allow", "authorization.granted"), ("deny", "consent.refused")])
async def test_a_decision_is_in_the_record_before_it_counts(
    asking: Asking, world: World, decision: str, event: str
) -> None:
    codes = await asking.codes()
    stores = world.stores
    requests = Stopped(stores.short_lived, world.foundation.keystore.vault())
    stopped = DecoupledDecisions(
        requests, stores.clients, stores.consents, stores.accounts, stores.audit_trail, world.clock, world.entropy
    )
    decide = stopped.allow if decision == "allow" else stopped.deny
    with pytest.raises(ConnectionAbortedError):
        await decide(reference_of(Kind.DEVICE, codes.device_code), signed_in(world), ORIGIN)
    assert len(await world.audited(event)) == 1
    with pytest.raises(AuthorizationPendingError):
        await asking.poll(codes.device_code)


@pytest.mark.parametrize("decision", ["allow", "deny"])
async def test_a_decision_that_cannot_be_recorded_does_not_count_and_can_be_made_again(
    asking: Asking, world: World, decision: str
) -> None:
    codes = await asking.codes()
    stores = world.stores
    failing = DecoupledDecisions(
        asking.requests, stores.clients, stores.consents, stores.accounts, Unwritten(), world.clock, world.entropy
    )
    decide = failing.allow if decision == "allow" else failing.deny
    with pytest.raises(ConnectionAbortedError):
        await decide(reference_of(Kind.DEVICE, codes.device_code), signed_in(world), ORIGIN)
    with pytest.raises(AuthorizationPendingError):
        await asking.poll(codes.device_code)
    world.clock.seconds += 5
    await asking.allow(codes.device_code)
    assert (await asking.poll(codes.device_code)).access_token


async def test_polls_meanwhile_do_not_undo_a_decision(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    polls = [asking.poll(codes.device_code) for _ in range(5)]
    await gather(asking.deny(codes.device_code), *polls, return_exceptions=True)
    with pytest.raises(PersonDeniedError):
        await asking.poll(codes.device_code)


async def test_nobody_decides_once_the_request_has_expired(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    world.clock.seconds += LIFETIME
    with pytest.raises(RequestOverError):
        await asking.allow(codes.device_code)
    with pytest.raises(RequestOverError):
        await asking.decisions.deny(reference_of(Kind.DEVICE, "never"), signed_in(world), ORIGIN)


async def test_what_was_allowed_remembers_which_ending_its_account_was_read_after(asking: Asking, world: World) -> None:
    current = signed_in(world)
    ahead = Seconds(world.clock.now() + 1)
    current = replace(current, account=replace(current.account, sessions_valid_from=ahead))
    codes = await asking.codes()
    grant = await asking.decisions.allow(reference_of(Kind.DEVICE, codes.device_code), current, ORIGIN)
    assert (grant.valid_from, grant.created_at) == (ahead, world.clock.now())


async def test_what_was_allowed_remembers_the_list_of_that_moment(asking: Asking, world: World) -> None:
    listed = {"name": {"purpose": "To print the ticket.", "legal_basis": "consent"}}
    await world.save(replace(as_device(PORTAL), metadata={**PORTAL.metadata, "claims": listed}))
    codes = await asking.codes()
    grant = await asking.decisions.allow(reference_of(Kind.DEVICE, codes.device_code), signed_in(world), ORIGIN)
    assert grant.listed == ("name",)


@pytest.mark.parametrize("scope", ["openid", "openid offline_access"])
async def test_the_identifier_of_the_grant_says_a_week_that_it_does_not_outlive(
    asking: Asking, world: World, scope: str
) -> None:
    codes = await asking.codes(scope=scope)
    world.clock.seconds += LIFETIME - 1
    grant = await asking.decisions.allow(reference_of(Kind.DEVICE, codes.device_code), signed_in(world), ORIGIN)
    assert grant.grant_id[:PREFIX] >= expiry_week(grant.expires_at)
    assert grant.offline is ("offline_access" in scope)
    lasts = grant.expires_at - grant.created_at
    assert (lasts == OFFLINE_LIFETIME) is grant.offline
    assert grant.expires_at <= latest_end(grant.scopes, Seconds(world.clock.now() + 1))


async def test_each_allowed_request_is_a_session_of_its_own(asking: Asking, world: World) -> None:
    current = signed_in(world)
    first, second = await asking.codes(), await asking.codes()
    grants = [
        await asking.decisions.allow(reference_of(Kind.DEVICE, codes.device_code), current, ORIGIN)
        for codes in (first, second)
    ]
    assert len({grant.session_id for grant in grants} | {current.session.session_id}) == 3
