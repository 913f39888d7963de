"""OpenID Connect CIBA Core section 14 (security): how many requests wait for one person, and which.

Somebody who is asked again and again allows in the end. So a person has a few places for requests, and who finds none
is turned away: exactly so many get one, however many ask at once. No client has more than a few of a person's places,
so that none shuts the others out.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.values import dataclass
from idp.ports.short_lived import ShortLivedStore
from idp.protocol.decoupled.requests import Reference

MOST_WAITING: Final = 10
"""Requests of all clients that wait for one person."""

MOST_OF_ONE_CLIENT: Final = 3
"""Requests of one client that wait for one person: a payment, and two more before the first was answered."""

_MARGIN: Final = 60
"""Seconds by which a place outlives its request: who gives it back must not give back another's."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request waits: its number among the person's places, and among those that its client may have of them."""

    slot: int
    client_slot: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request that waits for a person."""

    approval_id: str
    reference: Reference


class WaitingRequests:
    """Places in the short-lived store."""

    def __init__(self, store: ShortLivedStore) -> None:
        self._store = store

    async def take_place(
        self, account_id: AccountId, client_id: ClientId, now: Seconds, expires_at: Seconds
    ) -> Place | None:
        """A free place, which is the caller's now; None when all are taken, or as many as the client may have."""
        until = Seconds(expires_at + _MARGIN)
        of_client = [_place_of_client(account_id, client_id, slot) for slot in range(MOST_OF_ONE_CLIENT)]
        client_slot = await self._first_free(of_client, now, until)
        if client_slot is None:
            return None
        slot = await self._first_free([_place(account_id, slot) for slot in range(MOST_WAITING)], now, until)
        if slot is None:
            await self._store.delete(of_client[client_slot])
            return None
        return Place(slot, client_slot)

    async def put(self, account_id: AccountId, slot: int, waiting: Waiting, expires_at: Seconds) -> None:
        """Let a request wait in the caller's place."""
        await self._store.put(_content(account_id, slot), msgspec.msgpack.encode(waiting), expires_at)

    async def of(self, account_id: AccountId, now: Seconds) -> tuple[Waiting, ...]:
        """What waits for a person, in no order."""
        found = [await self._store.get(_content(account_id, slot), now) for slot in range(MOST_WAITING)]
        return tuple(msgspec.msgpack.decode(value, type=Waiting) for value in found if value is not None)

    async def give_place_back(self, account_id: AccountId, client_id: ClientId, place: Place) -> None:
        """The request was decided."""
        await self._store.delete(_content(account_id, place.slot))
        await self._store.delete(_place(account_id, place.slot))
        await self._store.delete(_place_of_client(account_id, client_id, place.client_slot))

    async def _first_free(self, places: Sequence[str], now: Seconds, until: Seconds) -> int | None:
        for number, place in enumerate(places):
            if await self._store.increment(place, now, until) == 1:
                return number
        return None


def _place(account_id: AccountId, slot: int) -> str:
    return f"approval-place:{account_id}:{slot}"


def _place_of_client(account_id: AccountId, client_id: ClientId, slot: int) -> str:
    return f"approval-place:{account_id}:{slot}:{client_id}"


def _content(account_id: AccountId, slot: int) -> str:
    return f"approval:{account_id}:{slot}"
