"""Who may do what in the administrators' console: roles, actions, and the one table that joins them."""

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What an officer is trusted with, besides the officer's own work."""

    PROOFING_OFFICER = "proofing_officer"
    AGENCY_ADMIN = "agency_admin"
    IDENTITY_ADMIN = "identity_admin"
    CLIENT_ADMIN = "client_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"


class Reach(IntEnum):
    """How far an action reaches; the farther one counts when several roles allow it."""

    SUBTREE = 1
    """The officer's own agency and the agencies under it."""
    EVERYWHERE = 2


class Action(StrEnum):
    """One thing that somebody may do. Pages and the JSON API name the same ones."""

    ENTER = "console.enter"
    """See the first page of the console."""
    CHANGES_VIEW = "changes.view"
    """See the changes that wait for a second pair of eyes; what each kind tells is its own action's."""


_EVERYBODY: Final = MappingProxyType(dict.fromkeys(Role, Reach.SUBTREE))

PERMISSIONS: Final[Mapping[Action, Mapping[Role, Reach]]] = MappingProxyType(
    {
        Action.ENTER: _EVERYBODY,
        Action.CHANGES_VIEW: _EVERYBODY,
    }
)
"""For each action the roles that allow it, and how far; a role that is not named refuses it."""


def roles_among(names: Iterable[str]) -> frozenset[Role]:
    """Return the administrative roles among an officer's roles; agencies use others for themselves."""
    known = set(Role)
    return frozenset(Role(name) for name in names if name in known)


def reach_of(roles: Iterable[Role], action: Action) -> Reach | None:
    """Return how far somebody with `roles` may go in `action`, or None when not at all."""
    allowed = PERMISSIONS[action]
    return max((allowed[role] for role in roles if role in allowed), default=None)
