"""RFC 7519 section 2, NumericDate: the moments that others write into what they sign.

JSON knows numbers of any size. Here a moment is one that a clock can show: later than the epoch, and within the range
in which integers and floating point numbers name the same seconds, so that whatever is computed with it stays finite.
"""

from collections.abc import Mapping
from typing import Any, Final

END_OF_TIME: Final = 2**53


class MalformedNumericDateError(ValueError):
    """The value of `claim` is not a moment."""

    def __init__(self, claim: str) -> None:
        super().__init__(f"malformed {claim}")
        self.claim = claim


def read_numeric_date(claims: Mapping[str, Any], name: str) -> float | None:
    """Return the moment that a claim names, in seconds since the epoch; None when the claim is not there.

    Raises `MalformedNumericDateError` for anything else than "a JSON numeric value" of a moment that can come.
    """
    value = claims.get(name)
    if value is None:
        return None
    # Compared before it is computed with: an int may be too large for a float. NaN is in no range.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < END_OF_TIME:
        raise MalformedNumericDateError(name)
    return value
