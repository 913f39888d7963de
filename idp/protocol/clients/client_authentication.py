"""RFC 6749 section 2.3 and OpenID Connect Core section 9: client authentication, by one method each."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from urllib.parse import unquote_plus

from idp.domain.clients.client import Client
from idp.domain.ids import ClientId
from idp.domain.values import dataclass
from idp.ports.clients import Clients
from idp.ports.clock import Clock
from idp.protocol.clients import client_assertion, mutual_tls
from idp.protocol.clients.client_assertion import ClientAssertions
from idp.protocol.clients.mutual_tls import CertificateAuthentication
from idp.protocol.errors import InvalidClientError, InvalidRequestError

BASIC: Final = "client_secret_basic"
POST: Final = "client_secret_post"
NONE: Final = "none"

METHODS: Final = (BASIC, POST, client_assertion.SECRET, client_assertion.PRIVATE_KEY, *mutual_tls.METHODS, NONE)
"""What this provider verifies; a client registered for another method never gets in."""

_NO_SECRET: Final = (bytes(32),)


@dataclass(frozen=True, slots=True)
class AuthenticatedClient:
    """A client that proved who it is, or a public one that said so."""

    client: Client

    @property
    def client_id(self) -> ClientId:
        """The client's identifier."""
        return self.client.client_id


@dataclass(frozen=True, slots=True)
class UnverifiedCredentials:
    """What a request claims."""

    client_id: str
    secret: str | None
    method: str


class ClientAuthentication:
    """Tells which client is asking."""

    def __init__(
        self, clients: Clients, assertions: ClientAssertions, certificates: CertificateAuthentication, clock: Clock
    ) -> None:
        self._clients = clients
        self._assertions = assertions
        self._certificates = certificates
        self._clock = clock

    async def authenticate(
        self,
        parameters: Mapping[str, str],
        authorization: str | None,
        certificate: bytes | None = None,
    ) -> AuthenticatedClient:
        """Return the client, proved by exactly the method that it is registered for.

        Raises `InvalidRequestError` when two methods are used at once, and otherwise `InvalidClientError`, the same for
        every cause: an unknown client costs and looks like a wrong secret.
        """
        _check_one_method(parameters, authorization)
        if "client_assertion" in parameters:
            client = await self._by_assertion(parameters)
        else:
            client = await self._by_secret(unverified_credentials(parameters, authorization), certificate)
        if client.disabled:
            raise InvalidClientError(reason="disabled client", client_id=client.client_id)
        return AuthenticatedClient(client)

    async def _by_secret(self, unverified: UnverifiedCredentials, certificate: bytes | None) -> Client:
        client = await self._clients.get(unverified.client_id)
        # RFC 8705 section 2: the client says who it is by client_id, and proves it by its certificate.
        if unverified.method == NONE and client and client.token_endpoint_auth_method in mutual_tls.METHODS:
            await self._certificates.verify(client, certificate)
            return client
        proved = unverified.method == NONE or _is_one_of(
            unverified.secret or "", client.secrets_in_force(self._clock.now()) if client else _NO_SECRET
        )
        registered = _registered(client, unverified.method)
        if not proved:
            raise InvalidClientError(reason="wrong secret", client_id=registered.client_id)
        return registered

    async def _by_assertion(self, parameters: Mapping[str, str]) -> Client:
        unverified = self._assertions.read(parameters)
        client = await self._clients.get(unverified.client_id)
        if client is None:
            self._assertions.pretend(unverified)
        registered = _registered(client, unverified.method)
        await self._assertions.verify(registered, unverified)
        return registered


def _registered(client: Client | None, method: str) -> Client:
    """Return the client if it is there and registered for the method. Raises `InvalidClientError`."""
    if client is None:
        raise InvalidClientError(reason="unknown client")
    if method != client.token_endpoint_auth_method:
        raise InvalidClientError(reason="not the registered method", client_id=client.client_id)
    return client


def _check_one_method(parameters: Mapping[str, str], authorization: str | None) -> None:
    # RFC 6749 section 2.3: "The client MUST NOT use more than one authentication method in each request."
    in_body = [name for name in ("client_secret", "client_assertion") if name in parameters]
    if len(in_body) + (authorization is not None) > 1:
        raise InvalidRequestError("Only one client authentication method may be used.")


def unverified_credentials(parameters: Mapping[str, str], authorization: str | None) -> UnverifiedCredentials:
    """Return what a request without an assertion claims, by header or body.

    Raises `InvalidRequestError` and `InvalidClientError`.
    """
    if authorization is not None:
        credentials = _basic_credentials(authorization)
        # The body may repeat the client identifier; it may not name another client.
        if parameters.get("client_id", credentials.client_id) != credentials.client_id:
            raise InvalidRequestError("The client_id is not the one that authenticated.")
        return credentials
    if "client_id" not in parameters:
        raise InvalidClientError(reason="no client credentials of a supported kind")
    secret = parameters.get("client_secret")
    return UnverifiedCredentials(parameters["client_id"], secret, NONE if secret is None else POST)


def _basic_credentials(authorization: str) -> UnverifiedCredentials:
    scheme, _, encoded = authorization.partition(" ")
    # RFC 9110 section 11.1: the scheme is a case-insensitive token.
    if scheme.lower() != "basic":
        raise InvalidClientError(reason="authorization scheme is not Basic")
    try:
        user_id, colon, password = b64decode(encoded.strip(" "), validate=True).decode().partition(":")
        # RFC 6749 section 2.3.1: identifier and password are each encoded by application/x-www-form-urlencoded.
        client_id, secret = _decoded(user_id), _decoded(password)
    except (binascii.Error, ValueError) as error:
        raise InvalidClientError(reason="malformed Basic credentials") from error
    if not colon or "\0" in client_id:
        raise InvalidClientError(reason="malformed Basic credentials")
    return UnverifiedCredentials(client_id, secret, BASIC)


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text


def _is_one_of(secret: str, hashes: tuple[bytes, ...]) -> bool:
    presented = sha256(secret.encode()).digest()
    # Every comparison is made, so that the time does not tell which secret of a rotation it was.
    return sum(compare_digest(presented, known) for known in hashes or _NO_SECRET) > 0
