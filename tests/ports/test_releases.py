"""The contract of `Releases`."""

import asyncio
from dataclasses import replace

from idp.adapters.sql.stores import Stores
from idp.domain.grants.release import KEPT, Release
from idp.domain.ids import AccountId, ClientId, Seconds
from tests.ports.samples import EVENT, NOW, client

DAY = 24 * 3600
ANNA, BINH = AccountId("anna"), AccountId("binh")


def release(account_id: AccountId = ANNA, at: int = NOW, **changes: object) -> Release:
    made = Release(
        account_id=account_id,
        client_id=ClientId("portal"),
        endpoint="userinfo",
        claims=("email", "name"),
        basis="consent",
        terms="0123456789abcdef",
        first_at=Seconds(at),
        last_at=Seconds(at),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def test_releases_are_counted_by_day_and_listed_latest_first(stores: Stores) -> None:
    assert await stores.releases.position("main") == 0
    assert await stores.releases.add("main", 0, 7, [release(), release(BINH), release(at=NOW - DAY)])
    assert await stores.releases.add("main", 7, 9, [release(at=NOW + 60), release(at=NOW - 60)])

    assert await stores.releases.position("main") == 9
    listed = await stores.releases.of_account(ANNA, "", 10)
    assert listed == (
        release(at=NOW - 60, last_at=Seconds(NOW + 60), count=3),
        release(at=NOW - DAY),
    )
    assert await stores.releases.of_account(ANNA, listed[0].release_id, 10) == listed[1:]
    assert await stores.releases.of_account(ANNA, "", 1) == listed[:1]
    assert await stores.releases.of_account(AccountId("nobody"), "", 1) == ()


async def test_two_readers_at_once_count_each_record_once(stores: Stores) -> None:
    await stores.releases.add("main", 0, 1, [release()])
    counted = await asyncio.gather(*(stores.releases.add("main", 1, 2, [release()]) for _ in range(20)))

    assert sum(counted) == 1
    assert [each.count for each in await stores.releases.of_account(ANNA, "", 10)] == [2]
    assert not await stores.releases.add("main", 0, 2, [release()])


async def test_each_stream_has_a_position_of_its_own(stores: Stores) -> None:
    await stores.releases.add("first", 0, 5, [release()])
    await stores.releases.add("second", 0, 8, [release(at=NOW + 1)])
    assert [await stores.releases.position(name) for name in ("first", "second", "third")] == [5, 8, 0]
    assert [each.count for each in await stores.releases.of_account(ANNA, "", 10)] == [2]


async def test_allow_lists_that_a_client_had_are_still_known(stores: Stores) -> None:
    before, after = (
        replace(client("portal"), metadata={"claims": {"name": {"purpose": purpose, "legal_basis": "law"}}})
        for purpose in ("Before", "After")
    )
    for one in (before, after, before):
        await stores.client_registry.save(one, EVENT)
    for one in (before, after):
        assert one.claims_policy is not None
        assert await stores.releases.terms(one.client_id, one.claims_policy.version) == one.claims_policy
        assert await stores.releases.terms(ClientId("other"), one.claims_policy.version) is None


async def test_releases_go_when_the_law_has_no_more_use_for_them(stores: Stores) -> None:
    await stores.releases.add("main", 0, 1, [release()])
    await stores.housekeeping.sweep(Seconds(NOW + KEPT), 10)
    assert len(await stores.releases.of_account(ANNA, "", 10)) == 1
    await stores.housekeeping.sweep(Seconds(NOW + KEPT + 2 * DAY), 10)
    assert await stores.releases.of_account(ANNA, "", 10) == ()
