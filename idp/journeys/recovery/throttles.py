"""How often somebody may try to get back in: nobody empties the buckets of an owner's own browser.

Strangers are bounded by address and network first, and then all together, because each code is a message to the owner.
Devices that signed in before are outside of that: those that gave two factors have a bucket together, and those that
gave a password alone have another one, so that whoever knows just the password takes nothing from them either.
"""

from idp.domain.ids import AccountId
from idp.domain.levels.assurance import Level
from idp.domain.values import dataclass
from idp.journeys.recovery.recovering import LIFETIME
from idp.journeys.throttling import Throttles, Throttling, for_several
from idp.journeys.visitor import KnownDevices, Visitor
from idp.ports.short_lived import Throttle


@dataclass(frozen=True, slots=True)
class Whence:
    """Where somebody comes from; `device` is one on which the person signed in to `level`, the best it has."""

    source: str
    network: str
    device: str | None = None
    level: Level = Level.NONE


def whence(devices: KnownDevices, visitor: Visitor, account_id: AccountId | None) -> Whence:
    """Return where a visitor comes from who wants to get back into an account, or into none."""
    source, network = visitor.origin.source, visitor.network or visitor.origin.source
    for level in (Level.TWO, Level.ONE):
        if device := devices.recognise(visitor.device, account_id, level):
            return Whence(source, network, device, level)
    return Whence(source, network)


def for_beginning(person: str, come: Whence) -> Throttles:
    """Buckets of naming an account. `person` is a keyed hash of the account, or of what was typed for nobody."""
    if come.device:
        return (
            Throttle(f"throttle:rbd:{person}:{come.device}", burst=10, interval=60),
            Throttle(f"throttle:rbk:{int(come.level)}:{person}", burst=30, interval=300),
        )
    return (
        Throttle(f"throttle:rbp:{person}:{come.source}", burst=5, interval=900),
        Throttle(f"throttle:rbn:{person}:{come.network}", burst=10, interval=3600),
        Throttle(f"throttle:rba:{person}", burst=30, interval=300),
        Throttle(f"throttle:rbs:{come.source}", burst=60, interval=30),
    )


def for_codes(person: str, come: Whence) -> Throttles:
    """Codes made, and so messages to one person: apart from those that the person's own sign-ins send.

    All strangers together make 24 and then 24 a day. Each code has five tries, so they try 240 of a million on the
    first day and 120 on each one after it: in a year one chance in 23, with a message to the owner for each five tries.
    Whoever meets a code has one of two proofs then, and 30 minutes for the other one (`for_proofs`).
    """
    if come.device:
        return (
            Throttle(f"throttle:rmd:{person}:{come.device}", burst=4, interval=900),
            Throttle(f"throttle:rmk:{int(come.level)}:{person}", burst=8, interval=3600),
        )
    return (
        Throttle(f"throttle:rms:{person}:{come.source}", burst=4, interval=4 * 3600),
        Throttle(f"throttle:rmn:{person}:{come.network}", burst=6, interval=4 * 3600),
        Throttle(f"throttle:rma:{person}", burst=24, interval=3600),
    )


def for_tries(person: str, journey: str, come: Whence) -> Throttles:
    """Tries at the codes: of one `journey` (its keyed hash) 15 in all, however many codes it was sent.

    One address has 15 at one account, and then 24 a day. There is no bucket of all strangers: `for_codes` bounds them.
    """
    whole = for_journey(journey)
    if come.device:
        return (whole, Throttle(f"throttle:rtd:{person}:{come.device}", burst=15, interval=600))
    return (
        whole,
        Throttle(f"throttle:rts:{person}:{come.source}", burst=15, interval=3600),
        Throttle(f"throttle:rtn:{person}:{come.network}", burst=30, interval=1800),
    )


def for_journey(journey: str) -> Throttle:
    """Tries at all the codes that one journey was sent."""
    return Throttle(f"throttle:rtj:{journey}", burst=15, interval=LIFETIME)


def for_counter_contacts(request_id: str, come: Whence) -> Throttles:
    """Codes made for whoever typed a code of a counter that has to wait: strangers have none, and use none of these up.

    An officer who kept the code has five and then four a day, of five tries each, and the owner a message for each.
    None of them is the owner's who comes with the code of another counter, or on a device that the account knows.
    """
    key = f"throttle:rqd:{request_id}:{come.device}" if come.device else f"throttle:rqc:{request_id}"
    return (Throttle(key, burst=5, interval=6 * 3600),)


def for_proofs(throttling: Throttling, account_id: AccountId, come: Whence, apps: int = 1) -> Throttles:
    """Tries at one-time and recovery codes by whoever proved the contact.

    A device that gave such a code before has the tries that it has at sign-in. Everybody else shares tries of their
    own, so that whoever reads or guesses the mail takes none from the owner who signs in. A try at several `apps`
    counts as one at each.
    """
    if come.device and come.level >= Level.TWO:
        return throttling.for_second_factor(account_id, known_device=come.device, apps=apps)
    return (
        Throttle(f"throttle:rpf:{account_id}", burst=10, interval=300),
        for_several(Throttle(f"throttle:rpl:{account_id}", burst=50, interval=7200), apps),
    )


def for_counter_codes(source: str) -> Throttles:
    """Tries of codes from counters, which nobody guesses: it keeps the audit record short."""
    return (Throttle(f"throttle:rcc:{source}", burst=20, interval=60),)


def for_asking_helpers(account_id: AccountId, source: str) -> Throttles:
    """Messages to those who are asked to help: what is more stands on their pages alone."""
    return (
        Throttle(f"throttle:rhs:{account_id}:{source}", burst=2, interval=12 * 3600),
        Throttle(f"throttle:rha:{account_id}", burst=6, interval=4 * 3600),
    )


def for_spoken_code(request_id: str, helper: AccountId) -> Throttles:
    """Tries of one helper at the code that the owner reads out: five, for as long as the request lives."""
    return (Throttle(f"throttle:rhc:{request_id}:{helper}", burst=5, interval=7 * 24 * 3600),)
