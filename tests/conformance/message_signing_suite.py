"""The relying party of the FAPI 2.0 Message Signing plan: it signs what it asks, and reads signed answers (JARM)."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import yaml
from jose import jwt

from tests.conformance.fapi_suite import IDENTITY, SIGNER, VERIFIER, FapiClient, FapiSuite
from tests.conformance.suite import CALLBACK, s256
from tests.flows.provider import ISSUER, Page, Provider, import_records
from tests.protocol.client_signer import ClientSigner

TEN_MINUTES = 600


@dataclass(frozen=True)
class MessageClient(FapiClient):
    """A client that signs its requests, all of them."""

    def record(self) -> dict[str, Any]:
        return {
            **super().record(),
            "require_signed_request_object": True,
            "authorization_signed_response_alg": "ES256",
            "authorization_details_types": ["payment_initiation"],
        }


MESSAGE = MessageClient("fapi-message", "private_key_jwt", SIGNER, IDENTITY)


async def register_message_client(provider: Provider) -> None:
    """Register the client of the plan."""
    await import_records(provider.stores, yaml.safe_dump({"clients": [MESSAGE.record()]}), provider.settings)


@dataclass
class MessageSuite(FapiSuite):
    """One module's relying party. `jarm` asks for signed answers."""

    client: FapiClient = MESSAGE
    jarm: bool = False
    last_request: dict[str, str] = field(default_factory=dict)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a request object, right but for the changes (None removes)."""
        parameters = self.suite.parameters(
            client_id=self.client.client_id,
            code_challenge=s256(VERIFIER),
            code_challenge_method="S256",
            response_mode="jwt" if self.jarm else None,
        )
        members = {
            **parameters,
            "iss": self.client.client_id,
            "aud": ISSUER,
            "nbf": self.now,
            "exp": self.now + 300,
            **changes,
        }
        return {name: value for name, value in members.items() if value is not None}

    def signed(self, signer: ClientSigner | None = None, **changes: Any) -> str:
        """A request object."""
        return (signer or self.client.signer).sign(self.claims(**changes), typ="oauth-authz-req+jwt")

    async def push_object(self, token: str, **beside: str) -> httpx.Response:
        """Push a request object."""
        return await self.ask("/par", {"request": token, **beside}, prove=False)

    async def signed_in(self, token: str, **beside: str) -> str:
        """The code of a sign-in for a request object."""
        response = await self.push_object(token, **beside)
        assert response.status_code == 201, response.text
        page = await self.suite.interact(await self.open(response.json()["request_uri"]))
        return str((await self.response(page))["code"])

    async def response(self, page: Page) -> dict[str, Any]:
        """The parameters of the answer, out of its token where it is signed."""
        if not self.jarm:
            return {"code": self.suite.code(page)}
        assert page.location.startswith(CALLBACK)
        location = urlsplit(page.location)
        assert not location.fragment
        ((name, token),) = parse_qsl(location.query)
        assert name == "response"
        keys = (await self.suite.browser.http.get("/jwks")).json()["keys"]
        header = jwt.get_unverified_header(token)
        (key,) = [key for key in keys if key["kid"] == header["kid"]]
        assert header["alg"] in {"PS256", "ES256", "EdDSA"}
        answer: dict[str, Any] = jwt.decode(
            token, key, algorithms=["ES256"], audience=self.client.client_id, issuer=ISSUER,
            options={"verify_exp": False},
        )  # fmt: skip
        assert self.now < answer["exp"] <= self.now + TEN_MINUTES
        assert answer.get("state") == self.suite.state
        return answer
