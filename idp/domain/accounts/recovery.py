"""The ladder by which people get back into their accounts: a weaker proof takes longer, and more people see it.

No way back raises anything: identity level, subject, mandates and consents stay what they are. A person who lost
everything stands at a counter in the end; nobody deletes an account to begin another one.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from idp.domain.accounts.account import AccountKind
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

COOLING_OFF: Final = 48 * 3600
"""Seconds between the last word of others (trusted people, one officer) and the new password: the owner can say no."""

HELD: Final = 48 * 3600
"""Seconds after a recovery by others in which no second factor is enrolled: level 2 waits for as long."""

ACQUAINTANCE: Final = 7 * 24 * 3600
"""Seconds for which somebody has been a trusted person before his or her word counts: thieves bring their friends."""

FEWEST_PEOPLE: Final = 2
MOST_PEOPLE: Final = 5
"""How many trusted people count for anything, and how many one may name."""

OPEN_FOR: Final = 7 * 24 * 3600
"""Seconds in which trusted people may answer, and afterwards those in which the owner may come back."""

COUNTER_CODE_LIVES: Final = 72 * 3600
"""Seconds for which a code of the counter may be used by itself, as the other one that counters hand over."""

KEPT_FOR: Final = 365 * 24 * 3600
"""Seconds for which the owner sees what became of it; the audit record is kept as the law says."""


class Rung(StrEnum):
    """The rungs, strongest first."""

    AUTHENTICATOR = "authenticator"
    RECOVERY_CODE = "recovery_code"
    PEOPLE = "people"
    COUNTER = "counter"


class Credential(StrEnum):
    """What can be lost, and reset."""

    PASSWORD = "password"
    SECOND_FACTOR = "second_factor"


class Evidence(StrEnum):
    """What a way back asks for."""

    PASSWORD = "password"
    PASSKEY = "passkey"
    """A sign-in that resists phishing, made just now."""
    ONE_TIME_CODE = "one_time_code"
    RECOVERY_CODE = "recovery_code"
    CONTACT_CODE = "contact_code"
    """The code in a message to a verified contact."""
    PEOPLE = "people"
    """The word of a guardian, or of more than half of the trusted people."""
    COUNTER = "counter"
    """A code that an officer handed over who compared face and card."""
    OFFICE = "office"
    """A link from an administrator of the officer's own agency; never for whoever holds a role of administration."""


class Hearer(StrEnum):
    """Who is told."""

    CONTACTS = "contacts"
    """Every verified contact."""
    HELPERS = "helpers"
    """The guardian, or the trusted people."""


class Veto(StrEnum):
    """Who may stop it before it is done."""

    SESSION = "session"
    """Whoever is signed in."""
    CONTACT = "contact"
    """Whoever reads a verified contact, by a link in the message."""
    HELPER = "helper"
    """Any one of those who were asked."""


class Way(StrEnum):
    """The ways back, strongest first."""

    SIGN_IN = "sign_in"
    PASSKEY = "passkey"
    APP = "app"
    RECOVERY_CODE = "recovery_code"
    PEOPLE = "people"
    COUNTER_CONTACT = "counter_contact"
    COUNTER = "counter"
    OFFICE = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the ladder. `cooling_off` and `held` are seconds, before and after the reset."""

    rung: Rung
    kinds: frozenset[AccountKind]
    needs: frozenset[Evidence]
    resets: frozenset[Credential]
    told: frozenset[Hearer] = frozenset({Hearer.CONTACTS})
    vetoed_by: frozenset[Veto] = frozenset()
    cooling_off: int = 0
    held: int = 0


PASSWORD: Final = frozenset({Credential.PASSWORD})
SECOND_FACTOR: Final = frozenset({Credential.SECOND_FACTOR})
BOTH: Final = PASSWORD | SECOND_FACTOR
NOTHING_LOST: Final[frozenset[Credential]] = frozenset()
_CITIZENS: Final = frozenset({AccountKind.CITIZEN})
_OFFICERS: Final = frozenset({AccountKind.OFFICER})

LADDER: Final[Mapping[Way, Rule]] = MappingProxyType(
    {
        Way.SIGN_IN: Rule(
            rung=Rung.AUTHENTICATOR,
            kinds=_CITIZENS | _OFFICERS,
            needs=frozenset({Evidence.PASSWORD, Evidence.RECOVERY_CODE}),
            resets=SECOND_FACTOR,
        ),
        Way.PASSKEY: Rule(
            rung=Rung.AUTHENTICATOR,
            kinds=_CITIZENS | _OFFICERS,
            needs=frozenset({Evidence.PASSKEY, Evidence.CONTACT_CODE}),
            resets=PASSWORD,
        ),
        Way.APP: Rule(
            rung=Rung.AUTHENTICATOR,
            kinds=_CITIZENS,
            needs=frozenset({Evidence.ONE_TIME_CODE, Evidence.CONTACT_CODE}),
            resets=PASSWORD,
        ),
        Way.RECOVERY_CODE: Rule(
            rung=Rung.RECOVERY_CODE,
            kinds=_CITIZENS,
            needs=frozenset({Evidence.RECOVERY_CODE, Evidence.CONTACT_CODE}),
            resets=PASSWORD,
        ),
        Way.PEOPLE: Rule(
            rung=Rung.PEOPLE,
            kinds=_CITIZENS,
            needs=frozenset({Evidence.PEOPLE}),
            resets=BOTH,
            told=frozenset(Hearer),
            vetoed_by=frozenset(Veto),
            cooling_off=COOLING_OFF,
            held=HELD,
        ),
        Way.COUNTER_CONTACT: Rule(
            rung=Rung.COUNTER,
            kinds=_CITIZENS,
            needs=frozenset({Evidence.COUNTER, Evidence.CONTACT_CODE}),
            resets=BOTH,
            vetoed_by=frozenset({Veto.SESSION, Veto.CONTACT}),
        ),
        Way.COUNTER: Rule(
            rung=Rung.COUNTER,
            kinds=_CITIZENS,
            needs=frozenset({Evidence.COUNTER}),
            resets=BOTH,
            vetoed_by=frozenset({Veto.SESSION, Veto.CONTACT}),
            cooling_off=COOLING_OFF,
        ),
        Way.OFFICE: Rule(
            rung=Rung.COUNTER,
            kinds=_OFFICERS,
            needs=frozenset({Evidence.OFFICE}),
            resets=BOTH,
            vetoed_by=frozenset({Veto.SESSION, Veto.CONTACT}),
        ),
    }
)
"""The whole ladder. A counter's reset of a citizen's account forgets second factors only where they are lost."""


def counter_waits(lost: frozenset[Credential], *, has_second_factor: bool) -> int:
    """Return the seconds for which a code of the counter waits where nothing else speaks for the person.

    It does not wait where a second factor is left, which goes on to be asked for: for as long as it is.
    """
    keeps_a_factor = has_second_factor and Credential.SECOND_FACTOR not in lost
    return 0 if keeps_a_factor else LADDER[Way.COUNTER].cooling_off


def people_needed(people: int) -> int | None:
    """Return how many of so many trusted people have to confirm; None when they are too few to count."""
    return None if people < FEWEST_PEOPLE else people // 2 + 1


class RecoveryState(StrEnum):
    """How a request stands; the first three change with time."""

    WAITING = "waiting"
    """For the word of others."""
    COOLING = "cooling"
    """They have spoken; the owner can still say no."""
    READY = "ready"
    """A new password can be set."""
    DONE = "done"
    STOPPED = "stopped"
    OVER = "over"
    """Nobody answered, or nobody came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRequest:
    """A way back that is not gone in one go.

    `account_id` is None where nobody has such an identifier, which is answered like anybody's. `needed` counts the
    words that it takes, `confirmed` those that were given. `ready_at` is when the cooling-off ends, None before the
    last word. `ended` is DONE or STOPPED.
    """

    request_id: str
    account_id: AccountId | None
    way: Way
    lost: frozenset[Credential]
    asked_at: Seconds
    expires_at: Seconds
    needed: int = 0
    confirmed: int = 0
    ready_at: Seconds | None = None
    ended: RecoveryState | None = None
    ended_at: Seconds | None = None

    def state(self, now: Seconds) -> RecoveryState:
        """Return how it stands at `now`."""
        if self.ended is not None:
            return self.ended
        if now >= self.expires_at:
            return RecoveryState.OVER
        if self.ready_at is None:
            return RecoveryState.WAITING
        return RecoveryState.COOLING if now < self.ready_at else RecoveryState.READY

    def told(self, now: Seconds) -> RecoveryState:
        """Return what whoever began is told at `now`: it may be a stranger, and only about somebody can it be stopped.

        What was stopped before the last word waits on, as a request about nobody does; afterwards it is over.
        """
        if self.ended is not RecoveryState.STOPPED:
            return self.state(now)
        waits_on = self.ready_at is None and now < self.expires_at
        return RecoveryState.WAITING if waits_on else RecoveryState.OVER


@dataclass(frozen=True, slots=True)
class TrustedPerson:
    """Somebody (`helper`) whose word may let `account_id` back in, once accepted for long enough."""

    account_id: AccountId
    helper: AccountId
    named_at: Seconds
    accepted_at: Seconds | None = None

    def counts_from(self, sessions_valid_from: Seconds) -> Seconds | None:
        """From when on the word counts; None before the person agreed.

        Whoever threw a thief out, by ending every session of the account (`sessions_valid_from`), has as long as after
        the naming to see whom the thief named.
        """
        if self.accepted_at is None:
            return None
        return Seconds(max(self.accepted_at, sessions_valid_from) + ACQUAINTANCE)

    def counts_at(self, moment: Seconds, sessions_valid_from: Seconds) -> bool:
        """Whether the word counts for a request of that moment."""
        since = self.counts_from(sessions_valid_from)
        return since is not None and since <= moment
