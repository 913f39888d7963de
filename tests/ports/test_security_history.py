"""The contract of `SecurityHistory`."""

import asyncio

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.security_event import KEPT, SecurityEvent, event_identifier
from idp.domain.ids import AccountId, Seconds
from tests.ports.samples import NOW

ANNA = AccountId("anna")


def happened(number: int = 1, account_id: AccountId = ANNA) -> SecurityEvent:
    return SecurityEvent(
        event_id=f"{number:04d}-main",
        account_id=account_id,
        at=Seconds(NOW + number),
        name="session.started",
        details={"acr": "urn:vn:loa:2"},
    )


async def test_events_are_listed_latest_first_and_to_their_owner_alone(stores: Stores) -> None:
    history = stores.security_history
    assert await history.position("main") == 0
    assert await history.add("main", 0, 3, [happened(1), happened(2, AccountId("binh"))])
    assert await history.add("main", 3, 9, [happened(3)])

    assert await history.position("main") == 9
    assert await history.of_account(ANNA, "", 10) == (happened(3), happened(1))
    assert await history.of_account(ANNA, "", 1) == (happened(3),)
    assert await history.of_account(ANNA, happened(3).event_id, 10) == (happened(1),)
    assert await history.of_account(AccountId("nobody"), "", 10) == ()


async def test_events_of_some_names_are_found_since_a_moment(stores: Stores) -> None:
    def named(name: str, at: int, account_id: AccountId = ANNA) -> SecurityEvent:
        identifier = event_identifier(at * 1000, name, 1)
        return SecurityEvent(event_id=identifier, account_id=account_id, at=Seconds(at), name=name)

    old, first, second = named("password.changed", NOW - 1), named("password.changed", NOW), named("passkey.added", NOW)
    others = named("session.started", NOW + 1), named("password.changed", NOW + 2, AccountId("binh"))
    history, wanted = stores.security_history, frozenset({"password.changed", "passkey.added"})
    await history.add("main", 0, 9, [old, first, second, *others])

    assert await history.named(ANNA, wanted, Seconds(NOW), 10) == (first, second)
    assert await history.named(ANNA, wanted, Seconds(NOW), 1) == (first,)
    assert await history.named(ANNA, frozenset({"passkey.added"}), Seconds(NOW - 5), 10) == (second,)


async def test_two_readers_at_once_store_each_record_once(stores: Stores) -> None:
    history = stores.security_history
    await history.add("main", 0, 1, [])
    added = await asyncio.gather(*(history.add("main", 1, 2, [happened(n)]) for n in range(20)))

    assert sum(added) == 1
    assert len(await history.of_account(ANNA, "", 30)) == 1
    assert not await history.add("main", 0, 2, [happened(7)])


async def test_events_go_after_a_year(stores: Stores) -> None:
    await stores.security_history.add("main", 0, 1, [happened(0)])
    await stores.housekeeping.sweep(Seconds(NOW + KEPT), 10)
    assert len(await stores.security_history.of_account(ANNA, "", 10)) == 1
    await stores.housekeeping.sweep(Seconds(NOW + KEPT + 24 * 3600), 10)
    assert await stores.security_history.of_account(ANNA, "", 10) == ()
