"""OpenID Connect CIBA Core section 14 (security): how many requests wait for one person, and which.

Somebody who is asked again and again allows in the end. So a person has a few places for requests, and who finds none
is turned away: exactly so many get one, however many ask at once.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from idp.domain.ids import AccountId, Seconds
from idp.ports.short_lived import ShortLivedStore
from idp.protocol.decoupled.requests import Reference

MOST_WAITING: Final = 10
"""Requests of all clients that wait for one person."""

_MARGIN: Final = 60
"""Seconds by which a place outlives its request: who gives it back must not give back another's."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request that waits for a person."""

    approval_id: str
    reference: Reference


class WaitingRequests:
    """Places in the short-lived store."""

    def __init__(self, store: ShortLivedStore) -> None:
        self._store = store

    async def take_place(self, account_id: AccountId, now: Seconds, expires_at: Seconds) -> int | None:
        """The number of a free place, which is the caller's now; None when all are taken."""
        until = Seconds(expires_at + _MARGIN)
        for slot in range(MOST_WAITING):
            if await self._store.increment(_place(account_id, slot), now, until) == 1:
                return slot
        return None

    async def put(self, account_id: AccountId, slot: int, waiting: Waiting, expires_at: Seconds) -> None:
        """Let a request wait in the caller's place."""
        await self._store.put(_content(account_id, slot), msgspec.msgpack.encode(waiting), expires_at)

    async def of(self, account_id: AccountId, now: Seconds) -> tuple[Waiting, ...]:
        """What waits for a person, in no order."""
        found = [await self._store.get(_content(account_id, slot), now) for slot in range(MOST_WAITING)]
        return tuple(msgspec.msgpack.decode(value, type=Waiting) for value in found if value is not None)

    async def give_place_back(self, account_id: AccountId, slot: int) -> None:
        """The request was decided."""
        await self._store.delete(_content(account_id, slot))
        await self._store.delete(_place(account_id, slot))


def _place(account_id: AccountId, slot: int) -> str:
    return f"approval-place:{account_id}:{slot}"


def _content(account_id: AccountId, slot: int) -> str:
    return f"approval:{account_id}:{slot}"
