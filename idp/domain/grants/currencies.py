"""How many decimals an amount of money takes: the minor units of ISO 4217, list one, as its maintainers publish them.

Two, but for the currencies named here. CLDR, which libraries format amounts by, tells what is usual on a price tag.
"""

from typing import Final

_USUAL: Final = 2
_WITHOUT: Final = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_WITH_THREE: Final = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def minor_units(currency: str) -> int:
    """Return how many decimals an amount of a currency takes, which is named by its three letters."""
    if currency in _WITHOUT:
        return 0
    return 3 if currency in _WITH_THREE else _USUAL
