import asyncio
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator

import argon2
import pytest

from idp.adapters.crypto import password_hasher
from idp.adapters.crypto.password_hasher import (
    KEPT_FOR_KNOWN_DEVICES,
    LONGEST_PASSWORD,
    NICENESS,
    QUEUE_PER_THREAD,
    Argon2PasswordHasher,
)
from idp.ports.keys import BusyError
from idp.setting_forms import Argon2Parameters
from idp.settings import Settings

CHEAP = Argon2Parameters(memory=8, passes=1, lanes=1)


@pytest.fixture
def hasher() -> Iterator[Argon2PasswordHasher]:
    hasher = Argon2PasswordHasher(CHEAP, threads=1)
    yield hasher
    hasher.close()


async def test_the_right_password_is_right_and_another_is_wrong(hasher: Argon2PasswordHasher) -> None:
    password_hash = await hasher.hash("mật khẩu")
    assert password_hash.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert await hasher.verify(password_hash, "mật khẩu")
    assert not await hasher.verify(password_hash, "Mật khẩu")
    assert not await hasher.verify(password_hash, "")


async def test_the_same_password_never_gives_the_same_hash(hasher: Argon2PasswordHasher) -> None:
    assert await hasher.hash("password") != await hasher.hash("password")


async def test_a_password_is_the_same_whichever_way_the_keyboard_composes_it(hasher: Argon2PasswordHasher) -> None:
    assert await hasher.verify(await hasher.hash("\u1ead"), "a\u0323\u0302")


async def test_an_unknown_user_never_signs_in(hasher: Argon2PasswordHasher) -> None:
    assert not await hasher.verify(None, "password")
    assert not await hasher.verify(None, "-")


async def test_an_unknown_user_costs_what_a_known_one_costs() -> None:
    hasher = Argon2PasswordHasher(Settings().argon2, threads=1)
    known = await hasher.hash("password")

    def cost(password_hash: str | None, password: str) -> float:
        measured = []
        for _ in range(5):
            start = time.thread_time()
            hasher._verify(password_hash, password)
            measured.append(time.thread_time() - start)
        return min(measured)

    reference = cost(known, "wrong")
    for password_hash, password in ((None, "wrong"), (known, ""), (known, "x" * 5000), ("garbage", "wrong")):
        assert 0.5 < cost(password_hash, password) / reference < 2
    hasher.close()


@pytest.mark.parametrize("password", ["", "a\0b", "x" * (LONGEST_PASSWORD + 1), "ậ" * LONGEST_PASSWORD, "\ud800"])
async def test_what_cannot_be_a_password_is_neither_hashed_nor_verified(
    hasher: Argon2PasswordHasher, password: str
) -> None:
    with pytest.raises(ValueError, match="not a password"):
        await hasher.hash(password)
    assert not await hasher.verify(await hasher.hash("password"), password)


async def test_a_password_of_the_greatest_length_counts_to_its_end(hasher: Argon2PasswordHasher) -> None:
    password_hash = await hasher.hash("x" * LONGEST_PASSWORD)
    assert await hasher.verify(password_hash, "x" * LONGEST_PASSWORD)
    assert not await hasher.verify(password_hash, "x" * (LONGEST_PASSWORD - 1) + "y")


@pytest.mark.parametrize("kind", [argon2.Type.I, argon2.Type.D, argon2.Type.ID])
async def test_imported_hashes_of_every_argon2_kind_verify(hasher: Argon2PasswordHasher, kind: argon2.Type) -> None:
    imported = argon2.PasswordHasher(time_cost=2, memory_cost=64, parallelism=2, type=kind).hash("password")
    assert await hasher.verify(imported, "password")
    assert not await hasher.verify(imported, "other")
    assert hasher.needs_rehash(imported)


async def test_a_hash_is_made_again_when_the_parameters_changed(hasher: Argon2PasswordHasher) -> None:
    password_hash = await hasher.hash("password")
    assert not hasher.needs_rehash(password_hash)
    other = Argon2PasswordHasher(Argon2Parameters(memory=16, passes=1, lanes=1), threads=1)
    assert other.needs_rehash(password_hash)
    assert hasher.needs_rehash("garbage")
    other.close()


@pytest.mark.parametrize("password_hash", ["plain", "", "\0", "$argon2id$v=19$m=1048577,t=1,p=1$c29t$ZGln"])
async def test_nobody_signs_in_by_a_hash_that_is_none(hasher: Argon2PasswordHasher, password_hash: str) -> None:
    assert not await hasher.verify(password_hash, "password")


class Gate:
    """Holds every hash until it opens."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.passed = 0

    def hash(self, _: bytes) -> str:
        self.opened.wait()
        self.passed += 1
        return "hash"

    def matches(self, _hash: str, _password: bytes) -> bool:
        self.opened.wait()
        return True


@pytest.fixture
async def gate(hasher: Argon2PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(hasher, "_argon2", gate)
    monkeypatch.setattr(password_hasher, "matches", gate.matches)
    yield gate
    gate.opened.set()


async def fill(hasher: Argon2PasswordHasher) -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(hasher.hash("password")) for _ in range(1 + QUEUE_PER_THREAD)]
    await asyncio.sleep(0)
    return tasks


async def test_more_than_the_queue_holds_is_refused_at_once_and_room_comes_back(
    hasher: Argon2PasswordHasher, gate: Gate
) -> None:
    tasks = await fill(hasher)
    with pytest.raises(BusyError) as busy:
        await hasher.hash("password")
    assert busy.value.retry_after == 1
    with pytest.raises(BusyError):
        await hasher.verify(None, "password")
    gate.opened.set()
    assert await asyncio.gather(*tasks) == ["hash"] * len(tasks)
    assert await hasher.hash("password") == "hash"


async def test_where_no_memory_is_left_nobody_is_told_that_the_password_is_wrong(
    hasher: Argon2PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    password_hash = await hasher.hash("password")

    def no_memory(_hash: str, _password: bytes) -> bool:
        raise MemoryError

    with monkeypatch.context() as wanting:
        wanting.setattr(password_hasher, "matches", no_memory)
        with pytest.raises(BusyError):
            await hasher.verify(password_hash, "password")
    assert hasher.in_work == 0
    assert await hasher.verify(password_hash, "password")


async def test_callers_that_went_away_leave_their_room_and_cost_nothing(
    hasher: Argon2PasswordHasher, gate: Gate
) -> None:
    tasks = await fill(hasher)
    for task in tasks[1:]:
        task.cancel()
    await asyncio.gather(*tasks[1:], return_exceptions=True)
    again = [asyncio.create_task(hasher.hash("password")) for _ in range(QUEUE_PER_THREAD)]
    await asyncio.sleep(0)
    gate.opened.set()
    await asyncio.gather(tasks[0], *again)
    assert gate.passed == 1 + QUEUE_PER_THREAD


async def test_the_time_in_the_queue_and_what_found_no_room_there_are_told(
    hasher: Argon2PasswordHasher, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    refusals: list[str] = []
    monkeypatch.setattr(hasher, "_waited", waits.append)
    monkeypatch.setattr(hasher, "_refused", lambda: refusals.append("refused"))
    tasks = await fill(hasher)
    with pytest.raises(BusyError):
        await hasher.hash("password")
    with pytest.raises(BusyError):
        await hasher.verify(None, "password")
    tasks.pop().cancel()
    await asyncio.sleep(0)
    assert (waits, refusals) == ([], ["refused", "refused"])
    gate.opened.set()
    await asyncio.gather(*tasks)
    # One ran at once, one went away, the others waited for their turn.
    assert len(waits) == QUEUE_PER_THREAD
    assert min(waits) >= 0


async def test_hashing_leaves_the_event_loop_free(hasher: Argon2PasswordHasher, gate: Gate) -> None:
    task = asyncio.create_task(hasher.hash("password"))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not task.done()
    gate.opened.set()
    assert await task == "hash"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a priority belongs to the whole process")
def test_hashing_steps_back_behind_the_thread_that_answers_requests(hasher: Argon2PasswordHasher) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = niceness()
    assert hasher._pool.submit(niceness).result() == min(19, before + NICENESS)
    assert hasher._pool.submit(niceness).result() == min(19, before + NICENESS)
    assert niceness() == before


def test_there_is_one_thread_for_each_core_unless_said_otherwise() -> None:
    hasher = Argon2PasswordHasher(CHEAP)
    assert hasher._pool._max_workers >= 1
    hasher.close()


async def test_a_flood_of_strangers_leaves_room_for_devices_that_signed_in_before(
    hasher: Argon2PasswordHasher, gate: Gate
) -> None:
    room = 1 + QUEUE_PER_THREAD - KEPT_FOR_KNOWN_DEVICES
    flood = [asyncio.create_task(hasher.verify(None, "guess")) for _ in range(room)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await hasher.verify(None, "guess")
    owner = asyncio.create_task(hasher.verify(None, "password", known_device=True))
    await asyncio.sleep(0)
    gate.opened.set()
    assert await owner is False
    await asyncio.gather(*flood)


async def test_how_much_of_the_strangers_places_is_taken_and_how_many_were_served_is_told(
    hasher: Argon2PasswordHasher, gate: Gate
) -> None:
    room = 1 + QUEUE_PER_THREAD - KEPT_FOR_KNOWN_DEVICES
    tasks: list[asyncio.Task[bool]] = []
    filled = []
    for _ in range(room):
        filled.append(hasher.filled)
        tasks.append(asyncio.create_task(hasher.verify(None, "guess")))
        await asyncio.sleep(0)
    assert filled == [number / room for number in range(room)]
    assert hasher.filled == 1
    gate.opened.set()
    await asyncio.gather(*tasks)
    assert (hasher.filled, hasher.finished) == (0, room)


async def test_whoever_found_no_room_is_asked_back_when_those_before_have_been_served(
    hasher: Argon2PasswordHasher, gate: Gate
) -> None:
    tasks = await fill(hasher)
    hasher._returning.took(160.0)
    waits = []
    for _ in range(3):
        with pytest.raises(BusyError) as busy:
            await hasher.verify(None, "password")
        waits.append(busy.value.retry_after)
    assert 9 < waits[0] < waits[1] < waits[2]
    gate.opened.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize(
    ("known_device", "waiting"), [(False, 1 + QUEUE_PER_THREAD - KEPT_FOR_KNOWN_DEVICES), (True, 33)]
)
async def test_room_can_be_asked_for_before_a_try(
    hasher: Argon2PasswordHasher, gate: Gate, known_device: bool, waiting: int
) -> None:
    tasks = []
    for _ in range(waiting):
        hasher.check_room(known_device=known_device)
        tasks.append(asyncio.create_task(hasher.verify(None, "guess", known_device=True)))
        await asyncio.sleep(0)
    with pytest.raises(BusyError):
        hasher.check_room(known_device=known_device)
    gate.opened.set()
    await asyncio.gather(*tasks)
