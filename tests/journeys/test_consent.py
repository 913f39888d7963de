from typing import cast

import pytest

from idp.domain.clients.client import Client
from idp.domain.events import Event
from idp.domain.ids import ClientId
from idp.journeys.consent import Agreed, ConsentStep
from idp.ports.audit import AuditTrail
from idp.ports.errors import StoreUnavailableError
from tests.journeys.stage import BROWSER, ORIGIN, VISITOR, Stage

GATEWAY = ClientId("gateway")
CLIENT = Client(GATEWAY)
PROFILE = frozenset({"profile"})
NOTHING: frozenset[str] = frozenset()
AGREED = Agreed(PROFILE, NOTHING, NOTHING)


async def test_a_consent_is_recorded_with_its_evidence_and_lets_the_attempt_go_on(stage: Stage) -> None:
    loaded = await stage.with_password()
    account_id = loaded.attempt.known_account

    agreed = Agreed(PROFILE, frozenset({"email"}), NOTHING)
    moved = await stage.consent.allow(loaded, account_id, CLIENT, agreed, ORIGIN)

    assert moved.attempt.consented
    given = await stage.stores.consents.get(account_id, GATEWAY)
    assert given
    assert given.covers(PROFILE, frozenset({"email"}))
    assert not given.covers(PROFILE, frozenset({"address"}))
    (event,) = await stage.events("consent.given")
    assert "profile" in event


async def test_denying_keeps_what_was_agreed_before(stage: Stage) -> None:
    loaded = await stage.with_password()
    account_id = loaded.attempt.known_account
    await stage.consent.allow(loaded, account_id, CLIENT, AGREED, ORIGIN)

    await stage.consent.deny(loaded, account_id, GATEWAY, VISITOR.origin)

    assert await stage.stores.consents.get(account_id, GATEWAY)
    assert len(await stage.events("consent.refused")) == 1


async def test_what_was_never_given_cannot_be_withdrawn(stage: Stage) -> None:
    assert not await stage.consent.withdraw(await stage.account_id(), GATEWAY, ORIGIN)
    assert await stage.events("consent.withdrawn") == []


async def test_a_withdrawn_consent_is_gone(stage: Stage) -> None:
    loaded = await stage.with_password()
    account_id = loaded.attempt.known_account
    await stage.consent.allow(loaded, account_id, CLIENT, AGREED, ORIGIN)

    assert await stage.consent.withdraw(account_id, GATEWAY, ORIGIN)

    assert await stage.stores.consents.get(account_id, GATEWAY) is None
    assert not await stage.consent.withdraw(account_id, GATEWAY, ORIGIN)
    assert len(await stage.events("consent.withdrawn")) == 1


async def test_a_consent_names_the_terms_that_the_client_told(stage: Stage) -> None:
    loaded = await stage.with_password()
    account_id = loaded.attempt.known_account
    client = Client(GATEWAY, metadata={"claims": {"name": {"purpose": "x", "legal_basis": "consent"}}})

    await stage.consent.allow(loaded, account_id, client, AGREED, ORIGIN)

    given = await stage.stores.consents.get(account_id, GATEWAY)
    assert given is not None
    assert client.claims_policy is not None
    assert given.terms == client.claims_policy.version


async def test_a_refusal_that_did_not_reach_the_record_leaves_the_question_open(stage: Stage) -> None:
    loaded = await stage.with_password()

    class Unwritable:
        async def record(self, _: Event) -> None:
            raise StoreUnavailableError

    step = ConsentStep(stage.attempts, stage.stores.consents, cast("AuditTrail", Unwritable()), stage.clock)
    with pytest.raises(StoreUnavailableError):
        await step.deny(loaded, loaded.attempt.known_account, GATEWAY, ORIGIN)
    assert await stage.attempts.load(loaded.attempt.attempt_id, BROWSER)
