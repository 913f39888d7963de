"""What may become of an officer at once: parts of one transaction, carried out in their order."""

from typing import TypeAlias

from idp.domain.accounts.account_lock import NewLock
from idp.domain.events import Event, LockEnded, OfficerChanged
from idp.domain.ids import ClientId, Seconds
from idp.domain.offices.officer import NewPost
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class PostGiven:
    """Another post, as `Officers.give_post` gives it.

    `prolongs`: the post that ended because the one put off was to begin goes on to the one `instead`, without
    administrative roles, which end when two administrators agreed.
    """

    post: NewPost
    event: Event
    instead: bool = False
    prolongs: bool = False


@dataclass(frozen=True, slots=True)
class PostEnds:
    """The newest post ends at a moment to come, as with `Officers.end_post`."""

    at: Seconds
    event: Event


@dataclass(frozen=True, slots=True)
class Leaving:
    """Every post ends, as with `Officers.leave`.

    `only_from`: what would begin from that moment on never will be, and nothing else happens.
    """

    event: OfficerChanged
    only_from: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Renamed:
    """Another username than the one that was `seen`."""

    seen: str
    username: str
    event: Event


@dataclass(frozen=True, slots=True)
class Suspended:
    """A lock, as `Officers.suspend` opens it."""

    lock: NewLock
    event: Event


@dataclass(frozen=True, slots=True)
class Resumed:
    """The suspensions of these references end, each with `event`."""

    references: tuple[str, ...]
    event: LockEnded


@dataclass(frozen=True, slots=True)
class Noted:
    """Under which client the officer is, and what that one, which speaks for the agencies of `root`, calls him or her.

    Whom the client does not see any more gives the name up to somebody else.
    """

    client_id: ClientId
    root: str
    external_id: str | None


OfficerPart: TypeAlias = PostGiven | PostEnds | Leaving | Renamed | Suspended | Resumed | Noted
