"""RFC 8628 section 3.4: the device authorization grant."""

from typing import Final

from idp.domain.clients.client import Client
from idp.protocol.decoupled.polled_grant import PolledKind
from idp.protocol.decoupled.request import Kind

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:device_code"


def _any_client(_client: Client) -> None:
    """Every client that registered the grant may use it, public ones too (section 3.1)."""


DEVICE_CODE: Final = PolledKind(Kind.DEVICE, GRANT_TYPE, "device_code", _any_client)
"""How devices ask."""
