"""Agreeing to share, refusing, and taking it back."""

from dataclasses import replace

from idp.domain.client import Client
from idp.domain.events import ConsentGiven, ConsentRefused, ConsentWithdrawn, Origin
from idp.domain.grant import Consent
from idp.domain.ids import AccountId, ClientId
from idp.journeys.attempt import Attempts, Loaded
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.grants import Consents


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
        scopes: frozenset[str],
        claims: frozenset[str],
        origin: Origin,
    ) -> Loaded:
        """Record the consent with the terms that the client told, then let the attempt go on."""
        policy = client.claims_policy
        terms = None if policy is None else policy.version
        consent = Consent(account_id, client.client_id, scopes, claims, self._clock.now(), terms)
        event = ConsentGiven(
            origin=origin,
            account_id=account_id,
            client_id=client.client_id,
            scopes=tuple(sorted(scopes)),
            claims=tuple(sorted(claims)),
        )
        await self._consents.record(consent, event)
        return await self._attempts.advance(loaded, replace(loaded.attempt, consented=True))

    async def deny(self, loaded: Loaded, account_id: AccountId, client_id: ClientId, origin: Origin) -> None:
        """End the attempt, so that a refusal cannot be turned round; what was agreed earlier stays as it was."""
        await self._attempts.end(loaded.attempt)
        await self._audit.record(ConsentRefused(origin=origin, account_id=account_id, client_id=client_id))

    async def withdraw(self, account_id: AccountId, client_id: ClientId, origin: Origin) -> bool:
        """Take the consent back; the client's tokens end. False when there was none."""
        event = ConsentWithdrawn(origin=origin, account_id=account_id, client_id=client_id)
        return await self._consents.withdraw(account_id, client_id, self._clock.now(), event)
