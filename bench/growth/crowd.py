"""Whom growth is measured with: people spread evenly over everybody, and what they and their services hold."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import gcd

from bench.connection import Answer, Connection
from bench.installation import PASSWORD, PORTAL, Installation
from bench.load import Bounds, load
from bench.scenarios import AUTHORIZE, OK, SEE_OTHER, basic, code_fields, expect, form
from bench.visitor import Visitor

Service = tuple[str, str]
"""Identifier and secret of a client."""

_GOLDEN = 0.6180339887
_PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which somebody is signed in."""

    cookies: dict[str, str]
    address: str


@dataclass(slots=True)
class Crowd:
    """What is asked with. Whatever was used goes to the end of its row, so that all others are asked for first.

    `newcomers` are personal numbers and `services` clients, both without an end; the tokens in `refresh` and `access`
    have the service beside them that they are for.
    """

    origin: str
    newcomers: Iterator[str]
    services: Iterator[Service]
    addresses: Iterator[str] = field(default_factory=lambda: map(_address, count()))
    sessions: deque[Session] = field(default_factory=deque)
    refresh: deque[tuple[Service, str]] = field(default_factory=deque)
    access: deque[tuple[Service, str]] = field(default_factory=deque)

    def visitor(self, connection: Connection, session: Session | None = None) -> Visitor:
        """Return a browser on a connection: that of somebody who is signed in, or a new one from a new address."""
        cookies, address = (session.cookies, session.address) if session else ({}, next(self.addresses))
        return Visitor(connection, self.origin, dict(cookies), address)


def spread_evenly(size: int) -> Iterator[int]:
    """Yield every number below `size`, over and over, so that any few in a row lie all over the range."""
    step = max(1, int(size * _GOLDEN))
    while gcd(step, size) != 1:
        step += 1
    return (turn * step % size for turn in count())


def crowd_of(
    installation: Installation, people: int, number: Callable[[int], str], services: Sequence[Service]
) -> Crowd:
    """Return a crowd of whom nobody has come yet."""
    return Crowd(
        installation.origin,
        map(number, spread_evenly(people)),
        map(services.__getitem__, spread_evenly(len(services))),
    )


async def gather(crowd: Crowd, connections: Sequence[Connection], people: int, tokens: int) -> None:
    """Let so many people sign in, and have services given so many tokens by them. Raises `UnexpectedAnswer`."""

    async def come(connection: Connection, _number: int) -> None:
        visitor, service = crowd.visitor(connection), next(crowd.services)
        await _keep(crowd, connection, service, await sign_in(visitor, service, next(crowd.newcomers)))
        crowd.sessions.append(Session(visitor.cookies, visitor.address or ""))

    async def visit(connection: Connection, _number: int) -> None:
        service = next(crowd.services)
        await _keep(crowd, connection, service, await visit_again(crowd, connection, service))

    for step, times in ((come, people), (visit, tokens - people)):
        done = await load(connections, step, Bounds(max(0, times), _PATIENCE))
        assert len(done.seconds) >= times, f"{len(done.seconds)} of {times} came in time"


async def sign_in(visitor: Visitor, service: Service, number: str) -> Answer:
    """Walk from the authorization request of a service to the redirect with a code."""
    page = expect(await visitor.follow(await visitor.get(_authorize(service))), OK, b'id="sign-in"')
    return expect(await visitor.submit(page, "sign-in", {"username": number, "password": PASSWORD}), SEE_OTHER)


async def visit_again(crowd: Crowd, connection: Connection, service: Service) -> Answer:
    """Return the redirect with a code that somebody who is signed in gets for a service."""
    visitor = crowd.visitor(connection, crowd.sessions[0])
    crowd.sessions.rotate(-1)
    return expect(await visitor.follow(await visitor.get(_authorize(service))), SEE_OTHER)


async def redeem(connection: Connection, service: Service, redirect: Answer) -> dict[str, str]:
    """Return what the code in a redirect is worth to its service."""
    request = form("/token", code_fields(redirect), basic(service))
    tokens: dict[str, str] = json.loads(expect(await connection.ask(request), OK, b'"access_token"').body)
    return tokens


async def _keep(crowd: Crowd, connection: Connection, service: Service, redirect: Answer) -> None:
    tokens = await redeem(connection, service, redirect)
    crowd.refresh.append((service, tokens["refresh_token"]))
    crowd.access.append((service, tokens["access_token"]))


def _authorize(service: Service) -> str:
    return AUTHORIZE.replace(f"client_id={PORTAL[0]}", f"client_id={service[0]}")


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
