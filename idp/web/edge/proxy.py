"""Who is asking, when proxies stand in between: RFC 7239 `Forwarded`, or `X-Forwarded-For`.

Only proxies named in the settings are believed, and the chain is read from our end: the first address that is no
trusted proxy is the caller, whatever the caller wrote further left. A proxy that writes one of the two headers may pass
the other one on as the caller wrote it: when they name two callers, neither is believed.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

UNKNOWN = "unknown"
"""The address of a caller that has none (a Unix socket, an obfuscated proxy entry)."""

_LONGEST_CHAIN = 32
_LONGEST_ADDRESS = 64
_SUBSCRIBER_BITS = 64
_SITE_BITS = 48
_NEIGHBOURS_BITS = 24


class TrustedProxies:
    """The networks whose word about the caller counts."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network | str] = ()) -> None:
        self._networks = tuple(ip_network(str(network)) for network in networks)
        # The same few proxies stand before every request, and the same callers behind them come again.
        self._is_trusted = lru_cache(4096)(self._looked_up)

    def trusts(self, scope: Scope) -> bool:
        """Return whether the request came straight from a trusted proxy."""
        return bool(self._networks) and self._is_trusted(_peer(scope))

    def client_address(self, scope: Scope) -> str:
        """Return the caller's address in its shortest form, or `unknown`."""
        peer = _peer(scope)
        if not self._networks or not self._is_trusted(peer):
            return peer
        chains = (_forwarded(scope, "for"), _listed(scope, b"x-forwarded-for"))
        told = {caller for chain in chains if (caller := self._first_stranger(chain)) is not None}
        return told.pop() if len(told) == 1 else _written(peer) or UNKNOWN

    def source(self, scope: Scope) -> str:
        """Return where the caller comes from, to count by: the address, of IPv6 the /64 that one subscriber has."""
        return _subscriber(self.client_address(scope))

    def _first_stranger(self, chain: Iterator[str]) -> str | None:
        """Return the first address that is no proxy's (the last one if all are), or None for an empty chain."""
        address = None
        for text in chain:
            address = _written(text)
            if address is None:
                return UNKNOWN
            if not self._is_trusted(address):
                break
        return address

    def _looked_up(self, text: str) -> bool:
        address = _parse(text)
        return address is not None and any(address in network for network in self._networks)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client and client[0] else UNKNOWN


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """Read `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` and `[2001:db8::1]:80`; None for anything else."""
    text = text.strip().strip('"')
    return _read_address(text) if len(text) <= _LONGEST_ADDRESS else None


# The same proxies and callers stand in one request after the other.
@lru_cache(4096)
def _written(text: str) -> str | None:
    """Return the shortest form of the address that `text` is; None where it is none."""
    address = _parse(text)
    return None if address is None else str(address)


def _read_address(text: str) -> IPv4Address | IPv6Address | None:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return None
        return address.ipv4_mapped or address
    return address


@lru_cache(4096)
def network_of(source: str) -> str:
    """Return the /24 around a source, of IPv6 the /48 that one site has; what is no address unchanged."""
    try:
        found = ip_network(source)
    except ValueError:
        return source
    bits = _SITE_BITS if isinstance(found, IPv6Network) else _NEIGHBOURS_BITS
    return str(found.supernet(new_prefix=bits))


@lru_cache(4096)
def _subscriber(address: str) -> str:
    if ":" not in address:
        return address
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, _SUBSCRIBER_BITS), strict=False))
    return address if parsed is None else str(parsed)


def _forwarded(scope: Scope, parameter: str) -> Iterator[str]:
    """Yield one parameter of the `Forwarded` elements, the last first."""
    for element in _listed(scope, b"forwarded"):
        for pair in element.split(";"):
            name, _, value = pair.strip().partition("=")
            if name.lower() == parameter:
                yield value.strip('"')


def _listed(scope: Scope, header: bytes) -> Iterator[str]:
    """Yield the members of a comma-separated header, the last first, at most 32 of them."""
    lines = [value for key, value in scope["headers"] if key == header]
    if lines:
        joined = b",".join(lines).decode("latin-1")
        yield from (member.strip() for member in joined.split(",")[: -_LONGEST_CHAIN - 1 : -1])
