"""Signals of a sign-in that is not its owner's, and the risk that each combination makes: one frozen table.

Everything here is computed from data that we hold. No signal proves anything by itself: people buy telephones, travel
and mistype. A new device alone therefore never raises the risk; the owner is told of it, and that is all.
"""

from collections.abc import Collection, Iterable
from dataclasses import field
from enum import StrEnum
from typing import Final

from idp.domain.abuse.place import Place, kilometres
from idp.domain.abuse.risk import Risk
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

FASTEST: Final = 900
"""Kilometres an hour: an airliner."""

NEAR: Final = 300
"""Kilometres within which no journey is impossible: networks are put on the map only roughly."""

MANY_FAILURES: Final = 5
"""Wrong tries on one account within `FAILURE_WINDOW` that count as a signal."""

FAILURE_WINDOW: Final = 3600
"""Seconds."""

DORMANT: Final = 365 * 24 * 3600
"""Seconds without a sign-in after which an account counts as dormant."""

REMEMBERED: Final = 10
"""Places to sign in from (a device in a network) that are kept of an account, the latest ones."""

KEPT: Final = 2 * 365 * 24 * 3600
"""Seconds for which one of them is kept after the last sign-in from it."""


class Signal(StrEnum):
    """What may be odd about a sign-in."""

    NEW_DEVICE = "new_device"
    NEW_NETWORK = "new_network"
    IMPOSSIBLE_TRAVEL = "impossible_travel"
    RECENT_FAILURES = "recent_failures"
    UNDER_ATTACK = "under_attack"
    DORMANT = "dormant"


@dataclass(frozen=True, slots=True)
class PastSignIn:
    """A sign-in of the past: on which device, from which network and place, when last.

    `device` is the name in the cookie of a known device, `network` a keyed pseudonym of the network.
    """

    account_id: AccountId
    device: str
    network: str
    at: Seconds
    place: Place | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """A sign-in at hand. `device` is None on one that the account never signed in on; `failures` are recent ones."""

    now: Seconds
    device: str | None
    network: str
    place: Place | None = None
    failures: int = 0
    under_attack: bool = False


TABLE: Final[tuple[tuple[frozenset[Signal], Risk], ...]] = (
    (frozenset({Signal.IMPOSSIBLE_TRAVEL, Signal.NEW_DEVICE, Signal.RECENT_FAILURES}), Risk.HIGH),
    (frozenset({Signal.NEW_DEVICE, Signal.NEW_NETWORK, Signal.RECENT_FAILURES, Signal.UNDER_ATTACK}), Risk.HIGH),
    (frozenset({Signal.IMPOSSIBLE_TRAVEL}), Risk.RAISED),
    (frozenset({Signal.NEW_DEVICE, Signal.NEW_NETWORK, Signal.RECENT_FAILURES}), Risk.RAISED),
    (frozenset({Signal.NEW_DEVICE, Signal.UNDER_ATTACK}), Risk.RAISED),
    (frozenset({Signal.NEW_DEVICE, Signal.NEW_NETWORK, Signal.DORMANT}), Risk.RAISED),
)
"""Read from the top: the first row of which every signal is there decides."""


def risk_of(signals: Collection[Signal]) -> Risk:
    """Return the risk that signals together make."""
    return next((risk for combination, risk in TABLE if combination <= set(signals)), Risk.NONE)


def signals_of(history: Iterable[PastSignIn], found: Circumstances) -> frozenset[Signal]:
    """Return what is odd about a sign-in, compared with the ones before.

    Without any before it there is nothing to compare with: then only failures and an attack can be seen.
    """
    past = sorted(history, key=lambda one: one.at, reverse=True)
    rows = (
        (Signal.NEW_DEVICE, bool(past) and found.device is None),
        (Signal.NEW_NETWORK, bool(past) and found.network not in {one.network for one in past}),
        (Signal.IMPOSSIBLE_TRAVEL, bool(past) and is_impossible(past[0], found)),
        (Signal.RECENT_FAILURES, found.failures >= MANY_FAILURES),
        (Signal.UNDER_ATTACK, found.under_attack),
        (Signal.DORMANT, bool(past) and found.now - past[0].at >= DORMANT),
    )
    return frozenset(signal for signal, applies in rows if applies)


def is_impossible(last: PastSignIn, found: Circumstances) -> bool:
    """Whether nobody gets from the place of the last sign-in to this one's in the time between; unknown places: no."""
    if last.place is None or found.place is None:
        return False
    distance = kilometres(last.place, found.place)
    return distance > NEAR and distance * 3600 > FASTEST * max(found.now - last.at, 0)
