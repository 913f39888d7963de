"""How often somebody may try to get back in: nobody empties the buckets of an owner's own browser."""

from idp.domain.ids import AccountId
from idp.journeys.throttling import Throttles
from idp.ports.keys import SubjectKeys
from idp.ports.short_lived import Throttle


def for_beginning(keys: SubjectKeys, identifier: str, source: str, known_device: str | None) -> Throttles:
    """Buckets of naming an account: those of a browser that signed in to it, or of address and identifier.

    Each beginning brings five tries of a code of six digits. Whoever uses all of them from one address tries 480 of a
    million in a day, has nothing yet but one of two proofs, and is followed by a message for each code.
    """
    person = keys.tag("throttle", identifier)
    if known_device:
        return (Throttle(f"throttle:rbd:{person}:{known_device}", burst=10, interval=60),)
    return (
        Throttle(f"throttle:rbp:{person}:{source}", burst=5, interval=900),
        Throttle(f"throttle:rba:{person}", burst=30, interval=300),
        Throttle(f"throttle:rbs:{source}", burst=60, interval=30),
    )


def for_codes(account_id: AccountId, source: str) -> Throttles:
    """Messages with codes to one person: apart from those that the person's own sign-ins send."""
    return (
        Throttle(f"throttle:rms:{account_id}:{source}", burst=4, interval=600),
        Throttle(f"throttle:rma:{account_id}", burst=20, interval=600),
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
