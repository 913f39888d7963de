"""Cookies of the provider (RFC 6265bis): one set of attributes, names that no other application on the host shares."""

import re
from urllib.parse import urlsplit

from starlette.types import Scope

_NAME = re.compile(r"[a-z][a-z_]*")
_VALUE = re.compile(r"[A-Za-z0-9._~:/=+-]*")
_LONGEST_HEADER = 16_384


class Cookies:
    """The cookies of one issuer, known inside by short names (`session`, `locale`).

    On https a name gets the `__Host-` prefix, which keeps sibling domains from planting one. On plain http, which is
    only loopback, it gets the port, because browsers do not keep the cookies of two ports apart.
    """

    def __init__(self, issuer: str) -> None:
        address = urlsplit(issuer)
        self.secure = address.scheme == "https"
        self._prefix = "__Host-" if self.secure else f"idp{address.port or 80}-"
        self._attributes = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if self.secure else "")
        # Browsers take `SameSite=None` with `Secure` alone; on loopback a frame of another port is the same site.
        self._readable_attributes = "; Path=/" + ("; SameSite=None; Secure" if self.secure else "; SameSite=Lax")

    def name(self, short: str) -> str:
        """Return the name on the wire."""
        return self._prefix + short

    def read(self, scope: Scope) -> dict[str, str]:
        """Return our cookies by short name; one that comes twice with two values was planted and is left out."""
        found: dict[str, str] = {}
        conflicting: set[str] = set()
        for key, value in scope["headers"]:
            if key != b"cookie" or len(value) > _LONGEST_HEADER:
                continue
            for pair in value.decode("latin-1").split(";"):
                name, equals, content = pair.strip().partition("=")
                if not equals or not name.startswith(self._prefix):
                    continue
                short = name[len(self._prefix) :]
                if found.setdefault(short, content) != content:
                    conflicting.add(short)
        return {short: content for short, content in found.items() if short not in conflicting}

    def set(self, short: str, value: str, *, max_age: int | None = None) -> tuple[bytes, bytes]:
        """Return a `Set-Cookie` header; without `max_age` (seconds) the cookie ends with the browser.

        Raises ValueError for a name or value that would have to be quoted.
        """
        return self._header(short, value, max_age, self._attributes)

    def clear(self, short: str) -> tuple[bytes, bytes]:
        """Return the `Set-Cookie` header that removes a cookie."""
        return self.set(short, "", max_age=0)

    def set_readable(self, short: str, value: str, *, max_age: int) -> tuple[bytes, bytes]:
        """Return the header of a cookie that scripts of ours read, in frames on other sites too: never a secret.

        Raises ValueError as `set` does.
        """
        return self._header(short, value, max_age, self._readable_attributes)

    def clear_readable(self, short: str) -> tuple[bytes, bytes]:
        """Return the header that removes such a cookie."""
        return self.set_readable(short, "", max_age=0)

    def _header(self, short: str, value: str, max_age: int | None, attributes: str) -> tuple[bytes, bytes]:
        if not _NAME.fullmatch(short) or not _VALUE.fullmatch(value):
            raise ValueError("a cookie is made of plain characters")
        lifetime = "" if max_age is None else f"; Max-Age={max_age}"
        return b"set-cookie", f"{self._prefix}{short}={value}{lifetime}{attributes}".encode("ascii")
