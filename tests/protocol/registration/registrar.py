"""Both endpoints of dynamic registration in a world, with an issuer of statements and pages that are not fetched."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from idp.adapters.http.outgoing import GuardedHttp
from idp.assembly.registration import registration_endpoints
from idp.domain.clients.initial_access_token import InitialAccessToken
from idp.domain.events import InitialAccessTokenChanged
from idp.domain.ids import ClientId, Seconds, TokenHash
from idp.ports.http import Answer, OutgoingError
from idp.protocol.registration.manage import ConfigurationRequest
from idp.protocol.registration.register import RegistrationRequest
from tests.protocol.client_signer import ClientSigner
from tests.protocol.world import ORIGIN, World

STATEMENT_ISSUER = "https://registry.example.vn"
REDIRECT = "https://rp.example.vn/callback"
SIGNER = ClientSigner("registry-1")


class Web:
    """What outgoing calls find; everything else is unreachable."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}

    async def get(self, url: str) -> Answer:
        if url not in self.pages:
            raise OutgoingError("unreachable")
        return self.pages[url]


class Registrar:
    """Registers and manages, as somebody outside would."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.web = Web()
        foundation = replace(world.foundation, outgoing=cast("GuardedHttp", self.web))
        parts = replace(world.parts, at=foundation)
        self.register_endpoint, self.manage_endpoint = registration_endpoints(parts, {STATEMENT_ISSUER: (SIGNER.jwk,)})

    async def token(self, uses: int = 1, lives: int = 60) -> str:
        """Make an initial access token."""
        issued = self.world.entropy.token()
        now = self.world.clock.now()
        await self.world.stores.initial_access_tokens.add(
            InitialAccessToken(
                token_id=self.world.entropy.identifier(),
                token_hash=TokenHash(hashlib.sha256(issued.encode()).digest()),
                note="",
                created_at=now,
                expires_at=Seconds(now + lives),
                uses_left=uses,
            ),
            InitialAccessTokenChanged(origin=ORIGIN, token_id="t", change="created"),
        )
        return issued

    async def post(self, metadata: Mapping[str, Any], token: str | None) -> dict[str, Any]:
        """Register with this token, or none."""
        authorization = None if token is None else f"Bearer {token}"
        response = await self.register_endpoint(RegistrationRequest(authorization, metadata, ORIGIN))
        # Other parts of the world see the client from the next second on.
        self.world.clock.seconds += 1
        return response.members

    async def register(self, **changes: Any) -> dict[str, Any]:
        """Register with a token of its own."""
        return await self.post({"redirect_uris": [REDIRECT], **changes}, await self.token())

    async def read(self, client_id: str, token: str) -> dict[str, Any]:
        """GET."""
        return (await self.manage_endpoint.read(_request(client_id, token, {}))).members

    async def put(self, client_id: str, token: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """PUT; the change is seen everywhere afterwards."""
        response = await self.manage_endpoint.update(_request(client_id, token, metadata))
        self.world.clock.seconds += 1
        return response.members

    async def delete(self, client_id: str, token: str) -> ClientId:
        """DELETE; the change is seen everywhere afterwards."""
        client_id = await self.manage_endpoint.delete(_request(client_id, token, {}))
        self.world.clock.seconds += 1
        return client_id


def statement(world: World, **claims: Any) -> str:
    """A software statement of the trusted issuer, good for an hour when nothing else is said."""
    ends = world.clock.now() + 3600
    return SIGNER.sign({"iss": STATEMENT_ISSUER, "software_id": "wallet", "exp": ends, **claims})


def _request(client_id: str, token: str, metadata: Mapping[str, Any]) -> ConfigurationRequest:
    return ConfigurationRequest(f"Bearer {token}", client_id, ORIGIN, metadata)
