"""OpenID Connect CIBA Core sections 10.2 and 10.3: telling a client that its answer is there, or the answer itself.

The message waits in a durable queue; what it says is read from the request when it is sent. A client that answers is
not told again, whatever it answers; only silence and its own failures (5xx) are worth another try, while the answer
still can be fetched.
"""

from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.events import ClientNotified, NotificationAbandoned, Origin
from idp.domain.ids import RequestId, Seconds
from idp.domain.values import dataclass
from idp.journeys.courier import LONGEST_REST, Courier
from idp.ports.client_notifications import ClientNotifications, PendingNotification
from idp.ports.clients import Clients
from idp.ports.clock import Clock
from idp.ports.http import OutgoingError, OutgoingHttp
from idp.protocol.ciba.parameters import PING, PUSH
from idp.protocol.ciba.push import NothingToPushError, PushedAnswers
from idp.protocol.decoupled.request import Decision, DecoupledRequest
from idp.protocol.decoupled.requests import DecoupledRequests, Reference
from idp.protocol.errors import TemporarilyUnavailableError

FIRST_DELAY: Final = 2
"""Seconds until the second try; each one after that waits twice as long as the one before."""

_MOST_DOUBLINGS: Final = 6
_SOURCE: Final = "outbox"
_TOLD: Final = frozenset({PING, PUSH})


@dataclass(frozen=True, slots=True)
class Failure:
    """A message that did not arrive.

    `final` when asking again is no use, or not allowed; `silent` when the client was not reached.
    """

    reason: str
    final: bool = False
    silent: bool = False


class NotificationDelivery:
    """Delivers what waits. Any number of processes may do so at once."""

    def __init__(
        self,
        queue: ClientNotifications,
        requests: DecoupledRequests,
        clients: Clients,
        pushed: PushedAnswers,
        http: OutgoingHttp,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._requests = requests
        self._clients = clients
        self._pushed = pushed
        self._http = http
        self._clock = clock
        self._courier = Courier(queue.claim_due, self._deliver, lambda pending: pending.client_id, clock)

    async def deliver_due(self) -> int:
        """Try every message that is due, a few at once; return how many were tried (0: nothing to do now)."""
        return await self._courier.deliver_due()

    async def _deliver(self, pending: PendingNotification) -> None:
        loaded = await self._requests.find(Reference(pending.reference), self._clock.now())
        client = await self._clients.get(pending.client_id)
        if loaded is None or client is None or client.disabled or client.ciba_delivery_mode not in _TOLD:
            await self._abandon(pending, "there is nobody to tell, or nothing to fetch any more")
            return
        failure = await self._tell(client, loaded.request, _origin(pending))
        if failure is None:
            event = ClientNotified(origin=_origin(pending), client_id=pending.client_id, attempts=pending.attempts)
            await self._queue.finished(pending.message_id, event)
            return
        now = self._clock.now()
        delay = FIRST_DELAY << min(pending.attempts - 1, _MOST_DOUBLINGS)
        again_at = now + delay
        if failure.silent:
            # Each would wait as long for no answer.
            await self._queue.put_off(pending.client_id, now, Seconds(now + min(delay, LONGEST_REST)))
        if failure.final or again_at >= loaded.request.expires_at:
            await self._abandon(pending, failure.reason)
        else:
            await self._queue.retry(pending.message_id, Seconds(again_at))

    async def _tell(self, client: Client, request: DecoupledRequest, origin: Origin) -> Failure | None:
        endpoint, backchannel = client.ciba_notification_endpoint, request.backchannel
        if endpoint is None or backchannel is None:
            return Failure("the client has no notification endpoint", final=True)
        if request.decision is Decision.PENDING:
            # The message is queued first, and the decision carried out after it.
            return Failure("nobody has decided yet")
        try:
            message = await self._message(client, backchannel.auth_req_id, request, origin)
            # Sections 10.2 and 10.3: a POST of JSON to the notification endpoint, the client_notification_token as a
            # bearer token.
            answer = await self._http.post_json(endpoint, message, bearer=backchannel.notification_token)
        except NothingToPushError:
            return Failure("what was allowed has ended", final=True)
        except TemporarilyUnavailableError as error:
            return Failure(error.reason)
        except OutgoingError:
            return Failure("not reachable", silent=True)
        return _failure(answer.status)

    async def _message(
        self, client: Client, auth_req_id: str, request: DecoupledRequest, origin: Origin
    ) -> dict[str, Any]:
        # Section 10.2: a ping says auth_req_id and nothing else.
        if client.ciba_delivery_mode == PING:
            return {"auth_req_id": auth_req_id}
        return await self._pushed.of(client, auth_req_id, request.grant, origin)

    async def _abandon(self, pending: PendingNotification, reason: str) -> None:
        event = NotificationAbandoned(
            origin=_origin(pending), client_id=pending.client_id, attempts=pending.attempts, reason=reason
        )
        await self._queue.finished(pending.message_id, event)


def _failure(status: int) -> Failure | None:
    # Section 10.2: the client answers 204; 200 is taken as well, and a body is ignored. Redirects are not followed.
    if status in {200, 204}:
        return None
    is_trouble = status >= 500  # noqa: PLR2004 -- the class of status codes
    return Failure(f"answered {status}", final=not is_trouble)


def _origin(pending: PendingNotification) -> Origin:
    return Origin(request_id=RequestId(pending.message_id), source=_SOURCE)
