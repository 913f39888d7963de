"""argon2id (RFC 9106) in threads of its own, with a short queue in front: a login storm starves nothing else."""

import asyncio
import contextlib
import os
import sys
import threading
import time
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Final, Generic, NoReturn, TypeVar

import argon2
from argon2.exceptions import InvalidHashError

from idp.adapters.crypto.argon2id import UnusableHashError, matches
from idp.adapters.crypto.returning import Returning
from idp.ports.keys import BusyError
from idp.setting_forms import Argon2Parameters

LONGEST_PASSWORD: Final = 1024
"""Bytes in UTF-8."""

QUEUE_PER_THREAD: Final = 32
"""Hashes that may wait for each thread: under a second of work with the default parameters."""

KEPT_FOR_KNOWN_DEVICES: Final = 8
"""Of those places, how many only a device that signed in before may take: a flood of strangers shuts no owner out."""

NICENESS: Final = 10
"""How far hashing steps back behind the thread that answers: with a hash on each of two cores, a millisecond of its
work took 20 ms at the 99th percentile without this and 7 ms with it, for as many hashes a second."""

_MOST_NICENESS: Final = 19
_HASH_SIZE: Final = 32
_SALT_SIZE: Final = 16

_T = TypeVar("_T")


class Argon2PasswordHasher:
    """`PasswordHasher` with one thread for each core this process may use, or as many as it is given."""

    def __init__(
        self,
        parameters: Argon2Parameters,
        threads: int | None = None,
        *,
        waited: Callable[[float], None] = lambda _: None,
        refused: Callable[[], None] = lambda: None,
    ) -> None:
        """Hash once, for nobody, so that an unknown user can cost the same as a known one.

        `waited` hears how many seconds each hash stood in the queue, `refused` of each that found no room there.
        """
        self.threads = threads = threads or len(os.sched_getaffinity(0))
        self._waited = waited
        self._refused = refused
        self._argon2 = argon2.PasswordHasher(
            time_cost=parameters.passes,
            memory_cost=parameters.memory,
            parallelism=parameters.lanes,
            hash_len=_HASH_SIZE,
            salt_len=_SALT_SIZE,
        )
        began = time.perf_counter()
        self._nobody = self._argon2.hash(os.urandom(_HASH_SIZE))
        self._returning = Returning(time.perf_counter() - began, threads)
        self._room = threads * (1 + QUEUE_PER_THREAD)
        self._places = BoundedSemaphore(self._room)
        self.room_for_strangers = threads * (1 + QUEUE_PER_THREAD - KEPT_FOR_KNOWN_DEVICES)
        """How many may be hashed or wait before strangers find no place."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2", initializer=_step_back)
        self.in_work = 0
        """Callers that wait for a hash now, those being served included."""
        self.finished = 0
        """Hashes that were waited for to their end."""

    @property
    def filled(self) -> float:
        """How much of the strangers' places is taken; more than 1 where known devices take those that are kept."""
        return self.in_work / self.room_for_strangers

    def check_room(self, *, known_device: bool) -> None:
        if self.in_work >= (self._room if known_device else self.room_for_strangers):
            self._turn_away()

    async def verify(self, password_hash: str | None, password: str, *, known_device: bool = False) -> bool:
        """Return False at the same cost for an unknown user, an unusable hash and a password nobody can have."""
        self.check_room(known_device=known_device)
        return await self._run(lambda: self._verify(password_hash, password))

    async def hash(self, password: str) -> str:
        """Raise ValueError for a password that is empty, overlong, or holds NUL or unpaired surrogates."""
        encoded = _encode(password)
        if encoded is None:
            raise ValueError("not a password")
        return await self._run(lambda: self._argon2.hash(encoded))

    def needs_rehash(self, password_hash: str) -> bool:
        try:
            return self._argon2.check_needs_rehash(password_hash)
        except InvalidHashError:
            return True

    def close(self) -> None:
        """Let running hashes end and drop the waiting ones."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _verify(self, password_hash: str | None, password: str) -> bool:
        encoded = _encode(password)
        if password_hash is not None and encoded is not None:
            with contextlib.suppress(UnusableHashError):
                return matches(password_hash, encoded)
        matches(self._nobody, encoded or b"-")
        return False

    async def _run(self, work: Callable[[], _T]) -> _T:
        """Return what `work` returns, run in the pool. Raises `BusyError` when the queue is full, or the memory."""
        if not self._places.acquire(blocking=False):
            self._turn_away()
        turn = _Turn(work)
        future = self._pool.submit(turn)
        # A caller that goes away cancels what still waits; the room is free once the work ended or was cancelled.
        future.add_done_callback(lambda _: self._places.release())
        self.in_work += 1
        try:
            result = await asyncio.wrap_future(future)
        except MemoryError:
            self._turn_away()
        else:
            self.finished += 1
            return result
        finally:
            self.in_work -= 1
            if turn.waited is not None:
                self._waited(turn.waited)
            if turn.took is not None:
                self._returning.took(turn.took)

    def _turn_away(self) -> NoReturn:
        self._refused()
        raise BusyError(self._returning.wait())


class _Turn(Generic[_T]):
    """Work that stands in a queue. Seconds, None before: `waited` until its turn came, `took` until it was done."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self._asked = time.perf_counter()
        self.waited: float | None = None
        self.took: float | None = None

    def __call__(self) -> _T:
        began = time.perf_counter()
        self.waited = began - self._asked
        result = self._work()
        self.took = time.perf_counter() - began
        return result


def _step_back() -> None:
    """Let the calling thread, and no other, have the processor after those that answer requests."""
    if sys.platform == "linux":  # elsewhere a priority belongs to the whole process
        thread = threading.get_native_id()
        own = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(_MOST_NICENESS, own + NICENESS))


def _encode(password: str) -> bytes | None:
    """Return what is hashed: NFC in UTF-8 (RFC 8265 section 4.2.2); None for what cannot be anybody's password."""
    try:
        encoded = unicodedata.normalize("NFC", password[: LONGEST_PASSWORD + 1]).encode()
    except UnicodeEncodeError:
        return None
    return encoded if 0 < len(encoded) <= LONGEST_PASSWORD and b"\0" not in encoded else None
