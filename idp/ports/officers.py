"""Officers' accounts and posts."""

from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import AccountId
from idp.domain.officer import NewOfficer


class Officers(Protocol):
    """Every change is one transaction with its event."""

    async def add(self, officer: NewOfficer, event: Event) -> None:
        """Make the account, without a password, and give it its post.

        Raises `UsernameTakenError`, `AlreadyOfficerError` when the person has an officer's account, and
        `UnknownAgencyError`.
        """
        ...

    async def find(self, username: str) -> AccountId | None:
        """The officer's account with a canonical username, or None."""
        ...


class OfficerConflictError(Exception):
    """Something stands in the way in the record."""


class UsernameTakenError(OfficerConflictError):
    """Somebody signs in with this username already."""


class AlreadyOfficerError(OfficerConflictError):
    """The person has an officer's account."""


class UnknownAgencyError(OfficerConflictError):
    """There is no such agency."""


class PostChangedError(OfficerConflictError):
    """The officer's posts are others than were seen."""
