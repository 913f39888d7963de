"""Locks: each stands on a ground and ends with it; an account is locked while any of them is open (Decree 69/2024)."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from idp.domain.ids import Seconds
from idp.domain.values import dataclass

PREFIX_OF_ORGANISATIONS: Final = "organisation:"
"""What stands before a tax code where a lock holds an organisation."""


class LockGround(StrEnum):
    """Why an account is locked (Decree 69/2024 articles 17 and 18)."""

    PERSON = "person"
    """The person asked for it."""
    AUTHORITY = "authority"
    """An authority asked for it, and two pairs of eyes agreed."""
    IDENTITY_CARD = "identity-card"
    """The identity card is locked."""
    CARD_EXPIRY = "card-expiry"
    RESIDENCE = "residence"
    """The residence of a foreigner expired."""
    DEATH = "death"
    IDLE = "idle"
    DISSOLUTION = "dissolution"
    """The organisation was dissolved."""
    POST_ENDED = "post-ended"
    """The officer's last post ended; a new one unlocks."""
    SUSPENDED = "suspended"
    """The officer's agency lets nobody in under this account for the time being."""
    OPERATOR = "operator"
    CLOSED = "closed"
    """The person closed the account: this one never ends."""
    MERGED = "merged"
    """The account was somebody's second one, and forwards to the first; this never ends."""


ENDED_BY_HAND: Final = (LockGround.OPERATOR, LockGround.IDLE, LockGround.PERSON)
"""Grounds that end when somebody in charge says so; the others end with what they stand on."""

NEVER_ENDS: Final = frozenset({LockGround.CLOSED, LockGround.MERGED})
"""Grounds of accounts that are no more."""

BY_AN_OPERATOR: Final = "operator"
"""The reference of locks that operators open by hand, on whatever ground: by hand they end, too."""

GIVES_WAY_TO_A_MERGE: Final = frozenset({LockGround.PERSON, LockGround.IDLE, LockGround.MERGED})
"""Grounds with which an account may be merged into another: no lock but these is lost by that."""

HOLDS_THE_PERSON: Final = frozenset({LockGround.DEATH})
"""Grounds of every account of a human; the others are about the citizen's own electronic identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLock:
    """A lock to be opened. `reference` tells two on one ground apart; `authority` says which office asked or did it.

    `until` is when it ends by itself; None: when its ground does. `reason` is a `SuspensionReason`, or empty.
    """

    ground: LockGround
    reference: str = ""
    authority: str = ""
    until: Seconds | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLock:
    """A lock as it stands: open while `ended` is None."""

    lock_id: str
    holder: str
    ground: LockGround
    reference: str
    authority: str
    since: Seconds
    until: Seconds | None
    ended: Seconds | None
    reason: str = ""


class SuspensionReason(StrEnum):
    """Why an officer is suspended: a fixed list, so that nothing private is written down."""

    INQUIRY = "inquiry"
    """The agency looks into something."""
    SECURITY = "security"
    """Somebody else may have got hold of the account."""
    ABSENCE = "absence"
    """The officer is away for long."""
    OTHER = "other"
    """It stands in the records of the office."""


class Suspender(StrEnum):
    """Who suspended an officer, which is the lock's reference: nobody lesser ends it."""

    AGENCY = ""
    """An administrator of the agency."""
    PROVISIONING = "provisioning"
    """A personnel system."""
    EVERYWHERE = "everywhere"
    """An administrator whose role reaches everywhere."""
    OPERATOR = BY_AN_OPERATOR
    """An operator, by command."""


class Lifter(StrEnum):
    """Who may end a lock."""

    AGENCY_ADMIN = "agency_admin"
    """An administrator who reaches the officer's agency."""
    SECURITY_ADMIN = "security_admin"
    """An administrator whose role reaches everywhere, alone."""
    IDENTITY_ADMIN = "identity_admin"
    """An identity administrator, once the person came to a counter."""
    AUTHORITY = "authority"
    """Two identity administrators, as an authority asks."""
    REGISTER = "register"
    """The register that told of the ground."""
    NEW_POST = "new_post"
    """Whoever gives the officer another post."""
    OPERATOR = "operator"
    """An operator, by command."""
    NOBODY = "nobody"


_LIFTERS: Final = MappingProxyType(
    {
        LockGround.PERSON: Lifter.IDENTITY_ADMIN,
        LockGround.AUTHORITY: Lifter.AUTHORITY,
        LockGround.IDENTITY_CARD: Lifter.REGISTER,
        LockGround.CARD_EXPIRY: Lifter.REGISTER,
        LockGround.RESIDENCE: Lifter.REGISTER,
        LockGround.DEATH: Lifter.REGISTER,
        LockGround.DISSOLUTION: Lifter.REGISTER,
        LockGround.IDLE: Lifter.OPERATOR,
        LockGround.OPERATOR: Lifter.OPERATOR,
        LockGround.POST_ENDED: Lifter.NEW_POST,
        LockGround.SUSPENDED: Lifter.AGENCY_ADMIN,
        LockGround.CLOSED: Lifter.NOBODY,
        LockGround.MERGED: Lifter.NOBODY,
    }
)


def lifter_of(lock: AccountLock) -> Lifter:
    """Return who may end a lock (docs/locks.md)."""
    if lock.ground is LockGround.SUSPENDED and lock.reference == Suspender.EVERYWHERE:
        return Lifter.SECURITY_ADMIN
    by_hand = lock.reference == BY_AN_OPERATOR and lock.ground not in NEVER_ENDS
    return Lifter.OPERATOR if by_hand else _LIFTERS[lock.ground]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEffect:
    """What an event of a register does to one ground of whoever it is about."""

    ground: LockGround
    locks: bool


def _locks(ground: LockGround) -> tuple[RegisterEffect, ...]:
    return (RegisterEffect(ground=ground, locks=True),)


def _ends(*grounds: LockGround) -> tuple[RegisterEffect, ...]:
    return tuple(RegisterEffect(ground=ground, locks=False) for ground in grounds)


class RegisterEvent(StrEnum):
    """What registers tell; types of Security Event Tokens (docs/registry-events.md)."""

    CARD_LOCKED = "urn:vn:register:event:card-locked"
    CARD_UNLOCKED = "urn:vn:register:event:card-unlocked"
    CARD_EXPIRED = "urn:vn:register:event:card-expired"
    CARD_ISSUED = "urn:vn:register:event:card-issued"
    DEATH = "urn:vn:register:event:death"
    DEATH_ANNULLED = "urn:vn:register:event:death-annulled"
    RESIDENCE_EXPIRED = "urn:vn:register:event:residence-expired"
    RESIDENCE_RENEWED = "urn:vn:register:event:residence-renewed"
    ORGANISATION_DISSOLVED = "urn:vn:register:event:organisation-dissolved"
    ORGANISATION_RESTORED = "urn:vn:register:event:organisation-restored"
    NUMBER_CHANGED = "urn:vn:register:event:personal-number-changed"


EFFECTS: Final = MappingProxyType(
    {
        RegisterEvent.CARD_LOCKED: _locks(LockGround.IDENTITY_CARD),
        RegisterEvent.CARD_UNLOCKED: _ends(LockGround.IDENTITY_CARD),
        RegisterEvent.CARD_EXPIRED: _locks(LockGround.CARD_EXPIRY),
        RegisterEvent.CARD_ISSUED: _ends(LockGround.IDENTITY_CARD, LockGround.CARD_EXPIRY),
        RegisterEvent.DEATH: _locks(LockGround.DEATH),
        RegisterEvent.DEATH_ANNULLED: _ends(LockGround.DEATH),
        RegisterEvent.RESIDENCE_EXPIRED: _locks(LockGround.RESIDENCE),
        RegisterEvent.RESIDENCE_RENEWED: _ends(LockGround.RESIDENCE),
        RegisterEvent.ORGANISATION_DISSOLVED: _locks(LockGround.DISSOLUTION),
        RegisterEvent.ORGANISATION_RESTORED: _ends(LockGround.DISSOLUTION),
        RegisterEvent.NUMBER_CHANGED: (),
    }
)
"""What each event does to which ground. Another number locks nothing: the record changes."""

ABOUT_ORGANISATIONS: Final = frozenset({RegisterEvent.ORGANISATION_DISSOLVED, RegisterEvent.ORGANISATION_RESTORED})


class RegisterOutcome(StrEnum):
    """What became of an event."""

    APPLIED = "applied"
    OVERTAKEN = "overtaken"
    """A later event on the same ground came before, or this one did."""
    CONTRADICTED = "contradicted"
    """It was kept, and cannot be true of the person who came."""
    KEPT = "kept"
    """Nobody here is whom it is about: it waits until somebody is."""


_YEAR: Final = 365 * 24 * 3600
KEPT_FOR: Final = MappingProxyType(
    {
        LockGround.IDENTITY_CARD: 2 * _YEAR,
        LockGround.CARD_EXPIRY: 2 * _YEAR,
        LockGround.RESIDENCE: 2 * _YEAR,
        LockGround.DEATH: 10 * _YEAR,
    }
)
"""Seconds for which what a register told on a ground waits for somebody to have the number."""

NUMBER_CHANGES_KEPT_FOR: Final = 10 * _YEAR
"""The same for what number became which."""
