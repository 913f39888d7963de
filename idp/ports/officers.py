"""Officers' accounts and posts."""

from collections.abc import Sequence
from typing import Protocol

from idp.domain.accounts.account_lock import NewLock
from idp.domain.events import Event, LockEnded, OfficerChanged, Origin
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.offices.officer import NewOfficer, NewPost, OfficerAccount
from idp.domain.values import dataclass
from idp.ports.officer_parts import OfficerPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """An officer whom another system looks after. `external_id` is what that system says; it is personal data."""

    officer: OfficerAccount
    client_id: ClientId | None = None
    external_id: str | None = None
    changed_at: Seconds


class Officers(Protocol):
    """Every change is one transaction with its event. No two posts of one officer overlap."""

    async def add(self, officer: NewOfficer, event: Event, further: Sequence[OfficerPart] = ()) -> None:
        """Make the account, without a password, and give it its post; then what is to happen `further`, or nothing.

        Raises `UsernameTakenError`, `AlreadyOfficerError` when the person has an officer's account, `PersonHeldError`,
        `UnknownAgencyError`, and what `ProvisionedOfficers.change` raises.
        """
        ...

    async def find(self, username: str) -> AccountId | None:
        """The officer's account with a canonical username, or None."""
        ...

    async def is_free(self, username: str, account_id: AccountId) -> bool:
        """Whether nobody but this account signs in with a canonical username, officer or not."""
        ...

    async def get(self, account_id: AccountId) -> OfficerAccount | None:
        """One officer, or None."""
        ...

    async def of_person(self, person_id: PersonId) -> AccountId | None:
        """The officer's account of a human, or None."""
        ...

    async def of_identifier(self, officer_id: str) -> AccountId | None:
        """The officer's account with an officer identifier, or None."""
        ...

    async def of_agency(self, code: str, now: Seconds) -> tuple[OfficerAccount, ...]:
        """Everybody who holds a post in one agency, or will; each with these posts alone, in no order."""
        ...

    async def give_post(
        self, account_id: AccountId, post: NewPost, seen: str, event: Event, *, instead: bool = False
    ) -> None:
        """Give another post; whatever is held at its beginning ends there. Who was out of office is unlocked.

        What begins later stays, and the post ends there at the latest. A post with an administrative role ends the
        account's activation link, which would lend the role.
        `instead`: the post `seen`, and whatever begins after the new one, never will be held.
        Raises `PostChangedError` when the officer's newest post is not `seen`, or somebody took the account over since
        where that is a `holder_version`, and `UnknownAgencyError`.
        """
        ...

    async def end_post(self, account_id: AccountId, seen: str, at: Seconds, event: Event) -> None:
        """Let the newest post end at a moment to come; at the one where it was to begin, it never does.

        Raises `PostChangedError` when it is not `seen`, is over, or would last longer than it does.
        """
        ...

    async def leave(self, account_id: AccountId, seen: str, now: Seconds, event: OfficerChanged) -> None:
        """End every post now, lock the account, end sessions and grants.

        Raises `PostChangedError` when the officer's newest post is not `seen`: somebody else's may end with it.
        """
        ...

    async def come_back(
        self,
        seen: OfficerAccount,
        username: str,
        post: NewPost,
        renamed: Event,
        joined: Event,
        further: Sequence[OfficerPart] = (),
    ) -> None:
        """Give an officer who is out of office a username, a post and what is to happen `further`: all, or nothing.

        Raises what `ProvisionedOfficers.change` raises.
        """
        ...

    async def suspend(self, account_id: AccountId, lock: NewLock, seen: str, now: Seconds, event: Event) -> None:
        """Open a lock, end sessions and grants. Where it is open nothing happens.

        Raises `PostChangedError` when the officer's newest post is not `seen`: another agency may look after it now.
        """
        ...

    async def resume(
        self, account_id: AccountId, references: Sequence[str], seen: str, now: Seconds, event: LockEnded
    ) -> None:
        """End the suspensions of these references, each with `event`. Raises `PostChangedError` likewise."""
        ...

    async def settle(self, now: Seconds, limit: int, origin: Origin) -> int:
        """Whoever's post ended, and has no other: lock the account and end what it has open; how many ended posts.

        To be called every few seconds.
        """
        ...


class ProvisionedOfficers(Protocol):
    """Officers as another system sees them: those of one subtree of agencies."""

    async def get(self, account_id: AccountId, root: str) -> Provisioned | None:
        """One officer whose latest post is in the subtree and who was not handed over for good, or None."""
        ...

    async def page(self, root: str, skip: int, limit: int) -> tuple[int, tuple[Provisioned, ...]]:
        """How many there are in the subtree, and some of them in a fixed order."""
        ...

    async def find_external(self, client_id: ClientId, external_id: str) -> AccountId | None:
        """Whom a client calls so, or None."""
        ...

    async def change(self, account_id: AccountId, seen: str, parts: Sequence[OfficerPart], now: Seconds) -> None:
        """Carry parts out in their order, all of them or none.

        Raises `PostChangedError` when the officer's newest post is not `seen`, or somebody renamed the officer since;
        `UsernameTakenError`, `ExternalIdTakenError` when the client sees another officer of that name, and
        `UnknownAgencyError`.
        """
        ...


class OfficerConflictError(Exception):
    """Something stands in the way in the record."""


class UsernameTakenError(OfficerConflictError):
    """Somebody signs in with this username already."""


class AlreadyOfficerError(OfficerConflictError):
    """The person has an officer's account, or there is no such person."""


class PersonHeldError(OfficerConflictError):
    """A lock holds the person (`domain.accounts.account_lock.HOLDS_THE_PERSON`), and with that every account."""


class UnknownAgencyError(OfficerConflictError):
    """There is no such agency."""


class PostChangedError(OfficerConflictError):
    """The officer's posts, or the username, are others than were seen."""


class ExternalIdTakenError(OfficerConflictError):
    """The client calls another officer so."""
