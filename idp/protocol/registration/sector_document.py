"""OpenID Connect Registration section 5: the document that lists the redirection addresses of one sector."""

import json
from typing import Any, Final

from idp.domain.client import Client
from idp.ports.http import OutgoingError, OutgoingHttp
from idp.protocol.errors import InvalidClientMetadataError

_OK: Final = 200


class SectorDocuments:
    """Fetches and checks `sector_identifier_uri`, through the guarded client."""

    def __init__(self, http: OutgoingHttp) -> None:
        self._http = http

    async def check(self, client: Client) -> None:
        """Raise `InvalidClientMetadataError` unless the document lists every redirection address of the client."""
        address = client.metadata.get("sector_identifier_uri")
        if address is None:
            return
        # Section 5: "The values registered in redirect_uris MUST be included in the elements of the array, or
        # registration MUST fail."
        if not set(client.redirect_uris) <= await self._listed(address):
            raise InvalidClientMetadataError("The sector_identifier_uri does not list every redirect_uri.")

    async def _listed(self, address: str) -> set[str]:
        try:
            answer = await self._http.get(address)
            document: Any = json.loads(answer.body)
        except (OutgoingError, ValueError, RecursionError) as error:
            raise InvalidClientMetadataError("The sector_identifier_uri cannot be read.", reason=str(error)) from error
        if answer.status != _OK or not isinstance(document, list):
            raise InvalidClientMetadataError("The sector_identifier_uri leads to no JSON array.")
        return {listed for listed in document if isinstance(listed, str)}
