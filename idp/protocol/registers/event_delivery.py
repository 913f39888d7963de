"""RFC 8935 section 2: security events of registers, delivered by push."""

from typing import Final

from idp.domain.accounts.account_lock import RegisterEvent
from idp.domain.clients.client import Client
from idp.domain.events import Origin
from idp.domain.ids import ClientId
from idp.domain.values import dataclass
from idp.journeys.register_events import ContradictionError, RegisterEvents
from idp.ports.clients import Clients
from idp.protocol.clients.client_limit import ClientLimit
from idp.protocol.errors import OAuthError
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.registers.security_event import (
    EventOfAnotherRegisterError,
    NoRegisterError,
    SecurityEventError,
    SecurityEvents,
    UnknownRegisterError,
)

PATH: Final = "/api/registry-events"
ENDPOINT: Final = "registry_events"
SCOPE: Final = "registry_events"
"""What a client is registered for that is a register."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The body of a request."""

    token: str
    origin: Origin


class EventDeliveryEndpoint:
    """Takes events of registers; each is durable before it is acknowledged."""

    def __init__(
        self,
        events: SecurityEvents,
        clients: Clients,
        register_events: RegisterEvents,
        limit: ClientLimit,
        refusals: RefusalCounter,
    ) -> None:
        self._events = events
        self._clients = clients
        self._register_events = register_events
        self._limit = limit
        self._refusals = refusals

    async def __call__(self, delivery: Delivery) -> ClientId:
        """Apply the event and return who sent it.

        Raises `SecurityEventError`, recorded, and `BusyError` when the register has too much in progress.
        """
        try:
            return await self._take(delivery)
        except OAuthError as error:
            await self.refuse(error, delivery.origin)
            raise

    async def refuse(self, error: OAuthError, origin: Origin) -> None:
        """Record a refusal, also that of a request that could not even be read."""
        await self._refusals.access_refused(ENDPOINT, error, origin)

    async def _take(self, delivery: Delivery) -> ClientId:
        unverified = self._events.read(delivery.token)
        issuer = unverified.claims.get("iss")
        register = await self._clients.get(issuer) if isinstance(issuer, str) and issuer.isprintable() else None
        if register is None or register.disabled:
            raise UnknownRegisterError
        notice = await self._events.verify(register, unverified)
        _require_register(register)
        _require_its_event(register, notice.event)
        with self._limit.proved(register, delivery.origin):
            try:
                await self._register_events.receive(notice, delivery.origin)
            except ContradictionError as error:
                raise SecurityEventError(
                    "The event contradicts what is recorded.", client_id=register.client_id
                ) from error
        return register.client_id


def _require_register(client: Client) -> None:
    """Raise `NoRegisterError` unless administrators, two of them, made the client a register."""
    if SCOPE not in client.scopes or client.registration is not None or not client.is_in_production:
        raise NoRegisterError(client_id=client.client_id)


def _require_its_event(client: Client, event: RegisterEvent) -> None:
    """Raise `EventOfAnotherRegisterError` for a type that the register is not registered for, where types are named."""
    types = client.register_event_types
    # RFC 8935 section 2.4: "access_denied", for a transmitter "not authorized to transmit the SET".
    if types is not None and event.value not in types:
        raise EventOfAnotherRegisterError(client_id=client.client_id)
