"""Addresses that a client registers: OpenID Connect Registration section 2, RFC 8252 section 7, RFC 9700 section 2.1.

They are checked and kept as given; they are compared by simple string comparison and never normalised.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urlsplit

from idp.domain.refused_value import RefusedIdentifier

_LONGEST: Final = 2048
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
# RFC 3986 section 2: the characters of a URI, brackets of an address literal included.
_CHARACTERS: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
# RFC 6761 section 6.3: names below localhost resolve to loopback.
_LOOPBACK: Final = re.compile(r"(?:[a-z0-9.-]+\.)?localhost|127(?:\.[0-9]{1,3}){3}|::1")
_PRIVATE_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")


def check_redirect_uri(uri: str, *, native: bool = False) -> str:
    """Return a redirection address as given, once it is safe to send a person there.

    Raises `RefusedIdentifier` unless it is https, http on loopback, or (for native applications) a scheme of its own
    with a dot in it.
    """
    parts = _split(uri)
    # RFC 6749 section 3.1.2: "The endpoint URI MUST NOT include a fragment component."
    if "#" in uri:
        raise RefusedIdentifier("uri_fragment", "A redirection address has no fragment.")
    if _PRIVATE_SCHEME.fullmatch(parts.scheme):
        # RFC 8252 section 7.1: "apps MUST use a URI scheme based on a domain name under their control".
        if not native:
            raise RefusedIdentifier(
                "uri_native_only", "A scheme of its own is for native applications: say application_type: native."
            )
        return uri
    return _check_browser_address(uri, parts)


def check_browser_uri(uri: str) -> str:
    """Return an address that browsers open or load (a logo, a policy): https, or http on loopback.

    Raises `RefusedIdentifier` otherwise.
    """
    return _check_browser_address(uri, _split(uri))


def check_outgoing_uri(uri: str) -> str:
    """Return an address that the provider itself calls; the outgoing client decides later whether it may be reached.

    Raises `RefusedIdentifier` unless it is an absolute http or https address without fragment.
    """
    parts = _split(uri)
    if "#" in uri:
        raise RefusedIdentifier("uri_fragment", "This address has no fragment.")
    if parts.scheme not in {"http", "https"}:
        raise RefusedIdentifier("uri_scheme", "This address starts with https.")
    _check_host(parts)
    return uri


def check_frontchannel_logout_uri(uri: str, redirect_uris: Iterable[str]) -> str:
    """Return the address that browsers load when a session ends; it is one that browsers may open.

    Raises `RefusedIdentifier` when it belongs to somebody else than the redirection addresses do.
    """
    # OpenID Connect Front-Channel Logout section 2: "The domain, port, and scheme of this URL MUST be the same as that
    # of a registered Redirection URI value."
    if _origin(uri) not in {_origin(redirect_uri) for redirect_uri in redirect_uris}:
        raise RefusedIdentifier(
            "uri_origin", "frontchannel_logout_uri has scheme, host and port of one of the redirect_uris."
        )
    return uri


def check_origin(origin: str) -> str:
    """Return an origin as given (RFC 6454 section 6.2): scheme, host and port, as a browser writes it.

    Raises `RefusedIdentifier` unless it is https, or http on loopback, with nothing behind it.
    """
    _check_browser_address(origin, _split(origin))
    if origin_of(origin) != origin:
        raise RefusedIdentifier("uri_origin", "An origin is scheme, host and port alone, in lower case.")
    return origin


def origin_of(uri: str) -> str | None:
    """Return the origin of a web address as browsers write it, the default port left out; None for private schemes."""
    parts = urlsplit(uri)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def is_loopback(host: str) -> bool:
    """Return whether a host names the machine itself."""
    return bool(_LOOPBACK.fullmatch(host))


def sector_hosts(redirect_uris: Iterable[str]) -> frozenset[str]:
    """Return the hosts of redirection addresses, from which pairwise subjects are made (OpenID Connect Core 8.1).

    On loopback, where ports tell applications apart as hosts do elsewhere, the port belongs to it. Private schemes
    alone have none; beside a web address each is another host, for whoever has answers there may not have that address.
    """
    hosts, schemes = set(), set()
    for uri in redirect_uris:
        parts = urlsplit(uri)
        if parts.scheme not in _DEFAULT_PORTS:
            schemes.add(f"{parts.scheme}:")
        elif parts.hostname:
            hosts.add(parts.netloc.lower() if is_loopback(parts.hostname) else parts.hostname)
    return frozenset(hosts | schemes if hosts else ())


def where_it_leads(redirect_uri: str) -> str:
    """Return what people know a redirection address by: its host, or the private scheme of an application."""
    return next(iter(sector_hosts([redirect_uri])), f"{urlsplit(redirect_uri).scheme}:")


def _origin(uri: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(uri)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _split(uri: str) -> SplitResult:
    if len(uri) > _LONGEST:
        raise RefusedIdentifier("uri_length", "An address has at most 2048 characters.")
    if not _CHARACTERS.fullmatch(uri):
        raise RefusedIdentifier("uri_characters", "An address has only the characters of a URI, the others as %XX.")
    try:
        parts = urlsplit(uri)
        port, _ = parts.port, parts.hostname
    except ValueError as error:
        raise RefusedIdentifier("uri_form", "This is not a well-formed address.") from error
    # RFC 6335 section 6: port 0 is reserved. Nobody listens there, and it reads as if none were told.
    if port == 0:
        raise RefusedIdentifier("uri_form", "This is not a well-formed address.")
    if not parts.scheme:
        raise RefusedIdentifier("uri_absolute", "An address is absolute: it starts with its scheme.")
    return parts


def _check_browser_address(uri: str, parts: SplitResult) -> str:
    if parts.scheme not in {"http", "https"}:
        raise RefusedIdentifier("uri_scheme", "An address starts with https.")
    host = _check_host(parts)
    if parts.scheme == "http" and not is_loopback(host):
        raise RefusedIdentifier("uri_https", "An address is https; http is for loopback only.")
    return uri


def _check_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        raise RefusedIdentifier("uri_host", "An address names its host, without wildcards.")
    if "@" in parts.netloc:
        raise RefusedIdentifier("uri_user", "An address carries no user name.")
    return host
