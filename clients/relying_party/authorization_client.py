"""RFC 6749, RFC 7636 and RFC 8707 from the client's side: Authlib's client over httpx."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client

from clients.relying_party.provider import Provider
from clients.relying_party.refusals import ProviderUnavailable
from clients.relying_party.settings import ClientRegistration

DEFAULT_EXPIRY = 60  # seconds, when a token response does not say


class TokenRequestRefused(Exception):
    """The token endpoint refused; `code` is OAuth's error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class TokenResponse:
    access_token: str
    expires_in: int  # seconds
    refresh_token: str | None
    id_token: str | None
    authorization_details: object = None  # RFC 9396 §7: what the person approved, as the provider tells it


class _HttpxOAuth2Client(OAuth2Client):  # type: ignore[misc]  # Authlib publishes no types
    """Authlib's client over the application's own httpx client, so that there is one pool and one time limit."""

    async def _fetch_token(
        self,
        url: str,
        *,
        body: str,
        headers: Mapping[str, str],
        auth: ClientAuth,
        **_: object,  # the method, always POST, and the refresh token, which the body carries
    ) -> Mapping[str, Any]:
        url, signed_headers, body = auth.prepare("POST", url, dict(headers), body)
        response = await self.session.post(url, content=body, headers=signed_headers)
        token: Mapping[str, Any] = self.parse_response_token(response)
        return token

    _refresh_token = _fetch_token


class AuthorizationClient:
    """Speaks to the provider as one registered client."""

    def __init__(
        self, registration: ClientRegistration, provider: Provider, http: httpx.AsyncClient, redirect_uri: str
    ) -> None:
        self.registration = registration
        self._provider = provider
        self._http = http
        self._redirect_uri = redirect_uri

    async def authorization_url(self, *, state: str, nonce: str, code_verifier: str, **parameters: str | None) -> str:
        """Return where to send the browser; parameters that are None are left out."""
        metadata = await self._provider.metadata()
        url, _ = self._oauth2().create_authorization_url(
            metadata.authorization_endpoint,
            state=state,
            nonce=nonce,
            code_verifier=code_verifier,
            resource=list(self.registration.resources),
            **parameters,
        )
        return str(url)

    async def exchange_code(self, code: str, code_verifier: str) -> TokenResponse:
        """Trade the code for tokens; raises TokenRequestRefused or ProviderUnavailable."""
        return await self._request(
            "fetch_token", grant_type="authorization_code", code=code, code_verifier=code_verifier
        )

    async def refresh(self, refresh_token: str, resource: str | None) -> TokenResponse:
        """Trade the refresh token for new tokens, for `resource` if given; raises as `exchange_code`."""
        return await self._request("refresh_token", refresh_token=refresh_token, scope=None, resource=resource)

    async def client_credentials(self, *, scope: str, resource: str) -> TokenResponse:
        """Ask for a token in the application's own name; raises as `exchange_code`."""
        return await self._request("fetch_token", grant_type="client_credentials", scope=scope, resource=resource)

    async def userinfo(self, access_token: str) -> Mapping[str, Any]:
        """Return the claims released to this client; raises ProviderUnavailable."""
        metadata = await self._provider.metadata()
        try:
            response = await self._http.get(
                metadata.userinfo_endpoint, headers={"Authorization": f"Bearer {access_token}"}
            )
            response.raise_for_status()
            claims = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderUnavailable(f"userinfo: {type(error).__name__}") from error
        if not isinstance(claims, dict):
            raise ProviderUnavailable("userinfo: not a JSON object")
        return claims

    async def _request(self, method: str, **parameters: str | None) -> TokenResponse:
        metadata = await self._provider.metadata()
        try:
            response = await getattr(self._oauth2(), method)(metadata.token_endpoint, **parameters)
        except OAuth2Error as error:
            raise TokenRequestRefused(str(error.error)) from error
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderUnavailable(f"token endpoint: {type(error).__name__}") from error
        return _token_response(response)

    def _oauth2(self) -> _HttpxOAuth2Client:
        client = _HttpxOAuth2Client(
            self._http,
            client_id=self.registration.client_id,
            client_secret=self.registration.client_secret,
            scope=self.registration.scope,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic",
        )
        client.register_client_auth_method(("client_secret_basic", _client_secret_basic))
        return client


def _client_secret_basic(
    client: ClientAuth, _method: str, uri: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """RFC 6749 §2.3.1: both halves are form-encoded first, which Authlib leaves out."""
    pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body


def _token_response(response: Mapping[str, Any]) -> TokenResponse:
    access_token, expires_in = response.get("access_token"), response.get("expires_in", DEFAULT_EXPIRY)
    refresh_token, id_token = response.get("refresh_token"), response.get("id_token")
    # RFC 6749 §7.1: "The client MUST NOT use an access token if it does not understand the token type."
    if str(response.get("token_type")).lower() != "bearer" or not isinstance(access_token, str):
        raise ProviderUnavailable("token endpoint: no bearer token")
    return TokenResponse(
        access_token=access_token,
        expires_in=expires_in if isinstance(expires_in, int) else DEFAULT_EXPIRY,
        refresh_token=refresh_token if isinstance(refresh_token, str) else None,
        id_token=id_token if isinstance(id_token, str) else None,
        authorization_details=response.get("authorization_details"),
    )
