"""RFC 6749 section 3.1.2: parameters added to an address that a client registered, which otherwise stays as it is.

It is not taken apart and put together again: that may change it (`app:///cb` would become `app:/cb`).
"""

from collections.abc import Iterable
from urllib.parse import urlencode


def with_query(address: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Return `address` with parameters behind the query that it has of its own; a fragment is left out."""
    # "The endpoint URI MAY include an [...] query component, which MUST be retained when adding additional query
    # parameters."
    address = address.partition("#")[0]
    if "?" not in address:
        address += "?"
    elif not address.endswith(("?", "&")):
        address += "&"
    return address + urlencode(tuple(parameters))


def with_fragment(address: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Return `address`, which has no fragment, with parameters as its fragment."""
    return f"{address}#{urlencode(tuple(parameters))}"
