"""OpenID Connect Registration section 5, CIBA Core section 4: the sector of a self-registered client, and its document.

Whoever shares a sector is told the same subjects. A claimed redirection address proves itself by being where answers
go; a client that has tokens of people in any other way has nothing to show for the sector that it claims. Logout tokens
go elsewhere too: to an address of the same hosts, or to one that the document lists.
"""

import json
from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.clients.client_uris import sector_hosts
from idp.ports.http import OutgoingError, OutgoingHttp
from idp.protocol.errors import InvalidClientMetadataError

_OK: Final = 200

_BY_REDIRECT: Final = frozenset({"authorization_code", "implicit", "refresh_token"})
_BY_REGISTERED_KEY: Final = frozenset({"private_key_jwt", "self_signed_tls_client_auth"})

ITSELF: Final = ""
"""The sector of a client that stands for itself."""


class SectorDocuments:
    """Fetches and checks `sector_identifier_uri`, through the guarded client."""

    def __init__(self, http: OutgoingHttp) -> None:
        self._http = http

    async def sector_of(self, client: Client) -> str:
        """Return the sector that the client may have.

        Raises `InvalidClientMetadataError` unless the document, if it names one, lists every redirection address, and
        for an address of logout tokens that shows nothing for the sector.
        """
        address = client.metadata.get("sector_identifier_uri")
        listed = frozenset[str]() if address is None else await self._listed(address)
        # Section 5: "The values registered in redirect_uris MUST be included in the elements of the array, or
        # registration MUST fail."
        if address is not None and not listed.issuperset(client.redirect_uris):
            raise InvalidClientMetadataError("The sector_identifier_uri does not list every redirect_uri.")
        if client.sector == ITSELF or not (client.grant_types <= _BY_REDIRECT or _shows_key(client, listed)):
            return ITSELF
        if not _takes_logout_where_answers_go(client, listed):
            raise InvalidClientMetadataError(
                "The backchannel_logout_uri has no host of the redirect_uris, nor does a sector_identifier_uri list it."
            )
        return client.sector

    async def _listed(self, address: str) -> frozenset[str]:
        try:
            answer = await self._http.get(address)
            document: Any = json.loads(answer.body)
        except (OutgoingError, ValueError, RecursionError) as error:
            raise InvalidClientMetadataError("The sector_identifier_uri cannot be read.", reason=str(error)) from error
        if answer.status != _OK or not isinstance(document, list):
            raise InvalidClientMetadataError("The sector_identifier_uri leads to no JSON array.")
        return frozenset(listed for listed in document if isinstance(listed, str))


def require_same_subjects(before: Client, after: Client) -> None:
    """Raise `InvalidClientMetadataError` when a change would tell a client other pairwise subjects than before.

    Its grants stay: people who signed in at one address would be told to it under the name that they have at another.
    """
    if (before.subject_type, before.sector) != (after.subject_type, after.sector):
        raise InvalidClientMetadataError("The change leads to another sector of pairwise subjects; register anew.")


def _takes_logout_where_answers_go(client: Client, listed: frozenset[str]) -> bool:
    uri = client.backchannel_logout_uri
    return uri is None or uri in listed or sector_hosts([uri]) <= sector_hosts(client.redirect_uris)


def _shows_key(client: Client, listed: frozenset[str]) -> bool:
    # CIBA Core section 4: the sector's document lists the jwks_uri, and the client shows on every request that the keys
    # there are its own.
    return client.jwks_uri in listed and client.token_endpoint_auth_method in _BY_REGISTERED_KEY
