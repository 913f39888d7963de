"""OpenID Connect CIBA Core section 8: the person decides, among the requests that wait for him or her and no others."""

from idp.domain.events import Origin
from idp.domain.ids import AccountId
from idp.domain.values import dataclass
from idp.journeys.sessions import CurrentSession
from idp.journeys.throttling import Throttling
from idp.ports.client_notifications import ClientNotifications
from idp.ports.clock import Clock
from idp.protocol.ciba.parameters import POLL
from idp.protocol.ciba.waiting import Place, Waiting, WaitingRequests
from idp.protocol.decoupled.decision import DecoupledDecisions, RequestOverError
from idp.protocol.decoupled.request import Backchannel, DecoupledRequest


@dataclass(frozen=True, slots=True)
class Approval:
    """One open request, as its person sees it."""

    waiting: Waiting
    request: DecoupledRequest
    backchannel: Backchannel

    @property
    def approval_id(self) -> str:
        """Its name on the person's pages."""
        return self.waiting.approval_id


class Approvals:
    """What waits for a person, and the answer."""

    def __init__(
        self,
        waiting: WaitingRequests,
        decisions: DecoupledDecisions,
        notifications: ClientNotifications,
        throttling: Throttling,
        clock: Clock,
    ) -> None:
        self._waiting = waiting
        self._decisions = decisions
        self._notifications = notifications
        self._throttling = throttling
        self._clock = clock

    async def of(self, account_id: AccountId) -> tuple[Approval, ...]:
        """Every open request that waits for the account, newest first."""
        waiting = await self._waiting.of(account_id, self._clock.now())
        found = [await self._open(account_id, each) for each in waiting]
        newest_first = sorted(
            (each for each in found if each is not None),
            key=lambda each: (each.request.created_at, each.approval_id),
            reverse=True,
        )
        return tuple(newest_first)

    async def get(self, account_id: AccountId, approval_id: str) -> Approval | None:
        """One of them; None also for what waits for somebody else."""
        for waiting in await self._waiting.of(account_id, self._clock.now()):
            if waiting.approval_id == approval_id:
                return await self._open(account_id, waiting)
        return None

    async def allow(self, approval: Approval, current: CurrentSession, origin: Origin) -> None:
        """Let the client have what it asked for. Raises `RequestOverError`."""
        await self._announce(approval)
        await self._decisions.allow(approval.waiting.reference, current, origin)
        await self._give_place_back(approval)
        account_id = approval.backchannel.account_id
        await self._throttling.give_back(self._throttling.for_approvals(approval.request.client_id, account_id))

    async def deny(self, approval: Approval, current: CurrentSession, origin: Origin) -> None:
        """Refuse; the client does not ask again at once. Raises `RequestOverError`."""
        await self._announce(approval)
        await self._decisions.deny(approval.waiting.reference, current, origin)
        # Before the place is free: what asks meanwhile finds neither.
        of_person = self._throttling.for_one_person(approval.request.client_id, approval.backchannel.account_id)
        await self._throttling.drain(of_person, self._clock.now())
        await self._give_place_back(approval)

    async def _give_place_back(self, approval: Approval) -> None:
        backchannel = approval.backchannel
        place = Place(backchannel.slot, backchannel.client_slot)
        await self._waiting.give_place_back(backchannel.account_id, approval.request.client_id, place)

    async def _announce(self, approval: Approval) -> None:
        """Queue the message first: whoever is stopped in between has told the client nothing that is not so."""
        if approval.backchannel.mode != POLL:
            request, now = approval.request, self._clock.now()
            await self._notifications.queue(approval.approval_id, request.client_id, approval.waiting.reference, now)

    async def _open(self, account_id: AccountId, waiting: Waiting) -> Approval | None:
        try:
            request = (await self._decisions.open(waiting.reference)).request
        except RequestOverError:
            return None
        backchannel = request.backchannel
        if backchannel is None or backchannel.account_id != account_id:
            return None
        return Approval(waiting, request, backchannel)
