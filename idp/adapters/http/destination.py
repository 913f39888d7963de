"""Where outgoing calls may go: public https, or what the operator allowed by name, network and port.

Names are resolved here and the connection is made to the very address that was checked, so that a name cannot answer
differently a moment later (DNS rebinding).
"""

import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final

import httpx

from idp.domain.values import dataclass
from idp.ports.http import OutgoingError
from idp.setting_forms import OutboundRule

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Takes host and port, returns the addresses as text; raises OSError."""

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_LONGEST_URL: Final = 2048
_LONGEST_HOST: Final = 253
_HIGHEST_PORT: Final = 65535
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_TUNNELS: Final = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
_DOCUMENTATION: Final = IPv6Network("3fff::/20")
"""RFC 9637: newer than what the standard library knows to be not global."""
_NAT64: Final = IPv6Network("64:ff9b::/96")
_LAST_32_BITS: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL taken apart: the name it was given, and the port that is connected to."""

    scheme: str
    host: str
    port: int
    authority: str
    target: bytes


def parse_destination(url: str) -> Destination:
    """Return the parts of an absolute http(s) URL. Raises `OutgoingError` for a user, a fragment, or an odd host."""
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise OutgoingError("the address is overlong or not plain ASCII")
    try:
        parts = httpx.URL(url)
        port = _DEFAULT_PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except (httpx.InvalidURL, ValueError) as error:
        raise OutgoingError("the address is malformed") from error
    if (
        parts.scheme not in _DEFAULT_PORTS
        or not 1 <= port <= _HIGHEST_PORT
        or parts.userinfo
        or "#" in url
        or "\\" in url
    ):
        raise OutgoingError("the address is not http or https, or carries a user or a fragment")
    host = parts.raw_host.decode("ascii")
    return Destination(parts.scheme, _checked_host(host), port, parts.netloc.decode("ascii"), parts.raw_path)


def _checked_host(host: str) -> str:
    """Return a name, or an address in its usual form.

    Resolvers read `127.1`, `0x7f000001` and `2130706433` as addresses too: what ends in a number has to be a plain one.
    """
    last_label = host.rstrip(".").rpartition(".")[2]
    if ":" in host or last_label[:1].isdigit() or not last_label:
        try:
            return str(ipaddress.ip_address(host))
        except ValueError:
            raise OutgoingError("the host is an address in an unusual form") from None
    if len(host) > _LONGEST_HOST or "%" in host:
        raise OutgoingError("the host is not a name")
    return host.rstrip(".").lower()


class OutboundPolicy:
    """Decides, for a destination and the addresses its name has now, which address may be connected to."""

    def __init__(self, allowed: Sequence[OutboundRule]) -> None:
        self._allowed = tuple(allowed)

    async def choose(self, destination: Destination, resolve: Resolve) -> Address:
        """Return the first address that may be reached. Raises `OutgoingError` when none may, or there is none."""
        for address in map(_plain, await _addresses(destination, resolve)):
            if self._is_allowed(destination, address):
                return address
            if destination.scheme == "https" and is_public(address):
                return address
        raise OutgoingError("the destination is not public https and not in IDP_OUTBOUND_ALLOW")

    def _is_allowed(self, destination: Destination, address: Address) -> bool:
        return any(
            (rule.port is None or rule.port == destination.port)
            and (rule.host == destination.host if rule.network is None else address in rule.network)
            for rule in self._allowed
        )


def is_public(address: Address) -> bool:
    """Whether an address is a host on the public Internet, after what is mapped or tunnelled in it was taken out."""
    address = _plain(address)
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & _LAST_32_BITS))
        if address not in _GLOBAL_UNICAST or any(address in one for one in (*_TUNNELS, _DOCUMENTATION)):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _plain(address: Address) -> Address:
    """Return the IPv4 address inside a mapped one (`::ffff:127.0.0.1`), where the connection would go."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


async def _addresses(destination: Destination, resolve: Resolve) -> list[Address]:
    try:
        return [ipaddress.ip_address(destination.host)]
    except ValueError:
        pass
    try:
        return [ipaddress.ip_address(text) for text in await resolve(destination.host, destination.port)]
    except (OSError, ValueError) as error:
        raise OutgoingError("the host name does not resolve") from error
