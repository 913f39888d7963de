"""A device that asks, and a person who decides, on the world of the token side."""

from dataclasses import replace

from idp.assembly.decoupled import device_authorization_endpoint
from idp.domain.clients.client import Client
from idp.protocol.clients.client_calls import ClientRequest
from idp.protocol.decoupled.decision import DecoupledDecisions
from idp.protocol.decoupled.device_authorization import (
    DeviceAuthorizationEndpoint,
    DeviceAuthorizationResponse,
)
from idp.protocol.decoupled.request import Kind
from idp.protocol.decoupled.requests import DecoupledRequests, reference_of
from idp.protocol.decoupled.user_codes import UserCodes
from idp.protocol.grants import device_code
from idp.protocol.tokens.token import TokenResponse
from tests.protocol.authorize.signed_in import signed_in
from tests.protocol.world import ORIGIN, OTHER, PHONE_APP, PORTAL, World, basic


class Asking:
    """Every part of the device flow but the pages."""

    def __init__(self, world: World) -> None:
        self.world = world
        stores = world.stores
        self.requests = DecoupledRequests(stores.short_lived, world.foundation.keystore.vault())
        self.user_codes = UserCodes(stores.short_lived, world.keys, world.entropy)
        self.decisions = DecoupledDecisions(
            self.requests,
            stores.clients,
            stores.consents,
            stores.accounts,
            stores.audit_trail,
            world.clock,
            world.entropy,
        )

    @property
    def endpoint(self) -> DeviceAuthorizationEndpoint:
        """The endpoint as the composition root makes it."""
        return device_authorization_endpoint(self.world.parts)

    async def register(self) -> None:
        """Let three of the clients be devices."""
        for client in (PORTAL, OTHER, PHONE_APP):
            await self.world.save(as_device(client))

    async def codes(
        self, *resources: str, authorization: str | None = None, **parameters: str
    ) -> DeviceAuthorizationResponse:
        """Ask for codes, as the portal unless told otherwise."""
        asked = {"scope": "openid profile"} | parameters
        if authorization is None and "client_id" not in parameters:
            authorization = basic()
        return await self.endpoint(ClientRequest(asked, authorization, ORIGIN, resources=resources))

    async def allow(self, handle: str, kind: Kind = Kind.DEVICE) -> None:
        """Decide as the citizen."""
        await self.decisions.allow(reference_of(kind, handle), signed_in(self.world), ORIGIN)

    async def deny(self, handle: str, kind: Kind = Kind.DEVICE) -> None:
        """Decide as the citizen."""
        await self.decisions.deny(reference_of(kind, handle), signed_in(self.world), ORIGIN)

    async def poll(self, handle: str, *resources: str, **changes: str) -> TokenResponse:
        """Ask the token endpoint."""
        parameters = {"grant_type": device_code.GRANT_TYPE, "device_code": handle} | changes
        return await self.world.token(parameters, *resources)


def as_device(client: Client) -> Client:
    """The client, with the grant registered."""
    return replace(client, grant_types=client.grant_types | {device_code.GRANT_TYPE})
