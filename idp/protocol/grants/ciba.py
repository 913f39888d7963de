"""OpenID Connect CIBA Core section 10.1: the grant by which a client has its answer."""

from typing import Final

from idp.domain.clients.client import Client
from idp.protocol.ciba.parameters import PUSH
from idp.protocol.decoupled.polled_grant import PolledKind
from idp.protocol.decoupled.request import Kind
from idp.protocol.errors import UnauthorizedClientError

GRANT_TYPE: Final = "urn:openid:params:grant-type:ciba"


def _no_push(client: Client) -> None:
    # CIBA Core section 11, unauthorized_client: "The Client is not authorized as it is configured in Push Mode".
    if client.is_public or client.ciba_delivery_mode == PUSH:
        raise UnauthorizedClientError


CIBA: Final = PolledKind(Kind.BACKCHANNEL, GRANT_TYPE, "auth_req_id", _no_push)
"""How backchannel clients ask."""
