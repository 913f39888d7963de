"""The relying party of the FAPI 2.0 plans: it pushes, signs or shows a certificate, and proves its keys."""

from base64 import b64encode
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any

import httpx
import yaml
from joserfc.jwk import ECKey

from idp.ports.clock import CLOCK_TOLERANCE
from tests.conformance.suite import CALLBACK, DESCRIPTION, Registration, Suite, entropy, s256
from tests.flows.provider import ISSUER, Page, Provider, import_records, unverified_claims
from tests.protocol.certificates import START, Identity, self_signed
from tests.protocol.client_signer import ClientSigner
from tests.protocol.prover import Prover

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SIGNER, SECOND_SIGNER = ClientSigner("sig", "PS256"), ClientSigner("sig-2", "ES256")
IDENTITY, SECOND_IDENTITY = self_signed("suite"), self_signed("second suite")
VERIFIER = "a-code-verifier-of-at-least-forty-three-characters"


@dataclass(frozen=True)
class FapiClient:
    """One of the clients of the plan."""

    client_id: str
    authentication: str
    signer: ClientSigner
    identity: Identity

    def record(self) -> dict[str, Any]:
        """The client as an import file has it."""
        certificate_key = {**ECKey.import_key(self.identity.key).as_dict(private=False), "kid": "tls"}
        return {
            "client_id": self.client_id,
            "client_name": "Conformance suite",
            "profile": "fapi2",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile email offline_access",
            "token_endpoint_auth_method": self.authentication,
            "jwks": {"keys": [self.signer.jwk, certificate_key]},
            "id_token_signed_response_alg": "ES256",
        }


SIGNING = FapiClient("fapi-signing", "private_key_jwt", SIGNER, IDENTITY)
SIGNING_SECOND = FapiClient("fapi-signing-2", "private_key_jwt", SECOND_SIGNER, SECOND_IDENTITY)
MUTUAL = FapiClient("fapi-mutual", "self_signed_tls_client_auth", SIGNER, IDENTITY)
CLIENTS = (SIGNING, SIGNING_SECOND, MUTUAL)


async def register(provider: Provider) -> None:
    """Register the clients of the plan, and turn the clock to when their certificates are valid."""
    provider.clock.at = START
    records = yaml.safe_dump({"clients": [client.record() for client in CLIENTS]})
    await import_records(provider.stores, records, provider.settings)
    # A store that has just begun to remember refuses what was issued before it did.
    await provider.stores.short_lived.remembers_since(provider.clock.now())
    provider.clock.advance(2 * CLOCK_TOLERANCE + 1)


@dataclass
class FapiSuite:
    """One module's relying party. `dpop` tells how tokens are bound: to a proof key, or to the certificate."""

    provider: Provider
    client: FapiClient = SIGNING
    dpop: bool = True
    prover: Prover = field(default_factory=Prover)
    nonce: str | None = None
    suite: Suite = field(init=False)

    def __post_init__(self) -> None:
        self.suite = Suite(self.provider)

    @property
    def now(self) -> int:
        return self.provider.clock.at

    def assertion(self, signer: ClientSigner | None = None, **changes: Any) -> dict[str, Any]:
        """A client assertion, right but for the changes (None removes)."""
        claims = {
            "iss": self.client.client_id,
            "sub": self.client.client_id,
            "aud": ISSUER,
            "jti": token_urlsafe(16),
            "iat": self.now,
            "exp": self.now + 60,
            **changes,
        }
        token = (signer or self.client.signer).sign(
            {name: value for name, value in claims.items() if value is not None}
        )
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}

    def authentication(self) -> dict[str, Any]:
        """What proves the client in the body; the certificate does it from the side."""
        told = {"client_id": self.client.client_id}
        return told | self.assertion() if self.client.authentication == "private_key_jwt" else told

    def connection(self) -> dict[str, str]:
        """The header by which the proxy hands the certificate on, where the client shows one."""
        if self.dpop and self.client.authentication == "private_key_jwt":
            return {}
        return {"client-cert": f":{b64encode(self.client.identity.der).decode()}:"}

    async def ask(
        self,
        path: str,
        fields: dict[str, str | None],
        *,
        prove: bool | None = None,
        prover: Prover | None = None,
        **proof: Any,
    ) -> httpx.Response:
        """POST a form, authenticated and with a proof if need be; once more when a nonce is asked for."""
        proves = self.dpop if prove is None else prove
        key = (prover or self.prover) if proves else None
        response = await self._post(path, fields, key, proof)
        if response.headers.get("dpop-nonce") is not None:
            assert (response.status_code, response.json()["error"]) == (400, "use_dpop_nonce")
            self.nonce = response.headers["dpop-nonce"]
            assert entropy(self.nonce) > 96
            response = await self._post(path, fields, key, proof)
        return response

    async def _post(
        self, path: str, fields: dict[str, str | None], prover: Prover | None, proof: dict[str, Any]
    ) -> httpx.Response:
        headers = self.connection()
        if prover is not None:
            told: dict[str, Any] = {"url": f"{ISSUER}{path}", "nonce": self.nonce, **proof}
            headers["dpop"] = prover.proof(self.now, **told)
        body = {**self.authentication(), **fields}
        sent = {name: value for name, value in body.items() if value is not None}
        return await self.suite.browser.http.post(path, data=sent, headers=headers)

    async def push(self, *, prove: bool = False, **changes: Any) -> httpx.Response:
        """Push an authorization request."""
        parameters = self.suite.parameters(
            client_id=self.client.client_id, code_challenge=s256(VERIFIER), code_challenge_method="S256"
        )
        return await self.ask("/par", {**parameters, **changes}, prove=prove)

    async def pushed(self, *, prove: bool = False, **changes: str | None) -> str:
        """The request_uri of a pushed request."""
        response = await self.push(prove=prove, **changes)
        assert response.status_code == 201, response.text
        assert response.json()["expires_in"] >= 5
        return str(response.json()["request_uri"])

    async def open(self, request_uri: str) -> Page:
        """Open the authorization endpoint with a pushed request."""
        return await self.suite.browser.get("/authorize", client_id=self.client.client_id, request_uri=request_uri)

    async def code(self, *, prove: bool = False, **changes: str | None) -> str:
        """The code of a sign-in."""
        request_uri = await self.pushed(prove=prove, **changes)
        return self.suite.code(await self.suite.interact(await self.open(request_uri)))

    async def redeem(self, code: str, *, prove: bool | None = None, **changes: Any) -> httpx.Response:
        """Exchange a code; `fields` replace what is posted, everything else goes into the proof."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            **changes.pop("fields", {}),
        }
        return await self.ask("/token", fields, prove=prove, **changes)

    async def refresh(self, token: str, **changes: Any) -> httpx.Response:
        """Use a refresh token."""
        return await self.ask("/token", {"grant_type": "refresh_token", "refresh_token": token}, **changes)

    async def sign_in(self, **changes: Any) -> dict[str, Any]:
        """The whole flow: the tokens, checked."""
        tokens = self.checked(await self.redeem(await self.code(**changes)))
        verifying = Suite(self.provider, client=Registration(self.client.client_id, algorithm="ES256"))
        await verifying.verified(tokens, nonce=False)
        return tokens

    def checked(self, response: httpx.Response) -> dict[str, Any]:
        """A token response, and what its access token is bound to."""
        assert response.status_code == 200, response.text
        assert response.headers["cache-control"] == "no-store"
        tokens: dict[str, Any] = response.json()
        assert tokens["token_type"] == ("DPoP" if self.dpop else "Bearer")
        assert tokens["expires_in"] > 0
        bound_to = unverified_claims(tokens["access_token"])["cnf"]
        assert bound_to.keys() == ({"jkt"} if self.dpop else {"x5t#S256"})
        return tokens

    async def userinfo(
        self, access_token: str, *, scheme: str | None = None, prover: Prover | None = None, **proof: Any
    ) -> httpx.Response:
        """Ask the resource, with a proof if need be; once more when a nonce is asked for."""
        response = await self._get(access_token, scheme, prover, proof)
        if response.headers.get("dpop-nonce") is not None:
            assert response.status_code == 401
            assert 'error="use_dpop_nonce"' in response.headers["www-authenticate"]
            self.nonce = response.headers["dpop-nonce"]
            response = await self._get(access_token, scheme, prover, proof)
        return response

    async def _get(
        self, access_token: str, scheme: str | None, prover: Prover | None, proof: dict[str, Any]
    ) -> httpx.Response:
        headers = {"authorization": f"{scheme or ('DPoP' if self.dpop else 'Bearer')} {access_token}"}
        headers |= self.connection()
        if self.dpop:
            told: dict[str, Any] = {"method": "GET", "url": f"{ISSUER}/userinfo", "access_token": access_token}
            headers["dpop"] = (prover or self.prover).proof(self.now, **told | {"nonce": self.nonce} | proof)
        return await self.suite.browser.http.get("/userinfo", headers=headers)


def refused(response: httpx.Response, *errors: str, status: int = 400) -> None:
    """Check a refusal at an endpoint where clients authenticate."""
    body = response.json()
    assert (response.status_code, body["error"] in errors) == (status, True), response.text
    assert body.keys() <= {"error", "error_description", "error_uri"}
    assert DESCRIPTION.fullmatch(body["error_description"])


def refused_at_resource(response: httpx.Response, error: str, scheme: str = "DPoP") -> None:
    """Check a refusal at a resource."""
    assert response.status_code == 401, response.text
    challenge = response.headers["www-authenticate"]
    assert challenge.startswith(f"{scheme} ")
    assert f'error="{error}"' in challenge
