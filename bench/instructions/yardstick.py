"""Work that never changes, of the kinds that a provider does: what it takes tells machines and builds of Python apart.

Instructions for one and the same program differ between processors, C libraries and builds of Python and OpenSSL. What
is compared with figures from elsewhere is therefore measured with this yardstick on both sides.

Each line on the standard input names a piece of work; that it is done is told by a line on the standard output.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import parse_qsl, urlencode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PIECES = ("interpreter", "SQLite", "signatures")
_TURNS = 20
_DEPTH = 12
_SIGNATURES = 4
_MESSAGE = b"x" * 400
_WORD = re.compile(r"[a-z0-9._~-]+(?: [a-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class _Grant:
    subject: str
    client: str
    scopes: frozenset[str]
    made: int


def _answer(form: str, made: int) -> str:
    """Read a form, check it, make a grant of it and write that as JSON."""
    fields = dict(parse_qsl(form, strict_parsing=True))
    if not all(_WORD.fullmatch(value) for value in fields.values()):
        raise ValueError(form)
    grant = _Grant(fields["username"], fields["client_id"], frozenset(fields["scope"].split()), 0)
    grant = replace(grant, made=made)
    claims = {"sub": grant.subject, "aud": grant.client, "scope": sorted(grant.scopes), "iat": grant.made}
    text = json.dumps(claims, separators=(",", ":"))
    digest = hmac.new(b"yardstick", text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


async def _nested(depth: int, work: Callable[[], str]) -> str:
    return work() if depth == 0 else await _nested(depth - 1, work)


async def _interpret() -> None:
    for turn in range(_TURNS):
        form = urlencode({"username": f"person-{turn}", "client_id": "yardstick", "scope": "openid profile email"})
        await _nested(_DEPTH, partial(_answer, form, turn))
        await asyncio.sleep(0)


class Store:
    """Rows in memory."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect(":memory:")
        self._rows.execute("CREATE TABLE answers (turn INTEGER PRIMARY KEY, answer TEXT NOT NULL)")

    async def round(self) -> None:
        """Write rows, each in a transaction of its own, and read them."""
        for turn in range(_TURNS):
            with self._rows:
                self._rows.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (turn, "answer " * 20))
            self._rows.execute("SELECT answer FROM answers WHERE turn = ?", (turn,)).fetchone()


class Signatures:
    """A key and what it signs."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    async def round(self) -> None:
        """Make some and verify them."""
        for _ in range(_SIGNATURES):
            signed = self._key.sign(_MESSAGE, ec.ECDSA(SHA256()))
            self._key.public_key().verify(signed, _MESSAGE, ec.ECDSA(SHA256()))


def main() -> None:
    """Do a round of the piece of work that each line names."""
    pieces = dict(zip(PIECES, (_interpret, Store().round, Signatures().round), strict=True))
    loop = asyncio.new_event_loop()
    for line in sys.stdin:
        loop.run_until_complete(pieces[line.strip()]())
        print("done", flush=True)


if __name__ == "__main__":
    main()
