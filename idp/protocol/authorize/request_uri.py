"""OpenID Connect Core section 6.2 and RFC 9101 section 5.2: request objects by reference, from registered addresses."""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

from idp.domain.clients.client import Client
from idp.ports.http import OutgoingError, OutgoingHttp
from idp.protocol.errors import InvalidRequestUriError, RequestUriNotSupportedError

_OK: Final = 200
_HASH: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class RequestReferences:
    """Fetches request objects."""

    def __init__(self, http: OutgoingHttp) -> None:
        self._http = http

    async def fetch(self, client: Client, request_uri: str) -> str:
        """Return what stands at `request_uri`, unverified.

        Raises `RequestUriNotSupportedError` for a client that registered no address, `InvalidRequestUriError` when it
        registered others, or when nothing usable stands there.
        """
        if not client.request_uris:
            raise RequestUriNotSupportedError
        address, _, fragment = request_uri.partition("#")
        # OpenID Connect Registration section 2, request_uris: "Servers can require that request_uri values used be
        # pre-registered". Otherwise anybody could send us anywhere.
        registered = dict(uri.partition("#")[::2] for uri in client.request_uris)
        if address not in registered:
            raise InvalidRequestUriError("The request_uri is not registered.")
        content = await self._get(address)
        # OpenID Connect Core section 6.2: the fragment is "the base64url-encoded SHA-256 hash of the referenced
        # resource contents".
        wanted = fragment or registered[address]
        if _HASH.fullmatch(wanted) and wanted != urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode():
            raise InvalidRequestUriError("The request_uri leads to something else than its hash says.")
        try:
            return content.decode("ascii").strip()
        except UnicodeDecodeError as error:
            raise InvalidRequestUriError("The request_uri does not lead to a request object.") from error

    async def _get(self, address: str) -> bytes:
        try:
            answer = await self._http.get(address)
        except OutgoingError as error:
            raise InvalidRequestUriError("The request_uri cannot be reached.", reason=str(error)) from error
        if answer.status != _OK:
            raise InvalidRequestUriError("The request_uri does not lead to a request object.")
        return answer.body
