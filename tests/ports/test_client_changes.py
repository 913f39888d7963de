"""What a change of one client makes a process read again: that client, and no other."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import msgspec
import pytest
from sqlalchemy import bindparam, update

from idp.adapters.sql.clients.client_rows import client_document
from idp.adapters.sql.clients.clients import SqlClients
from idp.adapters.sql.database import Database
from idp.adapters.sql.stores import Stores
from idp.adapters.sql.tables.main import clients
from idp.adapters.sql.tables.operation import versions
from idp.adapters.sql.unit_of_work import Run, UnitOfWork
from idp.domain.clients.client import Client, Resource
from idp.domain.ids import ClientId
from idp.domain.records import Records
from idp.ports.errors import StoreUnavailableError
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT

T = TypeVar("T")

MANY = 210
"""More than are followed one by one."""

_OF_AN_OLDER_RELEASE = (
    update(clients).where(clients.c.client_id == bindparam("client")).values(document=bindparam("changed"))
)
_MOVE = (
    update(versions)
    .where(versions.c.name == bindparam("registry"))
    .values(version=versions.c.version + bindparam("by"))
)


class CountedReads:
    """A database that counts what is read, by the name of the unit; `meanwhile` is done after the first one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.counts: Counter[str] = Counter()
        self.meanwhile: dict[str, Callable[[], Awaitable[object]]] = {}

    async def run_read(self, unit: UnitOfWork[T]) -> T:
        name = cast("Any", unit).__name__
        self.counts[name] += 1
        read = await self._database.run_read(unit)
        if name in self.meanwhile:
            await self.meanwhile.pop(name)()
        return read


@pytest.fixture
def reads(stores: Stores) -> CountedReads:
    return CountedReads(stores.database)


@pytest.fixture
def cached(reads: CountedReads, clock: TurnedClock) -> SqlClients:
    return SqlClients(cast("Any", reads), clock)


def spa(number: int, host: str = "spa") -> Client:
    return Client(
        client_id=ClientId(f"spa-{number:03}"),
        token_endpoint_auth_method="none",
        redirect_uris=(f"https://{host}-{number}.example.vn/x",),
    )


async def _save(stores: Stores, *changed: Client) -> None:
    await stores.records.load(Records(clients=changed), EVENT)


async def test_only_the_client_that_changed_is_read_again(
    stores: Stores, cached: SqlClients, reads: CountedReads, clock: TurnedClock
) -> None:
    await _save(stores, *map(spa, range(30)))
    for number in range(30):
        assert await cached.get(f"spa-{number:03}") == spa(number)
    assert await cached.allows_origin("https://spa-7.example.vn")
    reads.counts.clear()

    moved = spa(7, "moved")
    await stores.client_registry.save(moved, EVENT)
    clock.seconds += 1
    found = [await cached.get(f"spa-{number:03}") for number in range(30)]
    assert found == [*map(spa, range(7)), moved, *map(spa, range(8, 30))]
    origins = ("https://spa-7.example.vn", "https://moved-7.example.vn", "https://spa-8.example.vn")
    assert [await cached.allows_origin(origin) for origin in origins] == [False, True, True]
    assert reads.counts == {"registry_version": 1, "changed_clients": 1}


async def test_a_change_by_this_process_is_seen_in_the_same_second(stores: Stores) -> None:
    await _save(stores, spa(1))
    assert await stores.clients.get("spa-001") == spa(1)
    moved = spa(1, "moved")
    assert await stores.client_registry.replace(spa(1), moved, EVENT)
    assert await stores.clients.get("spa-001") == moved
    assert not await stores.client_registry.replace(spa(1), moved, EVENT)


async def test_a_look_that_began_before_a_change_by_this_process_does_not_count(
    stores: Stores, cached: SqlClients, reads: CountedReads
) -> None:
    await _save(stores, spa(1))
    assert await cached.get("spa-001") == spa(1)
    moved = spa(1, "moved")

    async def change() -> None:
        await stores.client_registry.save(moved, EVENT)
        cached.changed()

    cached.changed()
    reads.meanwhile["registry_version"] = change
    await asyncio.gather(cached.get("spa-001"), cached.get("spa-002"))
    assert await cached.get("spa-001") == moved


async def test_an_origin_that_two_clients_have_is_allowed_until_both_gave_it_up(
    stores: Stores, cached: SqlClients, clock: TurnedClock
) -> None:
    same = [
        Client(ClientId(name), token_endpoint_auth_method="none", redirect_uris=("https://a.example/x",))
        for name in "ab"
    ]
    await _save(stores, *same)
    for each in same:
        assert await cached.allows_origin("https://a.example")
        await stores.client_registry.save(Client(each.client_id, token_endpoint_auth_method="none"), EVENT)
        clock.seconds += 1
    assert not await cached.allows_origin("https://a.example")


async def test_no_more_clients_are_kept_than_were_meant_to_be(
    stores: Stores, reads: CountedReads, clock: TurnedClock
) -> None:
    await _save(stores, *map(spa, range(3)))
    bounded = SqlClients(cast("Any", reads), clock, kept=2)
    for number in (0, 1, 1, 2, 2, 1, 0):
        assert await bounded.get(f"spa-{number:03}") == spa(number)
    # The first one was forgotten for the third, and the second for the first.
    assert reads.counts["find_client"] == 4


async def test_more_changes_than_are_followed_are_seen_too(
    stores: Stores, cached: SqlClients, clock: TurnedClock
) -> None:
    await _save(stores, *map(spa, range(MANY)))
    assert await cached.get("spa-000") == spa(0)
    assert await cached.allows_origin("https://spa-209.example.vn")
    await _save(stores, *(spa(number, "moved") for number in range(MANY)))
    clock.seconds += 1
    assert await cached.get("spa-000") == spa(0, "moved")
    assert not await cached.allows_origin("https://spa-209.example.vn")
    assert await cached.allows_origin("https://moved-209.example.vn")


async def test_what_changes_while_origins_are_gathered_is_among_them(
    stores: Stores, cached: SqlClients, reads: CountedReads, clock: TurnedClock
) -> None:
    await _save(stores, spa(1), spa(2))

    async def move() -> None:
        await stores.client_registry.save(spa(1, "moved"), EVENT)
        clock.seconds += 1
        # Somebody else looks at the version before the walk is over.
        assert await cached.get("spa-001") == spa(1, "moved")

    reads.meanwhile["walked_clients"] = move
    assert await cached.allows_origin("https://moved-1.example.vn")
    walked = reads.counts["walked_clients"]
    assert not await cached.allows_origin("https://spa-1.example.vn")
    assert await cached.allows_origin("https://spa-2.example.vn")
    assert reads.counts["walked_clients"] == walked


async def test_a_change_that_lands_between_both_looks_is_not_lost(
    stores: Stores, cached: SqlClients, reads: CountedReads, clock: TurnedClock
) -> None:
    await _save(stores, spa(1))
    assert not await cached.allows_origin("https://moved-1.example.vn")
    reads.meanwhile["registry_version"] = lambda: stores.client_registry.save(spa(1, "moved"), EVENT)
    for _ in range(2):
        clock.seconds += 1
        await cached.get("spa-001")
    assert await cached.get("spa-001") == spa(1, "moved")
    assert await cached.allows_origin("https://moved-1.example.vn")


async def test_a_change_by_an_older_release_is_seen_within_a_second(
    stores: Stores, cached: SqlClients, clock: TurnedClock
) -> None:
    """It moves the one version that it knows, and puts no number on the client."""
    await _save(stores, spa(1))
    assert await cached.get("spa-001") == spa(1)
    assert await cached.allows_origin("https://spa-1.example.vn")
    await stores.client_registry.save(spa(2), EVENT)
    await stores.database.write(_older_release(spa(1, "moved")))
    clock.seconds += 1
    assert await cached.get("spa-001") == spa(1, "moved")
    assert not await cached.allows_origin("https://spa-1.example.vn")
    assert await cached.allows_origin("https://spa-2.example.vn")


def _older_release(client: Client) -> UnitOfWork[None]:
    yield Run(_OF_AN_OLDER_RELEASE, {"client": client.client_id, "changed": client_document(client)})
    yield Run(_MOVE, {"registry": "clients", "by": 1})


async def test_a_database_that_was_restored_is_read_anew(
    stores: Stores, cached: SqlClients, clock: TurnedClock
) -> None:
    await _save(stores, spa(1))
    await stores.client_registry.save(spa(1, "moved"), EVENT)
    assert await cached.get("spa-001") == spa(1, "moved")
    await stores.database.write(_restored(spa(1)))
    clock.seconds += 1
    assert await cached.get("spa-001") == spa(1)


def _restored(client: Client) -> UnitOfWork[None]:
    yield Run(_OF_AN_OLDER_RELEASE, {"client": client.client_id, "changed": client_document(client)})
    for registry in ("clients", "clients.numbered"):
        yield Run(_MOVE, {"registry": registry, "by": -1})


async def test_resources_are_read_again_when_they_change_and_not_with_each_client(
    stores: Stores, cached: SqlClients, reads: CountedReads, clock: TurnedClock
) -> None:
    resource = Resource("https://a.example.vn/api", frozenset({"a.read"}))
    await stores.records.load(Records(resources=(resource,)), EVENT)
    assert await cached.resource(resource.audience) == resource
    await stores.client_registry.save(spa(1), EVENT)
    clock.seconds += 1
    assert await cached.resources() == (resource,)
    assert reads.counts["all_resources"] == 1
    more = Resource(resource.audience, frozenset({"a.read", "a.write"}))
    await stores.records.load(Records(resources=(more,)), EVENT)
    clock.seconds += 1
    assert await cached.resource(resource.audience) == more


async def test_changes_at_the_same_time_are_all_seen(stores: Stores, cached: SqlClients, clock: TurnedClock) -> None:
    await _save(stores, *map(spa, range(10)))
    before = [await cached.get(f"spa-{number:03}") for number in range(10)]
    assert before == [*map(spa, range(10))]
    await asyncio.gather(*(stores.client_registry.save(spa(number, "moved"), EVENT) for number in range(10)))
    clock.seconds += 1
    after = [await cached.get(f"spa-{number:03}") for number in range(10)]
    assert after == [spa(number, "moved") for number in range(10)]


async def _written_by_a_newer_release(stores: Stores, client_id: str, document: bytes) -> None:
    def unit() -> UnitOfWork[None]:
        yield Run(_OF_AN_OLDER_RELEASE, {"client": client_id, "changed": document})

    # Which numbers its changes too.
    await stores.client_registry.save(spa(int(client_id.removeprefix("spa-")), "newer"), EVENT)
    await stores.database.write(unit())


NOT_READ_HERE = (
    b'{"client_id":"spa-001","redirect_uris":{"any":"shape"}}',
    b"\x00",
    b'{"client_id":"\xff"}',
    b"[" * 9999,
)


@pytest.mark.parametrize("document", NOT_READ_HERE, ids=["shape", "no JSON", "no UTF-8", "depth"])
async def test_a_client_that_this_release_cannot_read_fails_alone(
    stores: Stores, cached: SqlClients, reads: CountedReads, clock: TurnedClock, document: bytes
) -> None:
    await _save(stores, *map(spa, range(3)))
    assert [await cached.get(f"spa-00{number}") for number in range(3)] == [*map(spa, range(3))]
    assert await cached.allows_origin("https://spa-1.example.vn")
    await _written_by_a_newer_release(stores, "spa-001", document)
    await stores.client_registry.save(spa(2, "moved"), EVENT)

    clock.seconds += 1
    assert await cached.get("spa-002") == spa(2, "moved")
    with pytest.raises((ValueError, RecursionError)):
        await cached.get("spa-001")
    assert await cached.get("spa-000") == spa(0)
    origins = [await cached.allows_origin(f"https://{host}.example.vn") for host in ("spa-0", "spa-1", "moved-2")]
    assert origins == [True, False, True]

    # The version moved on: what was followed is not followed again.
    reads.counts.clear()
    clock.seconds += 1
    assert await cached.get("spa-002") == spa(2, "moved")
    assert reads.counts == {"registry_version": 1}
    await stores.client_registry.save(spa(1, "repaired"), EVENT)
    clock.seconds += 1
    assert await cached.get("spa-001") == spa(1, "repaired")
    assert await cached.allows_origin("https://repaired-1.example.vn")


async def test_origins_are_gathered_past_a_client_that_this_release_cannot_read(
    stores: Stores, cached: SqlClients
) -> None:
    await _save(stores, *map(spa, range(3)))
    await _written_by_a_newer_release(stores, "spa-001", NOT_READ_HERE[0])
    strange = msgspec.json.encode({"client_id": "spa-000", "metadata": {"allowed_origins": [{"any": "shape"}]}})
    await _written_by_a_newer_release(stores, "spa-000", strange)
    allowed = [await cached.allows_origin(f"https://spa-{number}.example.vn") for number in range(3)]
    assert allowed == [False, False, True]


class HeldReads(CountedReads):
    """Looks at the version wait until they are let through, and may fail."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.let_through = asyncio.Event()
        self.looking = asyncio.Event()
        self.failing: BaseException | None = None

    async def run_read(self, unit: UnitOfWork[T]) -> T:
        read = await super().run_read(unit)
        if cast("Any", unit).__name__ == "registry_version":
            self.looking.set()
            await self.let_through.wait()
            if self.failing is not None:
                raise self.failing
        return read


@pytest.fixture
async def held(stores: Stores) -> HeldReads:
    await _save(stores, spa(1))
    return HeldReads(stores.database)


@pytest.fixture
async def idle(stores: Stores, held: HeldReads, clock: TurnedClock) -> SqlClients:
    """What knew a client for a long time in which nobody asked, and in which it moved."""
    idle = SqlClients(cast("Any", held), clock)
    held.let_through.set()
    assert await idle.get("spa-001") == spa(1)
    await stores.client_registry.save(spa(1, "moved"), EVENT)
    clock.seconds += 3600
    held.let_through.clear()
    held.counts.clear()
    return idle


async def _asking(idle: SqlClients, held: HeldReads, many: int) -> list[asyncio.Task[Client | None]]:
    """Tasks that ask, all of them while one look is held up."""
    held.looking.clear()
    asking = [asyncio.create_task(idle.get("spa-001")) for _ in range(many)]
    await held.looking.wait()
    return asking


async def test_whoever_asks_while_the_version_is_looked_at_waits_for_that_one_look(
    idle: SqlClients, held: HeldReads
) -> None:
    asking = await _asking(idle, held, 20)
    late = asyncio.create_task(idle.get("spa-001"))
    await asyncio.sleep(0)
    assert not any(task.done() for task in (*asking, late))
    held.let_through.set()
    assert await asyncio.gather(*asking, late) == [spa(1, "moved")] * 21
    assert held.counts == {"registry_version": 1, "changed_clients": 1}


async def test_whoever_gives_up_while_the_version_is_looked_at_does_not_end_that_for_others(
    idle: SqlClients, held: HeldReads
) -> None:
    first, *others = await _asking(idle, held, 3)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    held.let_through.set()
    assert await asyncio.gather(*others) == [spa(1, "moved")] * 2
    assert held.counts["registry_version"] == 1


@pytest.mark.parametrize("failure", [StoreUnavailableError(), asyncio.CancelledError()], ids=["outage", "end"])
async def test_a_look_that_fails_does_so_for_all_who_wait_and_the_next_one_looks_again(
    idle: SqlClients, held: HeldReads, failure: BaseException
) -> None:
    held.failing = failure
    asking = await _asking(idle, held, 3)
    held.let_through.set()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailableError] * 3
    held.failing = None
    # In the same second: nobody is answered from what was known before.
    assert await idle.get("spa-001") == spa(1, "moved")


async def test_after_any_failure_of_a_look_nobody_is_answered_from_what_was_known_before(
    idle: SqlClients, held: HeldReads
) -> None:
    held.failing = ZeroDivisionError()
    held.let_through.set()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await idle.get("spa-001")
    held.failing = None
    assert await idle.get("spa-001") == spa(1, "moved")


async def test_a_look_that_began_in_an_earlier_second_is_followed_by_one_for_who_asked_since(
    stores: Stores, idle: SqlClients, held: HeldReads, clock: TurnedClock
) -> None:
    (early,) = await _asking(idle, held, 1)
    clock.seconds += 1
    await stores.client_registry.save(spa(1, "again"), EVENT)
    clock.seconds += 1
    late = [asyncio.create_task(idle.get("spa-001")) for _ in range(5)]
    await asyncio.sleep(0)
    held.let_through.set()
    await early
    assert await asyncio.gather(*late) == [spa(1, "again")] * 5
    assert held.counts["registry_version"] == 2
