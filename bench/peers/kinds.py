"""What kinds of tokens a contestant issues: only like is compared with like."""

import base64
import json

from bench.connection import Connection
from bench.installation import Installation
from bench.scenarios import AUTHORIZE, CLIENT_CREDENTIALS, OK, expect, redeem, sign_in
from bench.visitor import UnexpectedAnswer, Visitor

WANTED = "ES256"
"""How ID tokens and the access tokens of machines are signed."""


async def kinds_of(installation: Installation) -> dict[str, str]:
    """Return how each token is signed, or that it is opaque.

    Raises `UnexpectedAnswer` when those that everybody has to sign alike are not.
    """
    connection = await Connection.open("127.0.0.1", installation.port(0))
    try:
        machine = json.loads(expect(await connection.ask(CLIENT_CREDENTIALS), OK, b'"access_token"').body)
        visitor = Visitor(connection, installation.origin, address="10.9.9.9")
        await redeem(connection, await sign_in(visitor, 0))
        tokens = await redeem(connection, await visitor.get(AUTHORIZE))
    finally:
        connection.close()
    kinds = {
        "client credentials": kind(machine["access_token"]),
        "ID token": kind(tokens["id_token"]),
        "access token of a person": kind(tokens["access_token"]),
        "refresh token": kind(tokens["refresh_token"]),
    }
    if {kinds["client credentials"], kinds["ID token"]} != {WANTED}:
        raise UnexpectedAnswer(f"tokens of other kinds: {kinds}")
    return kinds


def kind(token: str) -> str:
    """Return the algorithm of a JWT, or `opaque`."""
    parts = token.split(".")
    if len(parts) != len(("header", "claims", "signature")):
        return "opaque"
    try:
        return str(json.loads(base64.urlsafe_b64decode(parts[0] + "=="))["alg"])
    except ValueError:
        return "opaque"
