"""OpenID Connect Core section 5.5.1: how one claim is asked for."""

from collections.abc import Set as AbstractSet
from typing import Final

from idp.domain.values import dataclass
from idp.protocol.errors import InvalidRequestError

ClaimValue = str | int | float | bool

MOST_MEMBERS: Final = 100
_MOST_VALUES: Final = 50
_LONGEST_VALUE: Final = 256
_LARGEST_INTEGER: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Demand:
    """How one claim is asked for. `values` holds what is acceptable, most wanted first; empty when anything is."""

    essential: bool = False
    values: tuple[ClaimValue, ...] = ()

    def accepts(self, value: object) -> bool:
        """Return whether `value` is one of those asked for; true and 1 are different values."""
        return not self.values or any(
            isinstance(wanted, bool) == isinstance(value, bool) and wanted == value for wanted in self.values
        )


def read_demands(members: object, known: AbstractSet[str]) -> dict[str, Demand]:
    """Return how the claims of an object that are known are asked for. Raises `InvalidRequestError`."""
    if not isinstance(members, dict) or len(members) > MOST_MEMBERS:
        raise InvalidRequestError("Each member of the claims parameter is an object of at most 100 claims.")
    demands: dict[str, Demand] = {}
    for tagged_name, member in members.items():
        # Section 5.2: claims with a language tag; values are kept in one language here, which is returned untagged.
        name, tag, _ = tagged_name.partition("#")
        # Section 5.5.1: a claim that is not known is not an error, it is left out.
        if name in known and not (tag and name in demands):
            demands[name] = read_demand(member)
    return demands


def read_demand(member: object) -> Demand:
    """Return how one claim is asked for. Raises `InvalidRequestError`."""
    if member is None:
        return Demand()
    if not isinstance(member, dict):
        raise InvalidRequestError("A claim is requested by null or an object.")
    essential, values = member.get("essential", False), member.get("values", [])
    if not isinstance(essential, bool):
        raise InvalidRequestError("The member essential of a requested claim is true or false.")
    if not isinstance(values, list) or len(values) > _MOST_VALUES:
        raise InvalidRequestError("The member values of a requested claim is an array of at most 50 values.")
    if "value" in member:
        values = [member["value"]]
    return Demand(essential=essential, values=tuple(_value(value) for value in values))


def _value(value: object) -> ClaimValue:
    match value:
        case str() if len(value) <= _LONGEST_VALUE and value.isprintable():
            return value
        case int() if abs(value) <= _LARGEST_INTEGER:
            return value
        case float():
            return value
        case _:
            raise InvalidRequestError("A requested value is a short text, a number, true or false.")
