"""Giving one's word for somebody who wants to get back in, or saying that it is somebody else."""

from functools import partial
from hmac import compare_digest
from typing import Final

from idp.domain.accounts.account import Account
from idp.domain.accounts.recovery import LADDER, OPEN_FOR, Evidence, RecoveryRequest, RecoveryState, Way
from idp.domain.events import RecoveryConfirmed, RecoveryProved
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass
from idp.journeys.recovery.people import RecoveryByPeople
from idp.journeys.recovery.throttles import for_spoken_code
from idp.journeys.refusals import WrongCodeError
from idp.journeys.second_factor import digits_of
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import Visitor
from idp.ports.recoveries import Word

_MOST: Final = 50
"""Requests of one account that are looked through for those to show."""


class NotAskedError(Exception):
    """The person is not asked, or not any more: one answer for all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that somebody may confirm, and the name of who wants to get back in."""

    request: RecoveryRequest
    owner: str
    answered: bool


class Helping:
    """What helpers see and do."""

    def __init__(self, recovery: RecoveryByPeople) -> None:
        self._recovery = recovery
        self._parts = recovery.parts
        self._circle = recovery.circle

    async def asked_of(self, helper: Account) -> tuple[Asked, ...]:
        """Return what this person is asked about, the newest first.

        Of the requests about one account that nobody gave a word for, the newest stands for all: strangers begin as
        many as they like, and the digits that the owner reads out find the right one.
        """
        now, found = self._parts.clock.now(), []
        for account_id in dict.fromkeys(await self._circle.helped_by(helper)):
            for request in _to_show(await self._parts.recoveries.of_account(account_id, now, _MOST), now):
                asked = await self._asked(helper, request)
                found += [asked] if asked else []
        return tuple(sorted(found, key=lambda asked: asked.request.request_id, reverse=True))

    async def see(self, helper: Account, request_id: str) -> Asked:
        """Return one request that this person is asked about. Raises `NotAskedError`."""
        request = await self._parts.recoveries.get(request_id)
        asked = None if request is None or request.way is not Way.PEOPLE else await self._asked(helper, request)
        if asked is None:
            raise NotAskedError
        return asked

    async def confirm(self, helper: Account, request_id: str, typed: str, visitor: Visitor) -> None:
        """Give one's word for the request of the same owner whose digits were read out.

        Raises `NotAskedError`, also for who said so before; `WrongCodeError`, or `SlowDownError` after five of them.
        """
        now = self._parts.clock.now()
        asked = await self.see(helper, request_id)
        owner = asked.request.account_id
        if owner is None or asked.answered or asked.request.state(now) is not RecoveryState.WAITING:
            raise NotAskedError
        heard = await self._heard(owner, helper, request_id, typed, visitor)
        if (await self.see(helper, heard)).answered:
            raise NotAskedError
        ready_at = Seconds(now + LADDER[asked.request.way].cooling_off)
        word = Word(heard, helper.account_id, ready_at, Seconds(ready_at + OPEN_FOR))
        event = RecoveryProved(
            origin=visitor.origin,
            account_id=owner,
            evidence=Evidence.PEOPLE.value,
            recovery_id=heard,
            helper=helper.account_id,
        )
        last = RecoveryConfirmed(origin=visitor.origin, account_id=owner, recovery_id=heard, ready_at=ready_at)
        if await self._parts.recoveries.confirm(word, now, event, last) is None:
            raise NotAskedError

    async def deny(self, helper: Account, request_id: str, visitor: Visitor) -> None:
        """Stop it: it is not the owner who asks. Raises `NotAskedError`."""
        asked = await self.see(helper, request_id)
        if not await self._recovery.stop_by_helper(asked.request, visitor, helper.account_id):
            raise NotAskedError

    async def _heard(self, owner: AccountId, helper: Account, request_id: str, typed: str, visitor: Visitor) -> str:
        """Return which request of the owner has the digits that were read out.

        Raises `WrongCodeError` or `SlowDownError`.
        """
        refuse = partial(
            self._parts.refusing.record,
            account_id=owner,
            evidence=Evidence.PEOPLE,
            request_id=request_id,
            helper=helper.account_id,
        )
        try:
            throttles = for_spoken_code(request_id, helper.account_id)
            await self._parts.throttling.take(throttles, self._parts.clock.now())
        except SlowDownError:
            await refuse(visitor, "throttled")
            raise
        digits = digits_of(typed).encode()
        for request in await self._parts.recoveries.waiting(owner, self._parts.clock.now()):
            if compare_digest(digits, self._recovery.tokens.spoken(request.request_id).encode()):
                return request.request_id
        await refuse(visitor, "wrong")
        raise WrongCodeError

    async def _asked(self, helper: Account, request: RecoveryRequest) -> Asked | None:
        """The request as the helper sees it; None when the helper's word does not count for it."""
        if request.account_id is None or not await self._circle.may_help(helper):
            return None
        helpers, _ = await self._circle.helpers(request.account_id, request.asked_at)
        if helper.account_id not in helpers:
            return None
        answered = helper.account_id in await self._parts.recoveries.confirmed_by(request.request_id)
        return Asked(request, await self._circle.name_of(request.account_id), answered)


def _to_show(requests: tuple[RecoveryRequest, ...], now: Seconds) -> list[RecoveryRequest]:
    """Those that somebody gave a word for, and the newest of the others."""
    asked = {RecoveryState.WAITING, RecoveryState.COOLING}
    found = [each for each in requests if each.way is Way.PEOPLE and each.state(now) in asked]
    return [each for each in found if each.confirmed] + [each for each in found if not each.confirmed][:1]
