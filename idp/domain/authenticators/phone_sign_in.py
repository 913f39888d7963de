"""Signing in on one device with the yes of another: what is asked, what becomes of it, and who may answer.

A person at a computer shows a picture to a phone on which he or she is signed in, compares a number, and allows it. The
computer is told one thing by that: somebody holds the phone. Nothing else of the phone's session is inherited.
"""

from collections.abc import Iterable
from dataclasses import field, replace
from enum import StrEnum
from typing import Final

from idp.domain.abuse.browser_kind import BrowserKind
from idp.domain.abuse.place import Place, kilometres
from idp.domain.accounts.account import AccountKind
from idp.domain.clients.client import ClientAudience
from idp.domain.ids import AccountId, ClientId, Seconds, SessionId
from idp.domain.levels.assurance import METHODS, Factor, Level, Method, Proof, level_of
from idp.domain.values import dataclass

LIFETIME: Final = 180
"""Seconds from the picture to the answer."""

FRESHNESS: Final = 300
"""Seconds for which what the phone's owner proved to have is good enough to answer for another device."""

NEAR: Final = 300
"""Kilometres within which two networks count as near each other: maps of networks are rough."""


class PhoneStage(StrEnum):
    """How far a request came. What is over is so for good."""

    WAITING = "waiting"
    OPENED = "opened"
    ALLOWED = "allowed"
    DENIED = "denied"
    WRONG_NUMBER = "wrong_number"


class Nearness(StrEnum):
    """How two devices lie to each other, as far as their networks tell."""

    SAME_CONNECTION = "same_connection"
    NEAR = "near"
    FAR = "far"
    OTHER_COUNTRY = "other_country"
    UNKNOWN = "unknown"


class Closeness(StrEnum):
    """What an operator demands of the two devices."""

    ANY = "any"
    SAME_COUNTRY = "same_country"
    SAME_CONNECTION = "same_connection"

    def admits(self, nearness: Nearness) -> bool:
        """Whether two devices that lie so may be used together; what is not known counts as apart."""
        return self is Closeness.ANY or nearness in _ADMITTED[self]


_ADMITTED: Final = {
    Closeness.SAME_COUNTRY: frozenset({Nearness.SAME_CONNECTION, Nearness.NEAR, Nearness.FAR}),
    Closeness.SAME_CONNECTION: frozenset({Nearness.SAME_CONNECTION}),
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a device is and what it says of itself. `connection` is a keyed pseudonym of its network address."""

    connection: str
    browser: BrowserKind = field(default_factory=BrowserKind)
    place: Place | None = field(default=None, repr=False)


def nearness_of(one: Surroundings, other: Surroundings) -> Nearness:
    """Return how two devices lie to each other."""
    if one.connection == other.connection:
        return Nearness.SAME_CONNECTION
    if one.place is None or other.place is None:
        return Nearness.UNKNOWN
    if one.place.country != other.place.country:
        return Nearness.OTHER_COUNTRY
    return Nearness.FAR if kilometres(one.place, other.place) > NEAR else Nearness.NEAR


@dataclass(frozen=True, slots=True)
class PhoneRequest:
    """One request. `number` stands on the computer's screen; `account_id` is whose it is where that is known.

    `opened_by` is who opened it on a phone, the only one who can answer; `approval_id` is its name there, `valid_from`
    the account's `sessions_valid_from` at that moment: whatever ends all sessions moves it, and ends the yes with them.
    `answered_in` is the session that said yes, which ends it too; None where a node of the release before took the
    answer.
    """

    number: str
    created_at: Seconds
    expires_at: Seconds
    computer: Surroundings
    audience: ClientAudience = ClientAudience.BOTH
    client_id: ClientId | None = None
    account_id: AccountId | None = None
    stage: PhoneStage = PhoneStage.WAITING
    opened_by: AccountId | None = None
    approval_id: str = ""
    phone: Surroundings | None = None
    decided_at: Seconds | None = None
    valid_from: Seconds | None = None
    answered_in: SessionId | None = None

    def is_open(self, now: Seconds) -> bool:
        """Whether somebody can still answer."""
        return self.stage in {PhoneStage.WAITING, PhoneStage.OPENED} and now < self.expires_at

    def is_for(self, account_id: AccountId) -> bool:
        """Whether the computer signs this account in, or does not know yet which."""
        return self.account_id in {None, account_id}

    def admits(self, kind: AccountKind) -> bool:
        """Whether accounts of a kind may sign in where the computer does."""
        return self.audience.admits(kind)

    def opened(
        self, account_id: AccountId, approval_id: str, phone: Surroundings, valid_from: Seconds | None = None
    ) -> "PhoneRequest":
        """The request after somebody opened it on a phone."""
        return replace(
            self,
            stage=PhoneStage.OPENED,
            opened_by=account_id,
            approval_id=approval_id,
            phone=phone,
            valid_from=valid_from,
        )

    def stands_for(self, sessions_valid_from: Seconds) -> bool:
        """Whether nothing ended all sessions of whoever opened it since then, as far as it was written down."""
        return self.valid_from in {None, sessions_valid_from}

    def decided(self, stage: PhoneStage, now: Seconds, answered_in: SessionId | None = None) -> "PhoneRequest":
        """The request after the answer."""
        return replace(self, stage=stage, decided_at=now, answered_in=answered_in)


def own_proofs(proofs: Iterable[Proof]) -> tuple[Proof, ...]:
    """What was proved on the device itself: a yes of another phone is not passed on."""
    return tuple(proof for proof in proofs if proof.method is not Method.PHONE)


def may_answer(proofs: Iterable[Proof], now: Seconds) -> bool:
    """Whether whoever proved this on the phone may answer for another device.

    Two factors on the phone itself: a password alone, known to whoever phished it, would otherwise make a second factor
    of a second browser. And possession proved lately: a phone that lies open on a table proves nothing.
    """
    own = own_proofs(proofs)
    had = [proof.at for proof in own if Factor.POSSESSION in METHODS[proof.method].factors]
    return level_of(own) >= Level.TWO and now < max(had, default=0) + FRESHNESS


def carried(proofs: Iterable[Proof]) -> tuple[Proof, ...]:
    """What still counts for whoever proves possession anew: knowledge, and nothing that was had."""
    return tuple(proof for proof in own_proofs(proofs) if METHODS[proof.method].factors == {Factor.KNOWLEDGE})
