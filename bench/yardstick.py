"""Work that never changes, of the kinds that a provider does: what it takes tells machines and builds of Python apart.

Instructions for one and the same program differ between processors, C libraries and builds of Python and OpenSSL. What
is compared with figures from elsewhere is therefore measured with this yardstick on both sides.

A round is done for each line on the standard input, and told by a line on the standard output.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_TURNS = 20
_DEPTH = 12
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


async def _round(database: sqlite3.Connection, key: ec.EllipticCurvePrivateKey) -> None:
    answer = ""
    for turn in range(_TURNS):
        form = urlencode({"username": f"person-{turn}", "client_id": "yardstick", "scope": "openid profile email"})
        answer = await _nested(_DEPTH, lambda form=form, turn=turn: _answer(form, turn))  # type: ignore[misc]
        with database:
            database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (turn, answer))
        database.execute("SELECT answer FROM answers WHERE turn = ?", (turn,)).fetchone()
        await asyncio.sleep(0)
    key.sign(answer.encode(), ec.ECDSA(SHA256()))


def main(rounds: Callable[[], Awaitable[None]]) -> None:
    """Do a round for each line."""
    loop = asyncio.new_event_loop()
    for _ in sys.stdin:
        loop.run_until_complete(rounds())
        print("done", flush=True)


if __name__ == "__main__":
    answers = sqlite3.connect(":memory:")
    answers.execute("CREATE TABLE answers (turn INTEGER PRIMARY KEY, answer TEXT NOT NULL)")
    signing_key = ec.generate_private_key(ec.SECP256R1())
    main(lambda: _round(answers, signing_key))
