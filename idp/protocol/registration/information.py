"""RFC 7591 section 3.2.1: the client information response."""

from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.clients.registration import Registration
from idp.ports.client_metadata import ClientMetadataReader

REGISTRATION_PATH: Final = "/register"

_NEVER: Final = 0


class ClientInformation:
    """Tells a client what is registered of it."""

    def __init__(self, issuer: str, reader: ClientMetadataReader) -> None:
        self._issuer = issuer
        self._reader = reader

    def members(
        self, client: Client, registration: Registration, access_token: str, secret: str | None = None
    ) -> dict[str, Any]:
        """Return everything registered; secrets are hashes here, so they appear only when they are given.

        `access_token` is the registration access token, as the client holds it.
        """
        members = {
            "client_id": client.client_id,
            "client_id_issued_at": registration.registered_at,
            "registration_access_token": access_token,
            "registration_client_uri": f"{self._issuer}{REGISTRATION_PATH}?client_id={client.client_id}",
            **self._reader.members(client),
        }
        if registration.software_statement is not None:
            # "its value MUST be returned in the response along with other metadata using the member name
            # "software_statement"", unmodified.
            members["software_statement"] = registration.software_statement
        if secret is not None:
            # "client_secret_expires_at: REQUIRED if "client_secret" is issued."
            members |= {"client_secret": secret, "client_secret_expires_at": _NEVER}
        return members
