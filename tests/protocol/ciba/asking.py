"""A client that asks for the citizen, and the citizen, who decides."""

from dataclasses import dataclass, field, replace
from typing import Any

from idp.assembly.decoupled import backchannel_authentication_endpoint
from idp.domain.accounts.account import Contact
from idp.domain.clients.client import Client
from idp.domain.ids import Seconds
from idp.journeys.throttling import Throttling
from idp.ports.mail import MailError
from idp.protocol.ciba.approvals import Approval, Approvals
from idp.protocol.ciba.authentication import (
    AuthenticationResponse,
    BackchannelAuthenticationEndpoint,
)
from idp.protocol.ciba.waiting import WaitingRequests
from idp.protocol.clients.client_calls import ClientRequest
from idp.protocol.decoupled.decision import DecoupledDecisions
from idp.protocol.decoupled.requests import DecoupledRequests
from idp.protocol.grants.ciba import GRANT_TYPE
from idp.protocol.tokens.token import TokenResponse
from tests.protocol.authorize.signed_in import signed_in
from tests.protocol.client_signer import ClientSigner
from tests.protocol.world import CITIZEN, ISSUER, ORIGIN, PORTAL, World, basic

NOTIFIED_AT = "https://portal.example/ciba-notification"
TOKEN = "8d67dc78-7faa-4d41-aabd-67707b374255"


@dataclass
class LetterBox:
    """What the citizen was told about what waits."""

    letters: list[tuple[str, str, str]] = field(default_factory=list)
    is_full: bool = False

    async def approval_waits(self, contact: Contact, service: str, approval_id: str, locale: str) -> None:
        if self.is_full:
            raise MailError
        self.letters.append((contact.address, service, approval_id))

    async def reaches(self, contact: Contact) -> bool:
        raise NotImplementedError

    async def activation_code(self, contact: Contact, code: str, locale: str) -> None:
        raise NotImplementedError

    async def idle_account(self, contact: Contact, locks_at: Seconds, locale: str) -> None:
        raise NotImplementedError

    async def identity_ages(self, contact: Contact, ends_at: Seconds, locale: str) -> None:
        raise NotImplementedError

    async def account_closes(self, contact: Contact, closes_at: Seconds, locale: str) -> None:
        raise NotImplementedError

    async def ward_turned(self, contact: Contact, age: int, locale: str) -> None:
        raise NotImplementedError


class Backchannel:
    """Everything of the backchannel but the pages."""

    def __init__(self, world: World) -> None:
        self.world = world
        stores = world.stores
        self.signer = ClientSigner()
        self.letter_box = LetterBox()
        self.requests = DecoupledRequests(stores.short_lived, world.foundation.keystore.vault())
        self.waiting = WaitingRequests(stores.short_lived)
        decisions = DecoupledDecisions(
            self.requests,
            stores.clients,
            stores.consents,
            stores.accounts,
            stores.audit_trail,
            world.clock,
            world.entropy,
        )
        throttling = Throttling(stores.short_lived, world.keys)
        self.approvals = Approvals(self.waiting, decisions, stores.client_notifications, throttling, world.clock)

    @property
    def endpoint(self) -> BackchannelAuthenticationEndpoint:
        """The endpoint as the composition root makes it."""
        return backchannel_authentication_endpoint(self.world.parts, self.letter_box)

    async def register(self, client: Client = PORTAL, **metadata: Any) -> None:
        """Let a client ask in this way; it polls unless told otherwise."""
        registered = {"backchannel_token_delivery_mode": "poll", "jwks": {"keys": [self.signer.jwk]}} | metadata
        grants = client.grant_types | {GRANT_TYPE}
        await self.world.save(replace(client, grant_types=grants, metadata=registered))

    async def register_ping(self, client: Client = PORTAL) -> None:
        """Let a client ask, and be told."""
        await self.register(
            client,
            backchannel_token_delivery_mode="ping",
            backchannel_client_notification_endpoint=NOTIFIED_AT,
        )

    async def ask(self, authorization: str | None = None, **changes: str | None) -> AuthenticationResponse:
        """Ask for the citizen, as the portal unless told otherwise; None leaves a parameter out."""
        asked = {"scope": "openid profile", "login_hint": CITIZEN.personal_number, **changes}
        parameters = {name: value for name, value in asked.items() if value is not None}
        return await self.endpoint(ClientRequest(parameters, authorization or basic(), ORIGIN))

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a signed request; None leaves one out."""
        now = self.world.clock.now()
        claims = {
            "iss": "portal",
            "aud": ISSUER,
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "jti": self.world.entropy.token(),
            "scope": "openid profile",
            "login_hint": CITIZEN.personal_number,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    async def ask_signed(self, token: str | None = None, **changes: str) -> AuthenticationResponse:
        """Ask by a signed request."""
        parameters = {"request": token or self.signer.sign(self.claims())} | changes
        return await self.endpoint(ClientRequest(parameters, basic(), ORIGIN))

    async def only(self) -> Approval:
        """The one request that waits."""
        (approval,) = await self.approvals.of(self.world.citizen)
        return approval

    async def allow(self) -> None:
        """Allow the one request that waits."""
        await self.approvals.allow(await self.only(), signed_in(self.world), ORIGIN)

    async def deny(self) -> None:
        """Refuse it."""
        await self.approvals.deny(await self.only(), signed_in(self.world), ORIGIN)

    async def poll(self, auth_req_id: str, **changes: str) -> TokenResponse:
        """Ask the token endpoint."""
        return await self.world.token({"grant_type": GRANT_TYPE, "auth_req_id": auth_req_id} | changes)
