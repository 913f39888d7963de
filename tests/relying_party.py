"""A relying party and a person's browser against the real provider, over sockets."""

import asyncio
import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bench.connection import Answer, Connection
from bench.visitor import Visitor, query_of, with_query
from tests.server import CALLBACK, CITIZEN, PASSWORD, PORTAL, ProviderProcess

VERIFIER = "a-code-verifier-of-forty-three-characters-0"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
OPEN: list[Connection] = []
FORM = "application/x-www-form-urlencoded"


async def connect(provider: ProviderProcess) -> Connection:
    connection = await Connection.open("127.0.0.1", provider.port)
    OPEN.append(connection)
    return connection


async def hang_up() -> None:
    """Close every connection that a test opened; one over TLS says goodbye first, and is gone when that was heard."""
    closing = list(OPEN)
    OPEN.clear()
    for connection in closing:
        connection.close()
    async with asyncio.timeout(5):
        while not all(connection.closed for connection in closing):  # noqa: ASYNC110 -- turns of the loop, no time
            await asyncio.sleep(0)


async def visitor(provider: ProviderProcess) -> Visitor:
    return Visitor(await connect(provider), provider.url)


async def ask(
    provider: ProviderProcess, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> Answer:
    """One request on a connection of its own."""
    connection = await connect(provider)
    lines = [f"{method} {path} HTTP/1.1", f"host: localhost:{provider.port}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method not in {"GET", "HEAD"} and "content-length" not in (headers or {}):
        lines.append(f"content-length: {len(body)}")
    return await connection.ask("\r\n".join([*lines, "", ""]).encode("latin-1") + body)


def basic(client: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(client).encode()).decode()


async def post(provider: ProviderProcess, path: str, fields: dict[str, str], client: tuple[str, str] | None) -> Answer:
    headers = {"content-type": FORM} | ({"authorization": basic(client)} if client else {})
    return await ask(provider, "POST", path, headers, urlencode(fields).encode())


def authorize_url(client_id: str = PORTAL[0], **parameters: str) -> str:
    wanted = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": CALLBACK,
        "scope": "openid profile offline_access",
        "state": "a-state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **parameters,
    }
    return with_query("/authorize", {name: value for name, value in wanted.items() if value})


@dataclass
class SignedIn:
    """What came back to the relying party, and the browser that brought it."""

    browser: Visitor
    code: str

    async def redeem(self, provider: ProviderProcess, client: tuple[str, str] = PORTAL) -> Answer:
        fields = {
            "grant_type": "authorization_code",
            "code": self.code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return await post(provider, "/token", fields, client)


async def sign_in(
    provider: ProviderProcess, username: str = CITIZEN, url: str | None = None, browser: Visitor | None = None
) -> SignedIn:
    browser = browser or await visitor(provider)
    page = await browser.follow(await browser.get(url or authorize_url()))
    if page.status == 200:
        page = await browser.submit(page, "sign-in", {"username": username, "password": PASSWORD})
    return SignedIn(browser, query_of(page)["code"])


def read_json(answer: Answer) -> Any:
    return json.loads(answer.body)


async def refresh(provider: ProviderProcess, refresh_token: str, client: tuple[str, str] = PORTAL) -> Answer:
    return await post(provider, "/token", {"grant_type": "refresh_token", "refresh_token": refresh_token}, client)


async def is_active(provider: ProviderProcess, token: str, client: tuple[str, str] = PORTAL) -> bool:
    answer = await post(provider, "/introspect", {"token": token}, client)
    return bool(read_json(answer)["active"])
