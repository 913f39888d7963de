"""Ways back into an account that are not gone in one go, the people trusted with them, and the reset itself."""

from typing import Protocol

from idp.domain.accounts.recovery import RecoveryRequest, TrustedPerson
from idp.domain.events import Event
from idp.domain.ids import AccountId, ClientId, Seconds, TokenHash
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """A reset of an account. Everything in it holds in one transaction, or nothing does.

    `since` is when the proofs began: whatever ended all sessions after that, or locked the account, ended them too.
    `request_id` is used up by it, and `recovery_code_hash` too. The request has to be ready, unless `waits_no_more`:
    then something else was proved in place of the wait. `needs_factor`: a second factor has to be enrolled still.
    `held_until` keeps second factors from being enrolled.
    """

    account_id: AccountId
    password_hash: str
    forgets_factors: bool
    since: Seconds
    now: Seconds
    keep_until: Seconds
    request_id: str | None = None
    waits_no_more: bool = False
    needs_factor: bool = False
    recovery_code_hash: bytes | None = None
    held_until: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """The word of one helper. Where it is the last that it takes, the request has these `ready_at` and `expires_at`."""

    request_id: str
    helper: AccountId
    ready_at: Seconds
    expires_at: Seconds


class Recoveries(Protocol):
    """Requests. Each change is one conditional statement: of a veto and a reset at once, the first counts."""

    async def ask(self, request: RecoveryRequest, event: Event, code_hash: TokenHash | None = None) -> None:
        """Keep a request; `code_hash` finds it again, where somebody was handed a code."""
        ...

    async def get(self, request_id: str) -> RecoveryRequest | None:
        """One request, or None."""
        ...

    async def of_code(self, code_hash: TokenHash) -> RecoveryRequest | None:
        """The request that a code was handed over for, or None."""
        ...

    async def of_account(self, account_id: AccountId, now: Seconds, limit: int) -> tuple[RecoveryRequest, ...]:
        """The first `limit` requests about an account: what comes soonest first, so that strangers bury nothing.

        Open ones that nothing keeps but time, open ones that somebody gave a word for, other open ones, and what is
        over; the newest first of each.
        """
        ...

    async def waiting(self, account_id: AccountId, now: Seconds) -> tuple[RecoveryRequest, ...]:
        """Every request about an account that waits for the word of others, in any order."""
        ...

    async def confirm(self, word: Word, now: Seconds, event: Event, last: Event) -> RecoveryRequest | None:
        """Count the word of one helper; the request afterwards, None (and no event) when it counts no more.

        Nobody's word counts twice. The last one that it takes begins the cooling-off, and leaves the event `last` too.
        """
        ...

    async def confirmed_by(self, request_id: str) -> frozenset[AccountId]:
        """Whose word was given."""
        ...

    async def stop(self, request_id: str, now: Seconds, keep_until: Seconds, event: Event) -> bool:
        """Stop a request for good; False, and no event, when it was done, stopped or over before."""
        ...

    async def stop_all(
        self, account_id: AccountId, now: Seconds, keep_until: Seconds, event: Event, named: str | None = None
    ) -> bool:
        """Stop every open request of an account for good, and its link; False, and no event, when there was none.

        Where a request is `named`, or a link by its reference, that is not open, nothing is stopped.
        """
        ...

    async def reset(self, reset: Reset, event: Event) -> tuple[ClientId, ...] | None:
        """Replace the password; the clients that are told, None (and no event) when something does not hold any more.

        Ends every session and grant, and every other open request of the account.
        """
        ...

    async def recovery_code_stands(self, account_id: AccountId, code_hash: bytes) -> bool:
        """Whether a recovery code would be accepted; nothing is used up."""
        ...

    async def held_until(self, account_id: AccountId, now: Seconds) -> Seconds | None:
        """Until when no second factor may be enrolled; None when one may."""
        ...


class TrustedPeople(Protocol):
    """Who is trusted by whom."""

    async def of_account(self, account_id: AccountId) -> tuple[TrustedPerson, ...]:
        """Whom the account named, the first named first."""
        ...

    async def trusting(self, helper: AccountId) -> tuple[TrustedPerson, ...]:
        """Who named this account, the first first."""
        ...

    async def name(self, person: TrustedPerson, most: int, event: Event) -> bool:
        """Name somebody; False, and no event, when that is so already or `most` are named."""
        ...

    async def accept(self, account_id: AccountId, helper: AccountId, now: Seconds, event: Event) -> bool:
        """The helper is willing; False, and no event, when not asked any more or willing before."""
        ...

    async def remove(self, account_id: AccountId, helper: AccountId, event: Event) -> bool:
        """Neither is bound any more; False, and no event, when they were not."""
        ...
