"""The post that another system wants for an officer, and what becomes of the roles with it."""

from idp.domain.ids import Seconds
from idp.domain.offices.administration import roles_among
from idp.domain.offices.officer import NewPost, Post
from idp.domain.values import dataclass
from idp.journeys.joining import EntryRefusedError, Joiner


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedOfficer:
    """How an officer is to be. `held_from` None: from now on, or as it is; `joiner` counts for a new one alone.

    `active` None: as it is.
    """

    username: str
    agency_code: str
    position: str
    active: bool | None
    external_id: str | None = None
    held_from: Seconds | None = None
    held_to: Seconds | None = None
    joiner: Joiner | None = None


def wanted_post(wanted: WantedOfficer, held_from: Seconds, roles: tuple[str, ...]) -> NewPost:
    """Return the post that is wanted, from a moment on, with roles."""
    return NewPost(
        agency_code=wanted.agency_code,
        position=wanted.position,
        roles=roles,
        held_from=held_from,
        held_to=wanted.held_to,
    )


def next_post(standing: Post, wanted: WantedOfficer, now: Seconds) -> NewPost | None:
    """Return the post that has to be given for what is wanted; None where the one that stands will do.

    Another agency takes the roles away, another position does not; more time takes the administrative ones. Raises
    `EntryRefusedError` for one that would begin in the past.
    """
    moves = wanted.agency_code != standing.agency_code
    begins = wanted.held_from if wanted.held_from is not None else standing.held_from
    if not moves and wanted.position == standing.position and begins == standing.held_from:
        return None
    if begins < now and begins != standing.held_from:
        raise EntryRefusedError("heldFrom", "past")
    roles = () if moves else roles_kept(standing, begins, wanted.held_to)
    return wanted_post(wanted, Seconds(max(begins, now)), roles)


def roles_kept(standing: Post, begins: Seconds, ends: Seconds | None) -> tuple[str, ...]:
    """Return the roles for another time: nobody holds an administrative one longer than two administrators agreed."""
    longer = standing.held_to is not None and (ends is None or ends > standing.held_to)
    administrative = roles_among(standing.roles) if longer or begins < standing.held_from else frozenset()
    return tuple(role for role in standing.roles if role not in administrative)
