"""RFC 8628 section 3.3 and OpenID Connect CIBA Core section 8: what becomes of a request when the person decides.

What is allowed is a sign-in of its own, on the client that asked: it ends with its time, with a sign-out everywhere,
and when the person withdraws what was agreed, but not when the browser in which it was allowed signs out.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from idp.domain.events import ConsentRefused, Origin
from idp.domain.grants.grant import Grant
from idp.domain.ids import Seconds, SessionId
from idp.domain.levels.assurance import acr_for, authentication_methods
from idp.domain.levels.assurance_policy import Asked
from idp.domain.levels.policy_trial import shape_of
from idp.journeys.consent import consent_given, consent_to
from idp.journeys.sessions import LIMITS, CurrentSession
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clients import Clients
from idp.ports.clock import Clock, Entropy
from idp.ports.grants import Consents
from idp.protocol.authorize.response import OFFLINE_LIFETIME
from idp.protocol.claims.claims import listed_now
from idp.protocol.claims.consent_receipt import agreement
from idp.protocol.claims.scopes import OFFLINE_ACCESS, OPENID
from idp.protocol.decoupled.request import DecoupledRequest
from idp.protocol.decoupled.requests import DecoupledRequests, LoadedRequest, Reference
from idp.protocol.tokens.grant_events import Judged, authorization_granted

LONGEST_SESSION: Final = max(limits.absolute for limits in LIMITS.values())

_TRIES: Final = 20
"""A client's polls change the request too: whoever decides tries again."""


class RequestOverError(Exception):
    """The request was decided before, has expired, its client is gone, or it never was."""


class DecoupledDecisions:
    """Carries decisions out; of several at once the first counts."""

    def __init__(
        self,
        requests: DecoupledRequests,
        clients: Clients,
        consents: Consents,
        accounts: Accounts,
        audit: AuditTrail,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._requests = requests
        self._clients = clients
        self._consents = consents
        self._accounts = accounts
        self._audit = audit
        self._clock = clock
        self._entropy = entropy

    async def open(self, reference: Reference) -> LoadedRequest:
        """The request, if somebody can still decide. Raises `RequestOverError`."""
        loaded = await self._requests.find(reference, self._clock.now())
        if loaded is None or not loaded.request.is_open(self._clock.now()):
            raise RequestOverError
        return loaded

    async def allow(self, reference: Reference, current: CurrentSession, origin: Origin) -> Grant:
        """Let the client have what it asked for, and remember that the person agreed. Raises `RequestOverError`."""
        loaded = await self.open(reference)
        grant = self._grant(loaded.request, current)
        judged = _judged(loaded.request, current, grant)
        async with self._once(loaded):
            grant = await self._record(grant, judged, origin)
            await self._change(loaded, grant)
        return grant

    async def _record(self, grant: Grant, judged: Judged, origin: Origin) -> Grant:
        client = await self._clients.get(grant.client_id)
        if client is None:
            raise RequestOverError
        scopes = frozenset(grant.scopes) - {OPENID}
        agreed = agreement(client, scopes, frozenset(), await self._accounts.profile(grant.account_id))
        consent = consent_to(client, grant.account_id, agreed, grant.created_at)
        consent_id = await self._consents.record(consent, consent_given(consent, origin))
        await self._audit.record(authorization_granted(grant, origin, judged))
        return replace(grant, consent_id=consent_id, listed=listed_now(client))

    async def deny(self, reference: Reference, current: CurrentSession, origin: Origin) -> None:
        """Refuse; what was agreed earlier stays as it was. Raises `RequestOverError`."""
        loaded = await self.open(reference)
        account_id, client_id = current.account.account_id, loaded.request.client_id
        async with self._once(loaded):
            await self._audit.record(ConsentRefused(origin=origin, account_id=account_id, client_id=client_id))
            await self._change(loaded, None)

    @asynccontextmanager
    async def _once(self, loaded: LoadedRequest) -> AsyncIterator[None]:
        """Of several who decide at once, let one in. Raises `RequestOverError` for the others.

        So the decision can be recorded before it counts: whoever is stopped in between leaves nothing to redeem that is
        not in the record. What failed may be decided again; what was stopped dead expires unanswered.
        """
        if not await self._requests.begin_decision(loaded, self._clock.now()):
            raise RequestOverError
        try:
            yield
        except BaseException:
            await self._requests.abandon_decision(loaded.reference)
            raise

    async def _change(self, loaded: LoadedRequest, grant: Grant | None) -> None:
        for _ in range(_TRIES):
            request = loaded.request
            if await self._requests.replace(loaded, request.allowed(grant) if grant else request.denied()):
                return
            loaded = await self.open(loaded.reference)
        raise RequestOverError

    def _grant(self, request: DecoupledRequest, current: CurrentSession) -> Grant:
        session, account = current.session, current.account
        now = self._clock.now()
        offline = OFFLINE_ACCESS in request.scopes
        lifetime = OFFLINE_LIFETIME if offline else LIMITS[account.kind].absolute
        return Grant(
            grant_id=request.grant_id,
            client_id=request.client_id,
            account_id=account.account_id,
            session_id=SessionId(self._entropy.identifier()),
            scopes=request.scopes,
            created_at=now,
            expires_at=Seconds(now + lifetime),
            authenticated_at=session.authenticated_at,
            acr=acr_for(session.level, request.requested_acrs, session.resistance),
            amr=authentication_methods(session.proofs),
            offline=offline,
            resources=request.resources,
            valid_from=account.sessions_valid_from,
        )


def _judged(request: DecoupledRequest, current: CurrentSession, grant: Grant) -> Judged:
    asked = request.asked or Asked(request.client_id, scopes=request.scopes)
    return Judged(shape_of(asked, current.session, grant.created_at, silent=False), request.policy)


def latest_end(scopes: tuple[str, ...], request_expires_at: Seconds) -> Seconds:
    """When a grant of a request expires at the latest: its identifier says in which week (`grant_identifier`)."""
    return Seconds(request_expires_at + (OFFLINE_LIFETIME if OFFLINE_ACCESS in scopes else LONGEST_SESSION))
