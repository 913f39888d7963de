"""A relying party that registers itself, and publishes documents on loopback where the suite would on its own host."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import httpx

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemEntropy
from idp.cli.opening import Provider as Opened
from idp.cli.registration_token_work import create
from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.ports.clock import CLOCK_TOLERANCE
from tests.conformance.suite import CALLBACK, Registration, Suite
from tests.flows.provider import ISSUER, running_provider
from tests.protocol.client_signer import ClientSigner

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Documents:
    """A server on loopback; what it has at a path may change, and who fetched what is counted."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.fetched: list[str] = []
        self.origin = ""

    def publish(self, path: str, document: object) -> str:
        """Put a document at `path`; its address."""
        self.pages[path] = document if isinstance(document, str) else json.dumps(document)
        return f"{self.origin}{path}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ")[1].decode()
        self.fetched.append(path)
        status = "200 OK" if path in self.pages else "404 Not Found"
        body = self.pages.get(path, "").encode()
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


class DynamicSuite(Suite):
    """`Suite` whose client is what it registered last."""

    documents: Documents
    key: ClientSigner
    registered: dict[str, Any]

    async def register(self, *, status: int = 201, **metadata: Any) -> dict[str, Any]:
        """Register, by an initial access token of its own; the answer, checked."""
        sent = {
            "client_name": "Conformance suite",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "contacts": ["certification@oidf.org"],
            **metadata,
        }
        response = await self.post(sent)
        assert response.status_code == status, response.text
        assert response.headers["content-type"].startswith("application/json")
        assert response.headers["cache-control"] == "no-store"
        self.registered = response.json()
        if status == httpx.codes.CREATED:
            self._take_over(sent)
        return self.registered

    async def post(self, metadata: dict[str, Any]) -> httpx.Response:
        """Ask the registration endpoint that discovery names."""
        discovered = (await self.browser.http.get("/.well-known/openid-configuration")).json()
        headers = {"authorization": f"Bearer {await self.initial_access_token()}"}
        return await self.browser.http.post(discovered["registration_endpoint"], json=metadata, headers=headers)

    async def initial_access_token(self) -> str:
        """Have an operator make a token."""
        at = self.provider
        keystore = FileKeystore(at.settings.keystore_path, load_secret(at.settings.secret_file, create=False), at.clock)
        origin = Origin(RequestId("operator"), "command")
        operator = Opened(at.settings, keystore, at.stores, at.clock, SystemEntropy(), origin)
        _, issued = await create(operator, uses=1, hours=1, note="suite")
        return issued

    async def manage(self, method: str, **metadata: Any) -> httpx.Response:
        """Ask the client configuration endpoint."""
        headers = {"authorization": f"Bearer {self.registered['registration_access_token']}"}
        address = self.registered["registration_client_uri"]
        return await self.browser.http.request(method, address, headers=headers, json=metadata or None)

    def publish_keys(self, *keys: ClientSigner) -> str:
        """Publish public keys; where."""
        return self.documents.publish("/jwks", {"keys": [key.jwk for key in keys]})

    async def token(self, **fields: str) -> httpx.Response:
        """Ask the token endpoint, authenticated as registered."""
        if self.client.authentication != "private_key_jwt":
            return await super().token(**fields)
        return await self.browser.http.post("/token", data={**fields, **self.assertion(ISSUER)})

    def assertion(self, audience: str) -> dict[str, str]:
        """A client assertion (RFC 7523 section 3) by the current key."""
        now, client_id = self.provider.clock.at, self.client.client_id
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
        }
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.key.sign(claims)}

    def request_object(self, parameters: Mapping[str, str]) -> str:
        """These parameters as a signed request object."""
        now = self.provider.clock.at
        own = {"iss": self.client.client_id, "aud": ISSUER, "iat": now, "exp": now + 300}
        return self.key.sign({**parameters, **own})

    def _take_over(self, sent: dict[str, Any]) -> None:
        members = self.registered
        # RFC 7592 section 3: both or neither; RFC 7591 section 3.2.1: an expiry with every secret.
        assert members["registration_client_uri"].startswith(f"{ISSUER}/")
        assert members["registration_access_token"]
        assert ("client_secret" in members) == ("client_secret_expires_at" in members)
        assert all(members[name] == value for name, value in sent.items())
        self.client = Registration(
            members["client_id"],
            members.get("client_secret", ""),
            members["redirect_uris"][0],
            members["token_endpoint_auth_method"],
            members["id_token_signed_response_alg"],
        )
        # Another process would see the new client a second later.
        self.provider.clock.advance(1)


@asynccontextmanager
async def dynamic_suite(folder: Path, **overrides: Any) -> AsyncIterator[DynamicSuite]:
    """A relying party without a registration yet, at a provider that may fetch its documents."""
    documents = Documents()
    server = await asyncio.start_server(documents.answer, "127.0.0.1", 0)
    address = "{}:{}".format(*server.sockets[0].getsockname())
    documents.origin = f"http://{address}"
    try:
        async with running_provider(folder, outbound_allow=address, **overrides) as provider:
            # A store that has just begun to remember refuses what was issued before it did.
            await provider.stores.short_lived.remembers_since(provider.clock.now())
            provider.clock.advance(2 * CLOCK_TOLERANCE + 1)
            suite = DynamicSuite(provider)
            suite.documents = documents
            suite.key = ClientSigner("suite-1", "RS256")
            yield suite
    finally:
        server.close()
        await server.wait_closed()
