"""What is measured: each scenario asks the provider over its public HTTP contract and checks every answer."""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

from bench.connection import Answer, Connection
from bench.installation import (
    AUDIENCE,
    CALLBACK,
    MACHINE,
    PASSWORD,
    PORTAL,
    PROVING,
    Installation,
    holder_number,
    personal_number,
)
from bench.load import Step
from bench.passkeys import Passkey, one_time_code
from bench.visitor import Asks, UnexpectedAnswer, Visitor, query_of, with_query

OK = 200
CREATED = 201
SEE_OTHER = 303

REFRESH = "refresh with rotation"
REFRESH_IN_A_STORM = "refresh in a login storm"
PASSWORD_SIGN_IN = "password sign-in"
PASSKEY_SIGN_IN = "passkey sign-in"
CODE_FLOW = "code flow on a session"
PROVING_CODE_FLOW = "code flow, private_key_jwt and DPoP"
PUSHED_CODE_FLOW = "code flow, private_key_jwt, PAR and DPoP"

_NEW_PASSKEY = "/account/security/passkeys/new"
_VERIFIER = "a-code-verifier-of-the-benchmark-forty-three"
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()
_REQUEST = {
    "response_type": "code", "client_id": PORTAL[0], "redirect_uri": CALLBACK, "state": "bench", "nonce": "bench",
    "scope": "openid profile email offline_access", "code_challenge": _CHALLENGE, "code_challenge_method": "S256",
}  # fmt: skip
AUTHORIZE = with_query("/authorize", _REQUEST)
_REQUEST_PROVING = _REQUEST | {"client_id": PROVING.client_id}
AUTHORIZE_PROVING = with_query("/authorize", _REQUEST_PROVING)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name for the table, and what prepares the connections and returns the measured step.

    `beside` goes on all the while on as many connections of its own, and is not measured.
    """

    name: str
    prepare: Callable[[Installation, list[Connection]], Awaitable[Step]]
    beside: "Scenario | None" = None


def expect(answer: Answer, status: int, *members: bytes) -> Answer:
    """Return the answer if it has this status and these bytes; raise `UnexpectedAnswer` otherwise."""
    if answer.status != status or any(member not in answer.body for member in members):
        raise UnexpectedAnswer(f"{answer.status} instead of {status}: {answer.body[:200]!r}")
    return answer


def basic(client: tuple[str, str]) -> str:
    """Return the header line that authenticates a client by its secret."""
    return f"authorization: Basic {base64.b64encode(':'.join(client).encode()).decode()}"


def form(path: str, fields: dict[str, str], header: str = "") -> bytes:
    """Return a whole request: a form, and the header line, if there is one, that proves something of the client."""
    body, line = urlencode(fields), header and f"{header}\r\n"
    return (
        f"POST {path} HTTP/1.1\r\nhost: bench\r\n{line}accept: application/json\r\n"
        f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _same(request: bytes, *members: bytes) -> Callable[[Installation, list[Connection]], Awaitable[Step]]:
    async def prepare(_installation: Installation, _connections: list[Connection]) -> Step:
        async def step(connection: Connection, _number: int) -> None:
            expect(await connection.ask(request), OK, *members)

        return step

    return prepare


async def sign_in(visitor: Visitor, person: int) -> Answer:
    """Walk from the authorization request to the redirect with a code: the whole journey with its form."""
    page = expect(await visitor.follow(await visitor.get(AUTHORIZE)), OK, b'id="sign-in"')
    return await visitor.submit(page, "sign-in", {"username": personal_number(person), "password": PASSWORD})


async def redeem(connection: Asks, redirect: Answer) -> dict[str, str]:
    """Return what the code in a redirect is worth."""
    request = form("/token", code_fields(redirect), basic(PORTAL))
    answer = expect(await connection.ask(request), OK, b'"access_token"', b'"id_token"')
    tokens: dict[str, str] = json.loads(answer.body)
    return tokens


def code_fields(redirect: Answer) -> dict[str, str]:
    """Return what redeems the code in a redirect."""
    code = query_of(redirect).get("code")
    if code is None:
        raise UnexpectedAnswer(f"no code: {redirect.status} {redirect.header('location')}")
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": _VERIFIER}


async def _signed_in(installation: Installation, connections: list[Connection]) -> list[Visitor]:
    visitors = []
    for number, connection in enumerate(connections):
        visitor = Visitor(connection, installation.origin, address=_address(number))
        await redeem(connection, await sign_in(visitor, number))
        visitors.append(visitor)
    return visitors


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


async def _refresh(installation: Installation, connections: list[Connection]) -> Step:
    visitors = await _signed_in(installation, connections)
    tokens = [(await redeem(each.connection, await each.get(AUTHORIZE)))["refresh_token"] for each in visitors]

    async def step(connection: Connection, number: int) -> None:
        tokens[number] = await refreshed(connection, tokens[number])

    return step


async def refreshed(connection: Asks, token: str) -> str:
    """Return the refresh token that comes for this one."""
    request = form("/token", {"grant_type": "refresh_token", "refresh_token": token}, basic(PORTAL))
    replacement: str = json.loads(expect(await connection.ask(request), OK, b'"access_token"').body)["refresh_token"]
    if replacement == token:
        raise UnexpectedAnswer("the refresh token was not rotated")
    return replacement


async def _code_flow(installation: Installation, connections: list[Connection]) -> Step:
    visitors = await _signed_in(installation, connections)

    async def step(connection: Connection, number: int) -> None:
        visitor = visitors[number]
        await redeem(connection, expect(await visitor.follow(await visitor.get(AUTHORIZE)), SEE_OTHER))

    return step


async def _proving_code_flow(installation: Installation, connections: list[Connection]) -> Step:
    """The same by a client that signs an assertion and a DPoP proof for every token request."""
    visitors = await _signed_in(installation, connections)

    async def step(connection: Connection, number: int) -> None:
        visitor = visitors[number]
        redirect = expect(await visitor.follow(await visitor.get(AUTHORIZE_PROVING)), SEE_OTHER)
        await _redeem_proving(installation, connection, redirect)

    return step


async def _pushed_code_flow(installation: Installation, connections: list[Connection]) -> Step:
    """The same by a client that pushes its request first (RFC 9126), with another assertion."""
    visitors = await _signed_in(installation, connections)

    async def step(connection: Connection, number: int) -> None:
        visitor = visitors[number]
        pushed = form("/par", _REQUEST_PROVING | PROVING.assertion(installation.origin))
        uri = json.loads(expect(await connection.ask(pushed), CREATED, b'"request_uri"').body)["request_uri"]
        request = with_query("/authorize", {"client_id": PROVING.client_id, "request_uri": uri})
        redirect = expect(await visitor.follow(await visitor.get(request)), SEE_OTHER)
        await _redeem_proving(installation, connection, redirect)

    return step


async def _redeem_proving(installation: Installation, connection: Connection, redirect: Answer) -> None:
    fields = code_fields(redirect) | PROVING.assertion(installation.origin)
    proof = PROVING.proof("POST", f"{installation.origin}/token")
    answer = await connection.ask(form("/token", fields, f"dpop: {proof}"))
    expect(answer, OK, b'"access_token"', b'"token_type":"DPoP"', b'"id_token"')


async def _password(installation: Installation, _connections: list[Connection]) -> Step:
    people = count(1000)

    async def step(connection: Connection, _number: int) -> None:
        person = next(people)
        redirect = await sign_in(Visitor(connection, installation.origin, address=_address(person)), person)
        if "code" not in query_of(redirect):
            raise UnexpectedAnswer(f"not signed in: {redirect.status} {redirect.body[:200]!r}")

    return step


async def _passkey(installation: Installation, connections: list[Connection]) -> Step:
    """Nobody types anything: the passkey that the page asks for names the person and proves two factors."""
    passkeys = [await _made_passkey(installation, each, number) for number, each in enumerate(connections)]
    devices: list[dict[str, str]] = [{} for _ in passkeys]
    addresses = count(1_000_000)

    async def step(connection: Connection, number: int) -> None:
        # A passkey is used where it is kept: in a browser that its owner signed in with before.
        visitor = Visitor(connection, installation.origin, devices[number], address=_address(next(addresses)))
        page = expect(await visitor.follow(await visitor.get(AUTHORIZE)), OK, b'id="passkey"')
        redirect = await visitor.submit(page, "passkey", {"credential": passkeys[number].sign_in(page)})
        devices[number] = {name: value for name, value in visitor.cookies.items() if "device" in name}
        if "code" not in query_of(redirect):
            raise UnexpectedAnswer(f"not signed in: {redirect.status} {redirect.body[:200]!r}")

    return step


async def _made_passkey(installation: Installation, connection: Connection, holder: int) -> Passkey:
    """Return a passkey that its owner made on the account's pages, which takes a one-time code."""
    visitor = Visitor(connection, installation.origin, address=_address(holder))
    page = expect(await visitor.follow(await visitor.get(_NEW_PASSKEY)), OK, b'id="sign-in"')
    page = await visitor.submit(page, "sign-in", {"username": holder_number(holder), "password": PASSWORD})
    page = expect(await visitor.submit(page, "otp", {"code": one_time_code()}), OK, b'id="add-passkey"')
    passkey = Passkey(installation.origin)
    made = await visitor.submit(page, "add-passkey", {"credential": passkey.register(page), "name": "bench"})
    expect(made, OK)
    return passkey


async def _introspection(installation: Installation, connections: list[Connection]) -> Step:
    token = await _access_token(installation, connections)
    return await _same(form("/introspect", {"token": token}, basic(PORTAL)), b'"active":true')(
        installation, connections
    )


async def _userinfo(installation: Installation, connections: list[Connection]) -> Step:
    token = await _access_token(installation, connections)
    request = f"GET /userinfo HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n".encode()
    return await _same(request, b'"sub"', b'"email"')(installation, connections)


async def _access_token(installation: Installation, connections: list[Connection]) -> str:
    visitor = (await _signed_in(installation, connections[:1]))[0]
    return (await redeem(visitor.connection, await visitor.get(AUTHORIZE)))["access_token"]


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\n\r\n".encode()


CLIENT_CREDENTIALS = form(
    "/token", {"grant_type": "client_credentials", "scope": "bench.read", "resource": AUDIENCE}, basic(MACHINE)
)

PASSWORDS = Scenario(PASSWORD_SIGN_IN, _password)
SCENARIOS = (
    Scenario("discovery", _same(_get("/.well-known/openid-configuration"), b'"issuer"', b'"token_endpoint"')),
    Scenario("JWKS", _same(_get("/jwks"), b'"keys"', b'"kid"')),
    Scenario("client credentials", _same(CLIENT_CREDENTIALS, b'"access_token"', b'"expires_in"')),
    Scenario(REFRESH, _refresh),
    Scenario(CODE_FLOW, _code_flow),
    Scenario(PROVING_CODE_FLOW, _proving_code_flow),
    Scenario(PUSHED_CODE_FLOW, _pushed_code_flow),
    Scenario("introspection", _introspection),
    Scenario("userinfo", _userinfo),
    PASSWORDS,
    Scenario(REFRESH_IN_A_STORM, _refresh, beside=PASSWORDS),
    Scenario(PASSKEY_SIGN_IN, _passkey),
)
