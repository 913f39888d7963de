"""Agreeing to share, refusing, and taking it back."""

from dataclasses import replace

from idp.domain.clients.client import Client
from idp.domain.events import ConsentGiven, ConsentRefused, ConsentWithdrawn, Origin
from idp.domain.grants.grant import Consent
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.values import dataclass
from idp.journeys.attempt import Attempts, Loaded
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.grants import Consents


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a person agrees to; `told` are the claims that this releases now."""

    scopes: frozenset[str]
    claims: frozenset[str]
    told: frozenset[str]


def consent_to(client: Client, account_id: AccountId, agreed: Agreed, now: Seconds) -> Consent:
    """Return what a person agrees to now, by the terms that the client tells now."""
    policy = client.claims_policy
    version = None if policy is None else policy.version
    return Consent(account_id, client.client_id, agreed.scopes, agreed.claims, now, version, agreed.told)


def consent_given(consent: Consent, origin: Origin) -> ConsentGiven:
    """Return the event of a consent."""
    return ConsentGiven(
        origin=origin,
        account_id=consent.account_id,
        client_id=consent.client_id,
        scopes=tuple(sorted(consent.scopes)),
        claims=tuple(sorted(consent.claims)),
    )


class ConsentStep:
    """Records decisions with their evidence."""

    def __init__(self, attempts: Attempts, consents: Consents, audit: AuditTrail, clock: Clock) -> None:
        self._attempts = attempts
        self._consents = consents
        self._audit = audit
        self._clock = clock

    async def allow(
        self,
        loaded: Loaded,
        account_id: AccountId,
        client: Client,
        agreed: Agreed,
        origin: Origin,
    ) -> Loaded:
        """Record the consent, then let the attempt go on."""
        consent = consent_to(client, account_id, agreed, self._clock.now())
        await self._consents.record(consent, consent_given(consent, origin))
        return await self._attempts.advance(loaded, replace(loaded.attempt, consented=True))

    async def deny(self, loaded: Loaded, account_id: AccountId, client_id: ClientId, origin: Origin) -> None:
        """End the attempt, so that a refusal cannot be turned round; what was agreed earlier stays as it was."""
        # What is on record first: whoever is stopped in between asks again.
        await self._audit.record(ConsentRefused(origin=origin, account_id=account_id, client_id=client_id))
        await self._attempts.end(loaded.attempt)

    async def withdraw(self, account_id: AccountId, client_id: ClientId, origin: Origin) -> bool:
        """Take the consent back; the client's tokens end. False when there was none."""
        event = ConsentWithdrawn(origin=origin, account_id=account_id, client_id=client_id)
        return await self._consents.withdraw(account_id, client_id, self._clock.now(), event)
