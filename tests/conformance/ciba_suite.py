"""The suite's side of a backchannel authentication: a client that signs what it asks and shows a certificate."""

import asyncio
import json
from base64 import b64encode
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any

import httpx
from joserfc.jwk import ECKey

from tests.conformance.suite import ERROR_MEMBERS, PERSON, entropy
from tests.flows.logout_receiver import RelyingParty
from tests.flows.provider import ISSUER, PASSWORD, Browser, Page, Provider
from tests.protocol.certificates import Identity, self_signed
from tests.protocol.client_signer import ClientSigner

GRANT = "urn:openid:params:grant-type:ciba"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PERSON_RECORD = """
people:
  - {personal_number: "001099000001", name: Nguyễn Văn An, email: an@example.vn, level: 2,
     password: correct horse battery staple, totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP}
clients:
"""


@dataclass
class NotificationEndpoint(RelyingParty):
    """The suite's notification endpoint: it keeps what it is sent, and answers as the module wants."""

    answer_with: str = "204 No Content"
    told: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
        body = await reader.readexactly(int(headers["content-length"]))
        self.told.append((headers, json.loads(body)))
        self.received.put_nowait(body.decode())
        status, _, rest = self.answer_with.partition("|")
        writer.write(f"HTTP/1.1 {status}\r\n{rest}content-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@dataclass(frozen=True)
class Registration:
    """One client of the plan: its key, its certificate, and how it proves itself."""

    client_id: str
    mode: str
    authentication: str
    signer: ClientSigner
    identity: Identity

    def record(self, endpoint: str) -> str:
        """The client as an import file has it."""
        certificate_key = {**ECKey.import_key(self.identity.key).as_dict(private=False), "kid": "tls"}
        record: dict[str, Any] = {
            "client_id": self.client_id,
            "client_name": "Conformance suite",
            "grant_types": [GRANT, "refresh_token"],
            "scope": "openid profile offline_access",
            "token_endpoint_auth_method": self.authentication,
            "jwks": {"keys": [self.signer.jwk, certificate_key]},
            "id_token_signed_response_alg": "ES256",
            "tls_client_certificate_bound_access_tokens": True,
            "backchannel_token_delivery_mode": self.mode,
            "backchannel_authentication_request_signing_alg": "PS256",
            "minimum_acr": "urn:vn:loa:2",
        }
        if self.authentication == "private_key_jwt":
            record["token_endpoint_auth_signing_alg"] = "PS256"
        if self.mode == "ping":
            record["backchannel_client_notification_endpoint"] = endpoint
        return f"  - {json.dumps(record)}\n"


def registration(client_id: str, mode: str, authentication: str) -> Registration:
    """A client with keys of its own."""
    return Registration(client_id, mode, authentication, ClientSigner(client_id, "PS256"), self_signed(client_id))


@dataclass
class CibaSuite:
    """One module's client, and the browser in which the person decides."""

    provider: Provider
    client: Registration
    other: Registration
    endpoint: NotificationEndpoint
    browser: Browser = field(init=False)
    notification_token: str = field(default_factory=token_urlsafe)

    def __post_init__(self) -> None:
        self.browser = self.provider.browser()

    def claims(self, **changes: Any) -> dict[str, Any]:
        """A signed request; None leaves a claim out."""
        now = self.provider.clock.at
        claims: dict[str, Any] = {
            "iss": self.client.client_id,
            "aud": ISSUER,
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "jti": token_urlsafe(),
            "scope": "openid profile",
            "login_hint": PERSON,
            "binding_message": "1234",
            "acr_values": "urn:vn:loa:2",
        }
        if self.client.mode == "ping":
            claims["client_notification_token"] = self.notification_token
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def proof(self, client: Any = None, **changes: Any) -> dict[str, str]:
        """What the client proves itself with in the body."""
        client = client or self.client
        if client.authentication != "private_key_jwt":
            return {"client_id": client.client_id}
        now = self.provider.clock.at
        claims = {
            "iss": client.client_id,
            "sub": client.client_id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": token_urlsafe(),
        }
        return {
            "client_assertion_type": ASSERTION,
            "client_assertion": client.signer.sign(claims | changes),
        }

    async def post(self, path: str, fields: dict[str, str], client: Registration | None = None) -> httpx.Response:
        """Post, with the certificate that the proxy saw."""
        der = (client or self.client).identity.der
        headers = {"client-cert": f":{b64encode(der).decode()}:"}
        return await self.browser.http.post(path, data=fields, headers=headers)

    async def ask(self, token: str | None = None, **changes: Any) -> httpx.Response:
        """Ask at the backchannel authentication endpoint."""
        signed = token or self.client.signer.sign(self.claims(**changes))
        return await self.post("/bc-authorize", {"request": signed, **self.proof()})

    async def asked(self, **changes: Any) -> dict[str, Any]:
        """The answer to a request that is in order, after every check on it."""
        response = await self.ask(**changes)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("application/json")
        assert response.headers["cache-control"] == "no-store"
        answer: dict[str, Any] = response.json()
        assert entropy(answer["auth_req_id"]) > 160
        assert answer["expires_in"] > 0
        assert answer["interval"] >= 1
        return answer

    async def refused(self, **changes: Any) -> str:
        """The error of a request that is not."""
        return error_of(await self.ask(**changes))

    async def poll(self, auth_req_id: str, client: Any = None, **fields: str) -> httpx.Response:
        """Ask the token endpoint."""
        body = {"grant_type": GRANT, "auth_req_id": auth_req_id, **self.proof(client), **fields}
        return await self.post("/token", body, client)

    async def question(self) -> Page:
        """The page on which the person decides on the newest request."""
        page = await self.browser.get("/account/approvals")
        if page.has_form("sign-in"):
            page = await self.browser.submit(page, "sign-in", username=PERSON, password=PASSWORD)
        link = page.text.split('href="/account/approvals/', 1)[1].partition('"')[0]
        page = await self.browser.get(f"/account/approvals/{link}")
        if page.has_form("otp"):
            page = await self.browser.submit(page, "otp", code=self.provider.one_time_code())
        assert page.has_form("approval"), page.text[:500]
        return page

    async def decide(self, decision: str = "allow") -> Page:
        """Answer the newest request."""
        return await self.browser.submit(await self.question(), "approval", decision=decision)

    async def userinfo(self, access_token: str, *, certificate: Identity | None) -> httpx.Response:
        """Use the token at a resource, with this certificate."""
        headers = {"authorization": f"Bearer {access_token}"}
        if certificate is not None:
            headers["client-cert"] = f":{b64encode(certificate.der).decode()}:"
        return await self.browser.http.get("/userinfo", headers=headers)


def error_of(response: httpx.Response) -> str:
    """The error code of an answer, after every check on it."""
    assert response.status_code in {400, 401}, response.text
    assert response.headers["content-type"].startswith("application/json")
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert body.keys() <= ERROR_MEMBERS
    return str(body["error"])
