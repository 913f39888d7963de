"""Authentication levels: what a sign-in proved, as one frozen table and one resolver.

Source: levels 1 to 4 of Decree 69/2024 on electronic identification; `amr` values follow RFC 8176.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from enum import IntEnum, StrEnum
from types import MappingProxyType

from idp.domain.ids import Seconds
from idp.domain.values import dataclass


class Factor(StrEnum):
    """The kinds of evidence that a person can give: three, and one of which it is not told which of two it is."""

    KNOWLEDGE = "knowledge"
    POSSESSION = "possession"
    BIOMETRIC = "biometric"
    USER_VERIFIED = "user_verified"
    """A device made sure of its user by a secret or by a face or finger, and does not tell by which (WebAuthn)."""


class Method(StrEnum):
    """A way of proving oneself that this provider verifies."""

    PASSWORD = "password"
    ONE_TIME_CODE = "otp"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"
    SECURITY_KEY = "security_key"
    """A passkey that cannot leave its device, as the device's maker attests."""
    CERTIFICATE = "certificate"
    """A client certificate of an authority that issues them to smart cards."""
    PHONE = "phone"
    """A yes on a phone where the person is signed in."""
    BIOMETRIC = "biometric"
    """A living face, compared with the portrait of the person's card by a verifier elsewhere."""


class Resistance(IntEnum):
    """How well a sign-in withstands whoever stands between the person and the provider.

    The values `phr` and `phrh` of OpenID Connect Extended Authentication Profile (EAP) ACR Values section 3. No level
    implies one of them, and none of them implies a level.
    """

    NONE = 0
    PHISHING_RESISTANT = 1
    HARDWARE_PROTECTED = 2
    """Phishing-resistant by a key that does not leave its device."""


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """What one method proves, and its `amr` value (RFC 8176 section 2).

    `phishing_resistant`: what is shown to a false page is of no use at the true one. `hardware_protected`: what is
    needed besides never leaves a device made to keep it.
    """

    factors: frozenset[Factor]
    amr: str
    phishing_resistant: bool = False
    hardware_protected: bool = False

    @property
    def resistance(self) -> Resistance:
        """What a proof by this method is worth against phishing; a protected key alone is worth nothing."""
        if not self.phishing_resistant:
            return Resistance.NONE
        return Resistance.HARDWARE_PROTECTED if self.hardware_protected else Resistance.PHISHING_RESISTANT


_KNOWS = frozenset({Factor.KNOWLEDGE})
_HAS = frozenset({Factor.POSSESSION})
_IS = frozenset({Factor.BIOMETRIC})
_HAS_AND_IS_KNOWN_TO = frozenset({Factor.POSSESSION, Factor.USER_VERIFIED})

METHODS = MappingProxyType(
    {
        Method.PASSWORD: MethodFacts(_KNOWS, "pwd"),
        Method.ONE_TIME_CODE: MethodFacts(_HAS, "otp"),
        Method.RECOVERY_CODE: MethodFacts(_HAS, "otp"),
        Method.PASSKEY: MethodFacts(_HAS_AND_IS_KNOWN_TO, "swk", phishing_resistant=True),
        Method.SECURITY_KEY: MethodFacts(_HAS_AND_IS_KNOWN_TO, "hwk", phishing_resistant=True, hardware_protected=True),
        Method.CERTIFICATE: MethodFacts(_HAS, "sc", phishing_resistant=True, hardware_protected=True),
        Method.PHONE: MethodFacts(_HAS, "mca"),
        Method.BIOMETRIC: MethodFacts(_IS, "face"),
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

RESISTANCE_VALUES = MappingProxyType({"phr": Resistance.PHISHING_RESISTANT, "phrh": Resistance.HARDWARE_PROTECTED})
"""Values of `acr` that say how well a sign-in withstands phishing, and nothing else."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One verified act of authentication."""

    method: Method
    at: Seconds


def level_of(proofs: Iterable[Proof]) -> Level:
    """The level that `proofs` together support, never more than was done.

    Level 1 takes one factor, level 2 two different ones, level 3 two different ones with a biometric among them,
    level 4 all three. What a device does not tell counts as whatever makes the level lower.
    """
    return _level_of(factors_of(proof.method for proof in proofs))


def level_told_by(amr: Iterable[str]) -> Level:
    """The level that `amr` values support: what a grant keeps of a sign-in whose `acr` may tell less than was done."""
    told = set(amr)
    return _level_of(factors_of(method for method, facts in METHODS.items() if facts.amr in told))


def factors_of(methods: Iterable[Method]) -> frozenset[Factor]:
    """Every factor that the methods together prove."""
    return frozenset[Factor]().union(*(METHODS[method].factors for method in methods))


def _level_of(factors: AbstractSet[Factor]) -> Level:
    """The level that is reached whatever a device, which does not tell, made sure of its user by."""
    if Factor.USER_VERIFIED not in factors:
        return _level_told(factors)
    told = factors - {Factor.USER_VERIFIED}
    return min(_level_told(told | {Factor.KNOWLEDGE}), _level_told(told | {Factor.BIOMETRIC}), key=int)


def _level_told(factors: AbstractSet[Factor]) -> Level:
    if len(factors) == 3:  # noqa: PLR2004 -- knowledge, possession and biometric: all that there are
        return Level.FOUR
    if len(factors) > 1:
        return Level.THREE if Factor.BIOMETRIC in factors else Level.TWO
    return Level.ONE if factors else Level.NONE


def resistance_told_by(amr: Iterable[str]) -> Resistance:
    """What `amr` values are worth against phishing: where methods share a value, the least of them counts."""
    told = set(amr)
    worth = {
        value: min(facts.resistance for facts in METHODS.values() if facts.amr == value)
        for value in {facts.amr for facts in METHODS.values()} & told
    }
    return max(worth.values(), default=Resistance.NONE)


def resistance_of(proofs: Iterable[Proof]) -> Resistance:
    """What `proofs` together are worth against phishing: as much as the best of them, without which none got in."""
    return max((METHODS[proof.method].resistance for proof in proofs), default=Resistance.NONE)


def authentication_methods(proofs: Iterable[Proof]) -> tuple[str, ...]:
    """The `amr` values of `proofs`, sorted; `mfa` joins them when two factors were used (RFC 8176)."""
    done = tuple(proofs)
    values = {METHODS[proof.method].amr for proof in done}
    if len(factors_of(proof.method for proof in done)) > 1:
        values.add("mfa")
    return tuple(sorted(values))


def authentication_time(proofs: Iterable[Proof]) -> Seconds:
    """When the oldest counted proof was given: `auth_time` never makes a sign-in look fresher than it is."""
    return Seconds(min(proof.at for proof in proofs))


def acr_for(level: Level, requested: Iterable[str] = (), resistance: Resistance = Resistance.NONE) -> str:
    """The `acr` to assert: of the requested values that were proved the strongest level, else the level's own name.

    A level covers every lower one, so a client that asked for `urn:vn:loa:1` gets it although the person did more. A
    client that prefers `phr` or `phrh` to every level gets that where it was proved.
    """
    covered = [value for value in requested if _is_covered(value, level, resistance)]
    if covered and covered[0] in RESISTANCE_VALUES:
        return covered[0]
    levels = [value for value in covered if value in ACR_VALUES]
    if levels:
        return max(levels, key=lambda value: ACR_VALUES[value])
    return f"urn:vn:loa:{int(level)}"


def _is_covered(value: str, level: Level, resistance: Resistance) -> bool:
    if value in RESISTANCE_VALUES:
        return RESISTANCE_VALUES[value] <= resistance
    return value in ACR_VALUES and ACR_VALUES[value] <= level


@dataclass(frozen=True, slots=True)
class Reach:
    """What can be proved at most: a level, and how well it withstands phishing."""

    level: Level
    resistance: Resistance


def reach_of(methods: Iterable[Method]) -> Reach:
    """What these methods can prove together."""
    known = tuple(methods)
    resistance = max((METHODS[method].resistance for method in known), default=Resistance.NONE)
    return Reach(_level_of(factors_of(known)), resistance)


EVERYWHERE = frozenset({Method.PASSWORD, Method.ONE_TIME_CODE, Method.RECOVERY_CODE, Method.PASSKEY, Method.PHONE})
"""The methods that every installation has. The others take something else: a verifier of faces, authorities that issue
certificates to cards, and what the makers of keys say of them."""

REACH_EVERYWHERE = reach_of(EVERYWHERE)

_SECOND_FACTORS = frozenset({Method.SECURITY_KEY, Method.PASSKEY, Method.CERTIFICATE, Method.ONE_TIME_CODE})
"""What a person has for every day: recovery codes are for the day on which all of these are lost."""


def has_second_factor(enrolled: Iterable[Method]) -> bool:
    """Whether an account that enrolled these has anything besides the password, and besides codes for an emergency."""
    return not _SECOND_FACTORS.isdisjoint(enrolled)


def supported_acr_values(reach: Reach) -> tuple[str, ...]:
    """Every `acr` value that can be proved within `reach`."""
    return tuple(
        value for value in (*ACR_VALUES, *RESISTANCE_VALUES) if _is_covered(value, reach.level, reach.resistance)
    )
