"""RFC 9449 section 4.3 and RFC 3986 section 6.2: the address that a proof was made for, compared with the request's."""

import re
from typing import Final
from urllib.parse import urlsplit

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_VISIBLE: Final = re.compile(r"[\x21-\x7e]{1,2048}")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def is_same_target(first: str, second: str) -> bool:
    """Return whether two addresses name the same resource, whatever their queries and fragments."""
    if first == second:
        return True
    try:
        return normalised_target(first) == normalised_target(second)
    except ValueError:
        return False


def normalised_target(address: str) -> str:
    """Return an http or https address in one spelling, without query and fragment.

    RFC 3986 sections 6.2.2 and 6.2.3: case of scheme and host, escapes, dot segments, default port and empty path.
    Raises `ValueError` for anything else, one with a user name included.
    """
    if not _VISIBLE.fullmatch(address):
        raise ValueError("not an address")
    parts = urlsplit(address)
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        raise ValueError("not an http address")
    authority = f"[{host}]" if ":" in host else host
    # `port` raises ValueError itself for one that is no number.
    if parts.port not in {None, _DEFAULT_PORTS[scheme]}:
        authority += f":{parts.port}"
    return f"{scheme}://{authority}{_without_dot_segments(_ESCAPE.sub(_escape, parts.path))}"


def _escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _without_dot_segments(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    # RFC 3986 section 5.2.4: a dot segment at the end leaves its slash.
    if segments[-1:] and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
