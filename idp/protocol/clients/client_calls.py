"""RFC 6749 section 2.3: what is the same at every endpoint where clients authenticate, besides the token endpoint."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from idp.domain.events import Origin
from idp.domain.values import dataclass
from idp.protocol.clients.client_authentication import AuthenticatedClient, ClientAuthentication
from idp.protocol.clients.client_limit import ClientLimit
from idp.protocol.errors import OAuthError
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.senders.possession import NOTHING_SHOWN, Possession

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """What was posted: every parameter once, `resources` apart because it may be repeated (RFC 8707 section 2).

    `possession` is what the sender showed of its keys.
    """

    parameters: Mapping[str, str]
    authorization: str | None
    origin: Origin
    possession: Possession = NOTHING_SHOWN
    resources: tuple[str, ...] = ()


class ClientCalls:
    """Lets clients in, and records whatever is refused to them."""

    def __init__(self, authentication: ClientAuthentication, limit: ClientLimit, refusals: RefusalCounter) -> None:
        self._authentication = authentication
        self._limit = limit
        self._refusals = refusals

    async def answer(
        self, endpoint: str, request: ClientRequest, handle: Callable[[AuthenticatedClient], Awaitable[T]]
    ) -> T:
        """Return what `handle` answers to the client that asks.

        Raises `OAuthError`, recorded, and `BusyError` when the client has too much in progress.
        """
        try:
            caller = await self._authentication.authenticate(
                request.parameters, request.authorization, request.possession.certificate
            )
        except OAuthError as error:
            await self.refuse(endpoint, error, request.origin)
            raise
        with self._limit.proved(caller.client, request.origin):
            try:
                return await handle(caller)
            except OAuthError as error:
                error.client_id = caller.client_id
                await self.refuse(endpoint, error, request.origin, caller)
                raise

    async def refuse(
        self, endpoint: str, error: OAuthError, origin: Origin, caller: AuthenticatedClient | None = None
    ) -> None:
        """Record a refusal; `caller` is None where the request could not even be read, or its client is not known."""
        await self._refusals.access_refused(endpoint, error, origin, caller)
