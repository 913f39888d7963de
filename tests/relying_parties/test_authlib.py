"""Authlib's own client for httpx against the real provider."""

import json
from typing import Any

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.protocol.client_signer import ClientSigner
from tests.relying_parties.person import Person
from tests.server import CALLBACK, ProviderProcess

SECRET = "a-client-secret-for-tests-only-1"
SCOPE = "openid profile offline_access"
VERIFIER = "a-code-verifier-of-forty-three-characters-0"
SIGNER = ClientSigner("authlib-1")


@pytest.fixture(scope="module")
def records() -> str:
    return f"""
people:
  - {{personal_number: "001099000001", name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2,
      password: correct horse battery, totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP}}
resources: [{{audience: "https://api.example.vn", scopes: [dossier.read]}}]
clients:
  - {{client_id: authlib, client_secret: {SECRET}, client_name: Dịch vụ, redirect_uris: ["{CALLBACK}"],
      grant_types: [authorization_code, refresh_token], scope: {SCOPE}}}
  - {{client_id: machine, client_secret: {SECRET}, grant_types: [client_credentials], scope: dossier.read,
      redirect_uris: []}}
  - client_id: authlib-key
    client_name: Dịch vụ
    token_endpoint_auth_method: private_key_jwt
    token_endpoint_auth_signing_alg: ES256
    redirect_uris: ["{CALLBACK}"]
    grant_types: [authorization_code, client_credentials]
    scope: openid dossier.read
    jwks: {{keys: [{json.dumps(SIGNER.jwk)}]}}
"""


def service(provider: ProviderProcess, client_id: str, secret: str | None = SECRET, **options: Any) -> OAuth2Client:
    """The client, with what the discovery document says."""
    made = OAuth2Client(client_id, secret, redirect_uri=CALLBACK, timeout=30, **options)
    made.metadata.update(httpx.get(f"{provider.url}/.well-known/openid-configuration").json())
    return made


def key_service(provider: ProviderProcess, **options: Any) -> OAuth2Client:
    """The one that signs its requests for tokens."""
    made = service(provider, "authlib-key", None, token_endpoint_auth_method="private_key_jwt", **options)
    made.client_secret = SIGNER.key
    method = PrivateKeyJWT(made.metadata["token_endpoint"], alg="ES256", headers={"kid": SIGNER.kid})
    made.register_client_auth_method(method)
    return made


def redeem(client: OAuth2Client, person: Person, **options: Any) -> dict[str, Any]:
    """Sign in and fetch the tokens."""
    asked, state = client.create_authorization_url(
        client.metadata["authorization_endpoint"], nonce="n-1", code_verifier=VERIFIER, **options
    )
    answer = person.answer(person.sign_in(person.open(asked)))
    tokens: dict[str, Any] = client.fetch_token(
        client.metadata["token_endpoint"], authorization_response=answer, state=state, code_verifier=VERIFIER
    )
    return tokens


def id_token(client: OAuth2Client, tokens: dict[str, Any]) -> CodeIDToken:
    """The claims: the signature verified, then what OpenID Connect asks of them by Authlib."""
    keys = KeySet.import_key_set(httpx.get(client.metadata["jwks_uri"]).json())
    token = jwt.decode(tokens["id_token"], keys, algorithms=["RS256", "ES256"])
    claims = CodeIDToken(
        token.claims,
        token.header,
        options={"iss": {"essential": True, "value": client.metadata["issuer"]}},
        params={"nonce": "n-1", "client_id": client.client_id, "access_token": tokens["access_token"]},
    )
    claims.validate()
    return claims


def test_code_flow_with_pkce_and_refresh(provider: ProviderProcess, person: Person) -> None:
    with service(provider, "authlib", scope=SCOPE, code_challenge_method="S256") as client:
        tokens = redeem(client, person)
        claims = id_token(client, tokens)
        told = client.get(client.metadata["userinfo_endpoint"]).json()
        assert (told["sub"], told["name"]) == (claims["sub"], "Nguyễn Văn An")

        refreshed = client.refresh_token(client.metadata["token_endpoint"])
        assert refreshed["refresh_token"] != tokens["refresh_token"]
        assert client.get(client.metadata["userinfo_endpoint"]).json()["sub"] == claims["sub"]
        asked = client.introspect_token(client.metadata["introspection_endpoint"], refreshed["access_token"]).json()
        assert asked["active"] is True

        assert client.revoke_token(client.metadata["revocation_endpoint"]).status_code == 200
        assert client.get(client.metadata["userinfo_endpoint"]).status_code == 401


def test_client_credentials(provider: ProviderProcess) -> None:
    with service(provider, "machine", scope="dossier.read") as client:
        tokens = client.fetch_token(
            client.metadata["token_endpoint"], grant_type="client_credentials", resource="https://api.example.vn"
        )

    assert (tokens["token_type"], tokens["scope"]) == ("Bearer", "dossier.read")


def test_code_flow_with_private_key_jwt(provider: ProviderProcess, person: Person) -> None:
    with key_service(provider, scope="openid", code_challenge_method="S256") as client:
        tokens = redeem(client, person)

        assert id_token(client, tokens)["aud"] == "authlib-key"


def test_client_credentials_with_private_key_jwt(provider: ProviderProcess) -> None:
    with key_service(provider, scope="dossier.read") as client:
        tokens = client.fetch_token(
            client.metadata["token_endpoint"], grant_type="client_credentials", resource="https://api.example.vn"
        )

    assert tokens["scope"] == "dossier.read"
