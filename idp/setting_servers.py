"""Servers as settings name them: hosts, ports, and those of a PostgreSQL URL."""

import ipaddress
import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

_HOST_NAME: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?")
_ENDS_IN_NUMBER: Final = re.compile(r"(^|\.)(\d+|0x[0-9a-f]*)\.?$")
_READ_ALIKE: Final = re.compile(r"[^\[]*|\[[^\]]*\](:.*)?")
"""Hosts that every release of Python reads: brackets are first, and a port parts them from what follows."""
TARGET_AND_PORT: Final = re.compile(r"(\[(?P<six>[^\]]+)\]|(?P<target>[^:\[\]]+))(:(?P<port>\d{1,5}))?")
HIGHEST_PORT: Final = 65535


def is_host(text: str) -> bool:
    """Whether this is an address, or a name that no resolver takes for a number (`127.1`, `0x7f000001`)."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(text)) and not _ENDS_IN_NUMBER.search(text)
    return True


def names_servers(url: str, servers: str, more: str | None) -> bool:
    """Whether PostgreSQL's driver can read the URL; `more` may name servers and ports too, or a socket's folder.

    The driver leaves the URL to Python, whose newer releases take a bracket for the beginning of the only host.
    """
    if not _READ_ALIKE.fullmatch(servers):
        return False
    try:
        urlsplit(url)
        told = parse_qs(more, strict_parsing=True) if more else {}
    except ValueError:
        return False
    named = [server for each in (servers, *told.get("host", ())) if each for server in each.split(",")]
    ports = [port for each in told.get("port", ()) for port in each.split(",")]
    return all(map(_names_server, named)) and all(map(_is_port, ports))


def _names_server(item: str) -> bool:
    match = TARGET_AND_PORT.fullmatch(item)
    if match is None or not _is_port(match["port"] or "1"):
        return False
    host = unquote(match["six"] or match["target"]).lower()
    return host.startswith("/") or is_host(host.replace("_", "-"))


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= HIGHEST_PORT
