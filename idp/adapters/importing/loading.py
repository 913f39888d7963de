"""Loading import files: one file, one transaction; JSON lines in batches that go on where they were stopped."""

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from typing import BinaryIO, Final

from idp.adapters.importing.document import (
    NOT_BORN,
    NOT_REACHED,
    ImportDocument,
    beyond_ascii,
    read_document,
    unborn,
    unsigned_answers,
)
from idp.adapters.importing.json_lines import BATCH, Batch, read_batches
from idp.adapters.importing.preparation import Prepared, Preparer
from idp.adapters.importing.problems import ImportRefused, Problem, line_problem
from idp.domain.country_time import day_of
from idp.domain.events import Origin, RecordsImported
from idp.domain.records import Loaded
from idp.domain.values import dataclass
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock
from idp.ports.keys import PasswordHasher
from idp.ports.records import RecordConflictError, RecordStore

_AT_ONCE: Final = 8

Progress = Callable[[int], None]
"""Told how many bytes of a file have been dealt with."""


@dataclass(frozen=True, slots=True)
class Importer:
    """Loads files into the store; every load carries its audit event in the same transaction."""

    store: RecordStore
    accounts: Accounts
    hasher: PasswordHasher
    origin: Origin
    algorithms: Collection[str]
    """What answers to clients can be signed with."""
    reaches_beyond_ascii: Callable[[], Awaitable[bool]]
    """Tells whether mail can be sent to mailboxes outside of ASCII; asked only where there is one."""
    clock: Clock

    async def check_document(self, source: str, content: bytes) -> ImportDocument:
        """Return what a YAML file says, loading nothing. Raises `ImportRefused` with every problem found.

        What contradicts the records that are there is found by loading alone.
        """
        document = read_document(source, content)
        unreached = list(beyond_ascii(document))
        if unreached and await self.reaches_beyond_ascii():
            unreached = []
        not_born = unborn(document, day_of(self.clock.now()))
        if problems := [*not_born, *unsigned_answers(document, self.algorithms), *unreached]:
            raise ImportRefused(source, problems)
        return document

    async def load_document(self, source: str, content: bytes) -> Loaded:
        """Load a YAML file completely or not at all. Raises `ImportRefused` with every problem found."""
        document = await self.check_document(source, content)
        records = document.records(await self._hashes(document))
        event = RecordsImported(
            origin=self.origin, digest=hashlib.sha256(content).hexdigest(), counts=document.counts()
        )
        try:
            return await self.store.load(records, event)
        except RecordConflictError as conflict:
            raise ImportRefused(source, [Problem(conflict.path, conflict.reason)]) from None

    async def load_lines(
        self, source: str, stream: BinaryIO, preparer: Preparer, progress: Progress, size: int = BATCH
    ) -> Loaded:
        """Load a seekable JSON-lines file in batches of `size` lines, each one transaction with its mark.

        The next batches are prepared while one is written. Goes on behind the batches that are marked as loaded and
        whose lines are still the same; a file that was loaded to its end is loaded again. Raises `ImportRefused` at the
        first refused line; what stands before it is kept.
        """
        skipped = await self._loaded_before(stream, size)
        stream.seek(0)
        progress(skipped)
        total = Loaded()
        batches = (batch for batch in read_batches(stream, size) if batch.end > skipped)
        today = day_of(self.clock.now())
        async with aclosing(_in_order(source, batches, preparer, today)) as prepared:
            async for batch, people in prepared:
                total = _sum(total, await self._load_batch(source, batch, await self._checked(source, people)))
                progress(batch.end)
        return total

    async def _checked(self, source: str, people: Prepared) -> Prepared:
        """Return what is prepared up to the first birth that is yet to come, or mailbox that no message would reach."""
        found: list[tuple[int, Problem]] = []
        if people.unborn is not None:
            found.append((people.unborn[0], Problem(people.unborn[1], NOT_BORN)))
        if people.beyond_ascii is not None and not await self.reaches_beyond_ascii():
            found.append((people.beyond_ascii, Problem("email", NOT_REACHED)))
        if not found:
            return people
        position, problem = min(found, key=lambda each: each[0])
        refusal = ImportRefused(source, [line_problem(people.numbers[position], problem)])
        return replace(people.before(position), refusal=refusal)

    async def _hashes(self, document: ImportDocument) -> dict[str, str]:
        """Hash the passwords, a few at a time: the hasher has threads for them and a short queue."""
        passwords = list(document.passwords().items())
        hashes: dict[str, str] = {}
        for start in range(0, len(passwords), _AT_ONCE):
            group = passwords[start : start + _AT_ONCE]
            found = await asyncio.gather(*(self._hash(owner, password) for owner, password in group))
            hashes |= {owner: password_hash for (owner, _), password_hash in zip(group, found, strict=True)}
        return hashes

    async def _hash(self, owner: str, password: str) -> str:
        """Return the hash of a password; one that is in force already keeps its hash, so that nothing changes."""
        account = await self.accounts.find(owner)
        stored = account.password_hash if account else None
        if stored is not None and await self.hasher.verify(stored, password):
            return stored
        return await self.hasher.hash(password)

    async def _loaded_before(self, stream: BinaryIO, size: int) -> int:
        """Return how many bytes from the beginning are loaded; none when all are."""
        loaded = 0
        for batch in read_batches(stream, size):
            if await self.store.mark(batch.digest(batch.last)) != batch.last:
                return loaded
            loaded = batch.end
        return 0

    async def _load_batch(self, source: str, batch: Batch, people: Prepared) -> Loaded:
        """Load a batch; where a line is refused, what stands before it is loaded first."""
        try:
            loaded = await self._write(batch, people)
        except RecordConflictError as conflict:
            position = _position(conflict)
            await self._write(batch, people.before(position))
            problem = Problem(conflict.path.partition("].")[2], conflict.reason)
            raise ImportRefused(source, [line_problem(people.numbers[position], problem)]) from None
        if people.refusal:
            raise people.refusal
        return loaded

    async def _write(self, batch: Batch, people: Prepared) -> Loaded:
        if not len(people.records):
            return Loaded()
        digest = batch.digest(people.last)
        event = RecordsImported(origin=self.origin, digest=digest, counts={"people": len(people.records)})
        return await self.store.load_people(people.records, digest, people.last, event)


async def _in_order(
    source: str, batches: Iterable[Batch], preparer: Preparer, today: date
) -> AsyncGenerator[tuple[Batch, Prepared], None]:
    """Yield batches with what they became, in the order of the file; `preparer.ahead` of them are under way."""
    under_way: deque[tuple[Batch, asyncio.Task[Prepared]]] = deque()
    try:
        for batch in batches:
            under_way.append((batch, asyncio.create_task(preparer.prepare(source, batch.alone(), today))))
            if len(under_way) > preparer.ahead:
                first, task = under_way.popleft()
                yield first, await task
        while under_way:
            first, task = under_way.popleft()
            yield first, await task
    finally:
        # Threads cannot be called off, and are done in a moment.
        await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)


def _position(conflict: RecordConflictError) -> int:
    """Return the place in its batch of the record that a conflict names (`people[3].phone_number`)."""
    return int(conflict.path.partition("[")[2].partition("]")[0])


def _sum(one: Loaded, other: Loaded) -> Loaded:
    return Loaded(one.created + other.created, one.changed + other.changed, one.unchanged + other.unchanged)
