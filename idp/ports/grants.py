"""Grants and the tokens under them: durable, each method one transaction that carries its audit events along."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Protocol

from idp.domain.clients.claims_policy import ClaimsPolicy
from idp.domain.events import Event
from idp.domain.grants.grant import Consent, ConsentEvidence, Grant, RefreshHashes, RevocationReason
from idp.domain.ids import AccountId, ClientId, GrantId, Seconds, SessionId, TokenHash


class Start(Enum):
    """What came of starting a grant."""

    STARTED = auto()
    REVOKED_MEANWHILE = auto()
    """Recorded, but a replay of its code revoked it first: the tokens go out and are dead on arrival."""
    ENDED_MEANWHILE = auto()
    """After the code was issued, the session was ended, the account locked or the consent withdrawn: it is recorded as
    revoked, without the events. Nothing may go out."""
    ALREADY_STARTED = auto()
    """The code was redeemed before, although the short-lived store had forgotten: nothing was written."""


class Turn(Enum):
    """What came of turning a refresh token."""

    TURNED = auto()
    REUSED = auto()
    """The token was used before: the family is revoked now, in the same transaction, unless it was to be spared."""
    GONE = auto()
    """Unknown, expired, revoked, or another client's."""


class Grants(Protocol):
    """The authorizations given."""

    async def start(self, grant: Grant, events: Sequence[Event]) -> Start:
        """Record a new grant. For one grant identifier, every answer but `ALREADY_STARTED` comes back at most once."""
        ...

    async def get(self, grant_id: GrantId) -> Grant | None:
        """The grant, revoked or expired ones included; None when unknown."""
        ...

    async def find_by_family(self, presented: RefreshHashes) -> Grant | None:
        """The grant whose refresh family this is, whatever the turn, or None."""
        ...

    async def turn(
        self,
        client_id: ClientId,
        presented: RefreshHashes,
        replacement: TokenHash,
        now: Seconds,
        events: Sequence[Event],
        reuse_events: Sequence[Event] | None,
    ) -> Turn:
        """Replace the current turn of a live family if `presented` is it; a replacement that is the same changes none.

        `events` are written when it is, `reuse_events` when the family is live but the turn was used before. None in
        their place spares the family.
        """
        ...

    async def revoke(self, grant_id: GrantId, reason: RevocationReason, now: Seconds, event: Event) -> None:
        """End the grant and all its tokens; also effective when the grant is recorded only afterwards."""
        ...

    async def revoke_access_token(self, token_id: str, expires_at: Seconds, event: Event) -> None:
        """Remember a revoked access token (`jti`) until it would have expired."""
        ...

    async def access_token_grant(self, token_id: str, grant_id: GrantId | None) -> tuple[bool, Grant | None]:
        """One look-up for a bearer token: whether its `jti` was revoked, and its grant (client credentials: None).

        A grant whose account is locked, gone, or had its sessions ended since, is None too.
        """
        ...

    async def end_session(self, session_id: SessionId, now: Seconds, event: Event) -> tuple[ClientId, ...]:
        """End the grants bound to a session and queue a logout token for each client that wants one; those clients."""
        ...

    async def clients_of_session(self, session_id: SessionId) -> tuple[ClientId, ...]:
        """Every client that was given a grant in this session."""
        ...


class Consents(Protocol):
    """What people agreed to share."""

    async def get(self, account_id: AccountId, client_id: ClientId) -> Consent | None:
        """The consent in force, or None."""
        ...

    async def of_account(self, account_id: AccountId) -> tuple[Consent, ...]:
        """All consents in force, newest first."""
        ...

    async def record(self, consent: Consent, event: Event) -> str:
        """Add to what was agreed before on the same terms (scopes and claims are united), with its evidence.

        On other terms it takes the place of what was agreed before: nobody agreed to that on these. Returns the
        `consent_id` of what is in force now: it stays until that is withdrawn.
        """
        ...

    async def agreed_terms(self, consent: Consent) -> ClaimsPolicy:
        """The allow-list that the consent was given under; an empty one where the client had none."""
        ...

    async def decisions(self, account_id: AccountId, after: str, limit: int) -> tuple[ConsentEvidence, ...]:
        """At most `limit` decisions of the account, newest first; `after`: go on behind this one, empty at first."""
        ...

    async def decision(self, account_id: AccountId, evidence_id: str) -> ConsentEvidence | None:
        """One decision of this account, or None."""
        ...

    async def withdraw(self, account_id: AccountId, client_id: ClientId, now: Seconds, event: Event) -> bool:
        """Withdraw, and revoke the client's grants of this account, those of codes that are under way too.

        Returns False when there was none.
        """
        ...
