import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from idp.adapters.crypto.system import SystemClock, seconds_since_boot
from idp.adapters.sql.leases import SqlLeases
from idp.adapters.sql.schema import prepare
from idp.adapters.sql.stores import open_database
from idp.ports.errors import StoreUnavailableError
from idp.web.edge.job_ownership import BEAT, HELD_FOR, LEFT_FOR, TAKEN_AFTER, LeasedJobs
from tests.web.edge.leases_in_memory import LeasesInMemory

LONGEST_GAP = 30


class Watch:
    """A stopwatch that a test moves on; each machine has its own, with a beginning of its own."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


def node(leases: LeasesInMemory, name: str, watch: Watch, *jobs: str) -> LeasedJobs:
    return LeasedJobs(leases, jobs or ("sweep",), name, watch)


async def test_the_first_to_ask_owns_every_job_and_the_others_wait() -> None:
    leases, watch = LeasesInMemory(), Watch()
    first, second = (node(leases, name, watch, "sweep", "notices") for name in "ab")
    for each in (first, second, first, second):
        await each.beat()
        watch.seconds += BEAT
    assert [first.holds("sweep"), first.holds("notices")] == [True, True]
    assert [second.holds("sweep"), second.holds("notices")] == [False, False]


async def test_50_that_start_at_once_never_own_a_job_twice() -> None:
    leases, watch = LeasesInMemory(), Watch()
    nodes = [node(leases, str(number), watch) for number in range(50)]
    for _ in range(10):
        random.Random(_).shuffle(nodes)
        await asyncio.gather(*(each.beat() for each in nodes))
        assert sum(each.holds("sweep") for each in nodes) == 1
        watch.seconds += BEAT


async def test_a_dead_owner_is_followed_within_30_seconds_and_no_sooner_than_it_would_have_given_up() -> None:
    leases, here, there = LeasesInMemory(), Watch(1_000_000), Watch(7)
    dead, waiting = node(leases, "dead", here), node(leases, "waiting", there)
    await waiting.beat()
    await waiting.release()
    await dead.beat()
    elapsed = 0.0
    while not waiting.holds("sweep"):
        await waiting.beat()
        if not waiting.holds("sweep"):
            elapsed += BEAT
            there.seconds += BEAT
            here.seconds += BEAT
        assert not (dead.holds("sweep") and waiting.holds("sweep"))
    assert HELD_FOR < TAKEN_AFTER <= elapsed < LONGEST_GAP - 2 * BEAT


async def test_what_is_given_back_is_taken_at_the_next_look() -> None:
    leases, watch = LeasesInMemory(), Watch()
    first, second = node(leases, "a", watch), node(leases, "b", watch)
    await first.beat()
    await second.beat()
    await first.release()
    assert not first.holds("sweep")
    await second.beat()
    assert second.holds("sweep")


async def test_a_job_that_is_handed_over_goes_to_somebody_else_and_comes_back_when_nobody_wants_it() -> None:
    leases, watch = LeasesInMemory(), Watch()
    first, second = node(leases, "a", watch, "sweep", "notices"), node(leases, "b", watch, "sweep", "notices")
    await first.beat()
    await first.hand_over("sweep")
    await first.beat()
    assert [first.holds("sweep"), first.holds("notices")] == [False, True]
    await second.beat()
    assert [second.holds("sweep"), second.holds("notices")] == [True, False]
    await first.hand_over("notices")
    watch.seconds += LEFT_FOR
    await first.beat()
    assert first.holds("notices")


async def test_a_job_that_cannot_be_handed_over_stays() -> None:
    leases, watch = LeasesInMemory(), Watch()
    owner = node(leases, "a", watch)
    await owner.beat()
    leases.down = True
    with pytest.raises(StoreUnavailableError):
        await owner.hand_over("sweep")
    assert owner.holds("sweep")


async def test_an_owner_that_stood_still_asks_before_each_step_and_hears_no() -> None:
    leases, watch = LeasesInMemory(), Watch()
    stopped, other = node(leases, "stopped", watch), node(leases, "other", watch)
    await stopped.beat()
    await other.beat()
    for _ in range(5):
        watch.seconds += BEAT
        await other.beat()
    assert other.holds("sweep")
    assert not stopped.holds("sweep")
    await stopped.beat()
    assert not stopped.holds("sweep")
    assert leases.leases["sweep"].owner == "other"


async def test_an_owner_without_a_store_gives_up_before_anybody_else_may_begin_and_goes_on_when_nobody_did() -> None:
    leases, watch = LeasesInMemory(), Watch()
    owner = node(leases, "a", watch)
    await owner.beat()
    leases.down = True
    watch.seconds += HELD_FOR - 0.1
    with pytest.raises(StoreUnavailableError):
        await owner.beat()
    assert owner.holds("sweep")
    watch.seconds += 0.1
    assert not owner.holds("sweep")
    leases.down = False
    await owner.beat()
    assert owner.holds("sweep")
    assert leases.leases["sweep"].fence == 1


async def test_a_lease_is_measured_from_when_it_was_first_seen_not_from_when_it_was_written() -> None:
    """A node that starts late knows nothing of how long the owner has been silent."""
    leases, watch = LeasesInMemory(), Watch()
    owner = node(leases, "a", watch)
    await owner.beat()
    watch.seconds += HELD_FOR - 1
    await owner.beat()
    late = node(leases, "late", watch)
    watch.seconds += HELD_FOR - 1
    await late.beat()
    assert owner.holds("sweep")
    assert not late.holds("sweep")


async def test_a_renewal_that_answers_late_counts_from_when_it_was_sent() -> None:
    leases, watch = LeasesInMemory(), Watch()

    class Slow(LeasesInMemory):
        async def renew(self, owner: str) -> tuple[object, ...]:  # type: ignore[override]
            renewed = await super().renew(owner)
            watch.seconds += HELD_FOR
            return renewed

    leases = Slow()
    owner = node(leases, "a", watch)
    await owner.beat()
    await owner.beat()
    assert not owner.holds("sweep")


def test_the_stopwatch_goes_on_whatever_time_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = seconds_since_boot()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    assert before <= seconds_since_boot() < before + 60


OWNING_PROCESS = """
import asyncio, sys
from idp.adapters.crypto.system import SystemClock, seconds_since_boot
from idp.adapters.sql.leases import SqlLeases
from idp.adapters.sql.stores import open_database
from idp.web.edge.job_ownership import LeasedJobs

async def own():
    jobs = LeasedJobs(SqlLeases(open_database(sys.argv[1], SystemClock())), ["sweep"], "killed", seconds_since_boot)
    await jobs.beat()
    print(jobs.holds("sweep"), flush=True)
    await asyncio.Event().wait()

asyncio.run(own())
"""


async def test_the_job_of_a_process_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'idp.db'}"
    prepare(url)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", OWNING_PROCESS, url, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"True\n"
    database = open_database(url, SystemClock())
    watch = Watch()
    follower = LeasedJobs(SqlLeases(database), ["sweep"], "follower", watch)
    await follower.beat()
    assert not follower.holds("sweep")
    process.kill()
    await process.wait()
    killed_at = watch.seconds
    while not follower.holds("sweep"):
        watch.seconds += BEAT
        await follower.beat()
    await database.close()
    assert watch.seconds - killed_at < LONGEST_GAP - BEAT
