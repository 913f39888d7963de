"""What grows is asked for: one request after the other, each time for somebody or something else."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench.connection import Connection
from bench.growth.crowd import Crowd, redeem, sign_in, visit_again
from bench.installation import AUDIENCE
from bench.load import Step
from bench.scenarios import OK, basic, expect, form

_HASHED_AT_ONCE: Final = 4
"""Sign-ins at a time: a queue in front of the password hashes turns more away."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the table: what is done for a crowd, how often in one round, and on how many connections at most."""

    name: str
    begin: Callable[[Crowd], Step]
    times: int
    at_once: int | None = None


def _client_credentials(crowd: Crowd) -> Step:
    fields = {"grant_type": "client_credentials", "scope": "bench.read", "resource": AUDIENCE}

    async def step(connection: Connection, _number: int) -> None:
        request = form("/token", fields, basic(next(crowd.services)))
        expect(await connection.ask(request), OK, b'"access_token"', b'"expires_in"')

    return step


def _refresh(crowd: Crowd) -> Step:
    async def step(connection: Connection, _number: int) -> None:
        service, token = crowd.refresh.popleft()
        request = form("/token", {"grant_type": "refresh_token", "refresh_token": token}, basic(service))
        answer = expect(await connection.ask(request), OK, b'"access_token"', b'"refresh_token"')
        tokens = json.loads(answer.body)
        crowd.refresh.append((service, tokens["refresh_token"]))
        # An access token lives for minutes; those that are asked about are always the latest.
        crowd.access.append((service, tokens["access_token"]))
        crowd.access.popleft()

    return step


def _code_flow(crowd: Crowd) -> Step:
    async def step(connection: Connection, _number: int) -> None:
        service = next(crowd.services)
        await redeem(connection, service, await visit_again(crowd, connection, service))

    return step


def _introspection(crowd: Crowd) -> Step:
    async def step(connection: Connection, _number: int) -> None:
        service, token = crowd.access[0]
        crowd.access.rotate(-1)
        expect(await connection.ask(form("/introspect", {"token": token}, basic(service))), OK, b'"active":true')

    return step


def _userinfo(crowd: Crowd) -> Step:
    async def step(connection: Connection, _number: int) -> None:
        _, token = crowd.access[0]
        crowd.access.rotate(-1)
        request = f"GET /userinfo HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n".encode()
        expect(await connection.ask(request), OK, b'"sub"', b'"email"')

    return step


def _sign_in(crowd: Crowd) -> Step:
    async def step(connection: Connection, _number: int) -> None:
        await sign_in(crowd.visitor(connection), next(crowd.services), next(crowd.newcomers))

    return step


CLIENT_CREDENTIALS: Final = Operation("client credentials", _client_credentials, 1_500)
OPERATIONS: Final = (
    CLIENT_CREDENTIALS,
    Operation("refresh with rotation", _refresh, 800),
    Operation("code flow on a session", _code_flow, 400),
    Operation("introspection", _introspection, 1_200),
    Operation("userinfo", _userinfo, 1_200),
    Operation("sign-in, cheap hash", _sign_in, 100, _HASHED_AT_ONCE),
)
