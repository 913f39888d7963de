"""The contract of `ToldKeys`."""

import asyncio

from idp.adapters.sql.stores import Stores
from idp.domain.events import SigningKeyChanged
from idp.ports.told_keys import KeyTransition
from tests.ports.samples import ORIGIN


def transition(key: str, state: str) -> KeyTransition:
    return KeyTransition(key, state, SigningKeyChanged(origin=ORIGIN, key_id=key, state=state))


async def recorded(stores: Stores) -> int:
    return sum([record.name == "signing_key.changed" async for record in stores.audit_log.records()])


async def test_what_is_assumed_is_told_by_no_event_and_takes_nothing_back(stores: Stores) -> None:
    told = stores.told_keys
    assert await told.states() == {}
    await told.assume({})
    await told.assume({"a": "next", "b": "signing"})
    await told.assume({"a": "gone", "c": "next"})
    assert await told.states() == {"a": "next", "b": "signing", "c": "next"}
    assert await recorded(stores) == 0


async def test_a_state_is_told_once_and_another_one_again(stores: Stores) -> None:
    told = stores.told_keys
    await told.assume({"a": "next", "b": "signing"})
    for _ in range(2):
        await told.tell([transition("b", "published"), transition("a", "signing"), transition("c", "next")])
    assert await told.states() == {"a": "signing", "b": "published", "c": "next"}
    assert await recorded(stores) == 3
    await told.tell([transition("b", "gone"), transition("a", "signing")])
    assert await recorded(stores) == 4


async def test_of_50_who_tell_the_same_one_is_recorded(stores: Stores) -> None:
    news = [transition("a", "next"), transition("b", "signing")]
    await asyncio.gather(*(stores.told_keys.tell(news if turn % 2 else news[::-1]) for turn in range(50)))
    assert await recorded(stores) == 2
