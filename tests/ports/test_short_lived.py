"""The contract of `ShortLivedStore`."""

import asyncio

import pytest

from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed, Unknown
from idp.ports.short_lived import ShortLivedStore, Throttle
from tests.ports.samples import NOW

now = Seconds(NOW)
SOON = Seconds(NOW + 60)
LATER = Seconds(NOW + 600)


async def test_what_was_put_is_there_until_it_expires(short_lived: ShortLivedStore) -> None:
    await short_lived.put("code:1", b"value", SOON)
    assert await short_lived.get("code:1", now) == b"value"
    assert await short_lived.get("code:1", Seconds(SOON - 1)) == b"value"
    assert await short_lived.get("code:1", SOON) is None
    assert await short_lived.get("code:2", now) is None


async def test_a_second_put_replaces_the_first(short_lived: ShortLivedStore) -> None:
    await short_lived.put("session:1", b"old", SOON)
    await short_lived.put("session:1", b"new", LATER)
    assert await short_lived.get("session:1", SOON) == b"new"


@pytest.mark.parametrize("value", [b"", b"\x00\xff" * 4096])
async def test_any_bytes_come_back_as_they_went(short_lived: ShortLivedStore, value: bytes) -> None:
    await short_lived.put("k:1", value, SOON)
    assert await short_lived.get("k:1", now) == value


async def test_a_value_is_replaced_only_where_the_expected_one_stands(short_lived: ShortLivedStore) -> None:
    await short_lived.put("session:1", b"one", SOON)
    assert not await short_lived.replace("session:1", b"other", b"two", LATER)
    assert await short_lived.replace("session:1", b"one", b"two", LATER)
    assert await short_lived.get("session:1", SOON) == b"two"
    assert not await short_lived.replace("session:2", b"", b"two", LATER)


async def test_a_claimed_value_is_not_replaced(short_lived: ShortLivedStore) -> None:
    await short_lived.put("code:1", b"one", SOON)
    await short_lived.claim("code:1", now, keep_until=LATER)
    assert not await short_lived.replace("code:1", b"one", b"two", LATER)


async def test_of_50_parallel_replacements_one_wins(short_lived: ShortLivedStore) -> None:
    await short_lived.put("session:1", b"one", SOON)
    values = [f"two-{number}".encode() for number in range(50)]
    won = await asyncio.gather(*(short_lived.replace("session:1", b"one", value, LATER) for value in values))
    assert sum(won) == 1
    assert await short_lived.get("session:1", now) == values[won.index(True)]


async def test_a_deleted_value_is_unknown(short_lived: ShortLivedStore) -> None:
    await short_lived.put("session:1", b"one", SOON)
    await short_lived.delete("session:1")
    await short_lived.delete("session:2")
    assert await short_lived.get("session:1", now) is None
    assert await short_lived.claim("session:1", now, keep_until=LATER) == Unknown()


async def test_a_claim_takes_the_value_and_leaves_its_tombstone(short_lived: ShortLivedStore) -> None:
    await short_lived.put("code:1", b"value", SOON, tombstone="grant-1")
    assert await short_lived.claim("code:1", now, keep_until=LATER) == Claimed(b"value")
    assert await short_lived.get("code:1", now) is None
    assert await short_lived.claim("code:1", now, keep_until=LATER) == AlreadyUsed("grant-1")


async def test_the_tombstone_outlives_the_value(short_lived: ShortLivedStore) -> None:
    await short_lived.put("code:1", b"value", SOON, tombstone="grant-1")
    await short_lived.claim("code:1", now, keep_until=LATER)
    assert await short_lived.claim("code:1", Seconds(LATER - 1), keep_until=LATER) == AlreadyUsed("grant-1")
    assert await short_lived.claim("code:1", LATER, keep_until=LATER) == Unknown()


async def test_an_expired_or_unissued_value_cannot_be_claimed(short_lived: ShortLivedStore) -> None:
    await short_lived.put("code:1", b"value", SOON, tombstone="grant-1")
    assert await short_lived.claim("code:1", SOON, keep_until=LATER) == Unknown()
    assert await short_lived.claim("code:2", now, keep_until=LATER) == Unknown()


async def test_of_50_parallel_claims_one_gets_the_value(short_lived: ShortLivedStore) -> None:
    await short_lived.put("code:1", b"value", SOON, tombstone="grant-1")
    answers = await asyncio.gather(*(short_lived.claim("code:1", now, keep_until=LATER) for _ in range(50)))
    assert answers.count(Claimed(b"value")) == 1
    assert answers.count(AlreadyUsed("grant-1")) == 49


async def test_a_counter_starts_anew_when_its_first_increment_expires(short_lived: ShortLivedStore) -> None:
    assert [await short_lived.increment("tries:1", now, SOON) for _ in range(3)] == [1, 2, 3]
    assert await short_lived.increment("tries:1", Seconds(SOON - 1), LATER) == 4
    assert await short_lived.increment("tries:1", SOON, LATER) == 1
    assert await short_lived.increment("tries:2", now, SOON) == 1


@pytest.mark.parametrize("long_ago", [Seconds(NOW), Seconds(NOW - 1000), Seconds(0), Seconds(-990)])
async def test_a_counter_that_had_expired_before_it_began_counts_nothing(
    short_lived: ShortLivedStore, long_ago: Seconds
) -> None:
    assert [await short_lived.increment("tries:1", now, long_ago) for _ in range(6)] == [1] * 6
    assert await short_lived.increment("tries:1", now, SOON) == 1
    assert await short_lived.increment("tries:1", now, SOON) == 2


async def test_parallel_increments_are_all_counted(short_lived: ShortLivedStore) -> None:
    counts = await asyncio.gather(*(short_lived.increment("tries:1", now, SOON) for _ in range(50)))
    assert sorted(counts) == list(range(1, 51))


async def test_a_counter_is_forgotten_on_request(short_lived: ShortLivedStore) -> None:
    await short_lived.increment("tries:1", now, SOON)
    await short_lived.delete("tries:1")
    assert await short_lived.increment("tries:1", now, SOON) == 1


async def test_a_throttle_gives_its_burst_and_then_one_try_each_interval(short_lived: ShortLivedStore) -> None:
    throttle = (Throttle("throttle:a", burst=3, interval=10),)
    assert [await short_lived.take(throttle, now) for _ in range(4)] == [0, 0, 0, 10]
    assert await short_lived.take(throttle, Seconds(now + 9)) == 1
    assert await short_lived.take(throttle, Seconds(now + 10)) == 0
    assert await short_lived.take(throttle, Seconds(now + 10)) == 10


async def test_an_idle_throttle_is_full_again(short_lived: ShortLivedStore) -> None:
    throttle = (Throttle("throttle:a", burst=2, interval=10),)
    assert [await short_lived.take(throttle, now) for _ in range(3)] == [0, 0, 10]
    long_after = Seconds(now + 1_000)
    assert [await short_lived.take(throttle, long_after) for _ in range(3)] == [0, 0, 10]


async def test_a_try_is_taken_from_every_bucket_or_from_none(short_lived: ShortLivedStore) -> None:
    account = Throttle("throttle:account", burst=1, interval=30)
    address = Throttle("throttle:address", burst=2, interval=10)
    assert await short_lived.take((account, address), now) == 0
    assert await short_lived.take((address, account), now) == 30
    assert await short_lived.take((address,), now) == 0
    assert await short_lived.take((address,), now) == 10


async def test_the_wait_is_that_of_the_slowest_bucket(short_lived: ShortLivedStore) -> None:
    buckets = (Throttle("throttle:a", burst=1, interval=20), Throttle("throttle:b", burst=1, interval=90))
    assert await short_lived.take(buckets, now) == 0
    assert await short_lived.take(buckets, now) == 90


async def test_the_wait_is_not_that_of_a_bucket_with_tries_left(short_lived: ShortLivedStore) -> None:
    empty = Throttle("throttle:a", burst=1, interval=10)
    slow = Throttle("throttle:b", burst=2, interval=600)
    assert await short_lived.take((empty, slow), now) == 0
    assert await short_lived.take((empty, slow), now) == 10


async def test_a_try_given_back_can_be_taken_again(short_lived: ShortLivedStore) -> None:
    throttle = (Throttle("throttle:a", burst=1, interval=10), Throttle("throttle:b", burst=1, interval=60))
    assert await short_lived.take(throttle, now) == 0
    await short_lived.give_back(throttle)
    assert await short_lived.take(throttle, now) == 0
    assert await short_lived.take(throttle, now) == 60


async def test_giving_back_what_was_not_taken_does_nothing(short_lived: ShortLivedStore) -> None:
    throttle = (Throttle("throttle:a", burst=1, interval=10),)
    await short_lived.give_back(throttle)
    assert [await short_lived.take(throttle, now) for _ in range(2)] == [0, 10]


async def test_how_many_tries_are_out_of_a_bucket_can_be_seen_without_taking_one(short_lived: ShortLivedStore) -> None:
    buckets = tuple(Throttle(f"throttle:{number}", burst=3, interval=10) for number in range(6))
    assert await short_lived.used(buckets, now) == (0,) * 6
    for taken in (buckets[:1], buckets[:1], buckets[4:5], buckets[5:]):
        await short_lived.take(taken, now)
    assert await short_lived.used(buckets, now) == (2, 0, 0, 0, 1, 1)
    assert await short_lived.used(buckets, now) == (2, 0, 0, 0, 1, 1)
    assert await short_lived.used(buckets[:1], Seconds(now + 10)) == (1,)
    assert await short_lived.used(buckets[:1], Seconds(now + 20)) == (0,)
    await short_lived.give_back(buckets[:1])
    assert await short_lived.used(buckets[:1], now) == (1,)
    assert await short_lived.used((), now) == ()


@pytest.mark.parametrize("ahead", [100, 3_600])
async def test_no_more_tries_are_out_of_a_bucket_than_it_has(short_lived: ShortLivedStore, ahead: int) -> None:
    bucket = (Throttle("throttle:a", burst=3, interval=10),)
    assert await short_lived.take(bucket, Seconds(now + ahead)) == 0
    assert await short_lived.used(bucket, now) == (3,)


@pytest.mark.parametrize("ahead", [100, 3_600])
async def test_a_node_whose_clock_was_fast_shuts_nobody_out(short_lived: ShortLivedStore, ahead: int) -> None:
    throttle = (Throttle("throttle:a", burst=3, interval=10),)
    assert [await short_lived.take(throttle, Seconds(now + ahead)) for _ in range(4)] == [0, 0, 0, 10]
    assert await short_lived.take(throttle, now) == 0
    assert [await short_lived.take(throttle, now) for _ in range(2)] == [10, 10]
    assert await short_lived.take(throttle, Seconds(now + 10)) == 0


@pytest.mark.parametrize("behind", [1, 15])
async def test_a_node_whose_clock_is_a_little_slow_gives_no_try_that_a_bucket_has_not(
    short_lived: ShortLivedStore, behind: int
) -> None:
    throttle = (Throttle("throttle:a", burst=3, interval=10),)
    assert [await short_lived.take(throttle, now) for _ in range(4)] == [0, 0, 0, 10]
    assert await short_lived.take(throttle, Seconds(now - behind)) == 10 + behind


async def test_parallel_tries_never_exceed_the_burst(short_lived: ShortLivedStore) -> None:
    throttle = (Throttle("throttle:a", burst=5, interval=10), Throttle("throttle:b", burst=50, interval=1))
    waits = await asyncio.gather(*(short_lived.take(throttle, now) for _ in range(50)))
    assert waits.count(0) == 5


async def test_sweeping_deletes_what_expired_and_nothing_else(short_lived: ShortLivedStore) -> None:
    for number in range(5):
        await short_lived.put(f"code:{number}", b"", SOON)
    await short_lived.put("code:alive", b"", LATER)
    swept = [await short_lived.sweep(SOON, 3) for _ in range(3)]
    assert swept in ([3, 2, 0], [0, 0, 0])
    assert await short_lived.get("code:alive", SOON) == b""


async def test_sweeping_leaves_tombstones_alone_that_still_stand(short_lived: ShortLivedStore) -> None:
    await short_lived.put("code:1", b"", SOON, tombstone="grant-1")
    await short_lived.claim("code:1", now, keep_until=LATER)
    await short_lived.sweep(SOON, 100)
    assert await short_lived.claim("code:1", SOON, keep_until=LATER) == AlreadyUsed("grant-1")


async def test_a_mark_counts_and_tells_since_when_the_store_remembers(short_lived: ShortLivedStore) -> None:
    since = await short_lived.remembers_since(now)
    assert [await short_lived.mark("jti:1", now, SOON) for _ in range(2)] == [(1, since), (2, since)]
    assert await short_lived.increment("jti:1", now, SOON) == 3
    assert await short_lived.mark("jti:1", SOON, LATER) == (1, since)
    marks = await asyncio.gather(*(short_lived.mark("jti:2", now, SOON) for _ in range(50)))
    assert sorted(marks) == [(number, since) for number in range(1, 51)]


async def test_the_store_remembers_since_one_moment_whoever_asks(short_lived: ShortLivedStore) -> None:
    since = await short_lived.remembers_since(now)
    assert since <= now
    await short_lived.put("code:1", b"", SOON)
    assert await short_lived.remembers_since(LATER) == since
    assert await short_lived.remembers_since(Seconds(now - 600)) == since
