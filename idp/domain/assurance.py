"""Authentication levels: what a sign-in proved, as one frozen table and one resolver.

Source: levels 1 to 4 of Decree 69/2024 on electronic identification; `amr` values follow RFC 8176.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType

from idp.domain.ids import Seconds


class Factor(StrEnum):
    """The three kinds of evidence that a person can give."""

    KNOWLEDGE = "knowledge"
    POSSESSION = "possession"
    BIOMETRIC = "biometric"


class Method(StrEnum):
    """A way of proving oneself that this provider verifies."""

    PASSWORD = "password"
    ONE_TIME_CODE = "otp"
    RECOVERY_CODE = "recovery_code"


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """What one method proves, and its `amr` value (RFC 8176 section 2)."""

    factor: Factor
    amr: str


METHODS = MappingProxyType(
    {
        Method.PASSWORD: MethodFacts(Factor.KNOWLEDGE, "pwd"),
        Method.ONE_TIME_CODE: MethodFacts(Factor.POSSESSION, "otp"),
        Method.RECOVERY_CODE: MethodFacts(Factor.POSSESSION, "otp"),
    }
)


class Level(IntEnum):
    """An authentication level; `NONE` is nobody signed in."""

    NONE = 0
    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4


ACR_VALUES = MappingProxyType(
    {
        "urn:vn:loa:1": Level.ONE,
        "LoA1": Level.ONE,
        "urn:vn:loa:2": Level.TWO,
        "urn:vn:loa:3": Level.THREE,
        "urn:vn:loa:4": Level.FOUR,
    }
)
"""Every `acr` value of the provider and the level that it names; `LoA1` is the national portal's alias."""

REACHABLE = Level.TWO
"""The highest level that the methods above can prove: two factors, neither of them biometric."""

SUPPORTED_ACR_VALUES = tuple(value for value, level in ACR_VALUES.items() if level <= REACHABLE)


@dataclass(frozen=True, slots=True)
class Proof:
    """One verified act of authentication."""

    method: Method
    at: Seconds


def level_of(proofs: Iterable[Proof]) -> Level:
    """The level that `proofs` together support, never more than was done.

    Level 1 takes one factor, level 2 two different ones, level 3 two different ones with a biometric among them,
    level 4 all three.
    """
    factors = {METHODS[proof.method].factor for proof in proofs}
    if len(factors) >= len(Factor):
        return Level.FOUR
    if len(factors) > 1:
        return Level.THREE if Factor.BIOMETRIC in factors else Level.TWO
    return Level.ONE if factors else Level.NONE


def authentication_methods(proofs: Iterable[Proof]) -> tuple[str, ...]:
    """The `amr` values of `proofs`, sorted; `mfa` joins them when two factors were used (RFC 8176)."""
    done = tuple(proofs)
    values = {METHODS[proof.method].amr for proof in done}
    if len({METHODS[proof.method].factor for proof in done}) > 1:
        values.add("mfa")
    return tuple(sorted(values))


def authentication_time(proofs: Iterable[Proof]) -> Seconds:
    """When the oldest counted proof was given: `auth_time` never makes a sign-in look fresher than it is."""
    return Seconds(min(proof.at for proof in proofs))


def acr_for(level: Level, requested: Iterable[str] = ()) -> str:
    """The `acr` to assert for `level`: the strongest requested value that it covers, else the level's own name.

    A level covers every lower one, so a client that asked for `urn:vn:loa:1` gets it although the person did more.
    """
    covered = [value for value in requested if value in ACR_VALUES and ACR_VALUES[value] <= level]
    if covered:
        return max(covered, key=lambda value: ACR_VALUES[value])
    return f"urn:vn:loa:{int(level)}"
