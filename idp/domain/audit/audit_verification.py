"""Whether an audit chain still is what was written: every edit, deletion, insertion and reordering has its place named.

Whoever can write the database can also write a whole chain anew or cut its tail; checkpoints kept outside tell that.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from idp.domain.audit.audit_chain import AuditRecord, ChainHead, chained_digest
from idp.domain.values import dataclass

_TOLERANCE = 60_000
"""Milliseconds between reading the clock for a row and writing its record."""


class Fault(StrEnum):
    """What is wrong at a place in the chain."""

    EDITED = "edited"
    """The record's content does not have the digest that was written for it."""
    UNLINKED = "unlinked"
    """The record does not follow the one before it: something was put in, taken out or moved here."""
    MISSING = "missing"
    """The records between the one before and this one are gone."""
    CUT = "cut"
    """A checkpoint saw records from here on, and they are gone."""
    REWRITTEN = "rewritten"
    """A checkpoint saw another record here: the chain was written anew, from some record before this one on."""
    UNSEEN = "unseen"
    """No checkpoint in the configured file saw this record or any later one, although one was due."""
    OUTLIVED = "outlived"
    """The database holds grants, consents or people newer than this, the newest record of all: later ones are gone."""
    CHECKPOINT_MISSING = "checkpoint_missing"
    """A line of the checkpoint file (`sequence` is its number) does not follow the one before: some are gone."""
    CHECKPOINT_REFUSED = "checkpoint_refused"
    """A line of the checkpoint file (`sequence` is its number) was not signed by this provider."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault and its place. `at_milliseconds`: when the record, or else the checkpoint, says it was written."""

    fault: Fault
    stream: str
    sequence: int
    at_milliseconds: int


@dataclass(frozen=True, slots=True)
class SeenHead:
    """A stream's newest record as a checkpoint saw it."""

    stream: str
    sequence: int
    digest: bytes
    at_milliseconds: int


class _Placed(msgspec.Struct):
    """The part of a payload that says where the record belongs."""

    stream: str
    sequence: int
    at: int
    name: str


class Verification:
    """Follows records in order of stream and sequence, and compares them with what checkpoints saw.

    A checkpoint must have seen every record before `due_before` (milliseconds; None: nothing is said of that).
    """

    def __init__(self, seen: Iterable[SeenHead], due_before: int | None = None) -> None:
        self.records = 0
        self.confirmed = 0
        """How many checkpointed heads were found as they had been seen."""
        self._heads: dict[str, ChainHead] = {}
        self._seen: dict[str, dict[int, dict[bytes, SeenHead]]] = {}
        self._rewritten: set[str] = set()
        self._unseen: set[str] = set()
        self._due_before = due_before
        self._newest = (0, "", 0)
        for head in seen:
            # Two that saw different records in one place both count: at most one of them is right.
            self._seen.setdefault(head.stream, {}).setdefault(head.sequence, {})[head.digest] = head
        self._last_seen = {stream: max(heads) for stream, heads in self._seen.items()}

    @property
    def streams(self) -> int:
        """How many streams there were."""
        return len(self._heads)

    def follow(self, record: AuditRecord) -> Iterator[Finding]:
        """Yield what is wrong with the next record."""
        self.records += 1
        fault = _fault(record, self._heads.get(record.stream, ChainHead()))
        if fault is not None:
            yield Finding(fault, record.stream, record.sequence, record.at_milliseconds)
        self._heads[record.stream] = ChainHead(record.sequence, record.digest)
        self._newest = max(self._newest, _moment(record))
        yield from self._see(record)

    def finish(self, last_trace: int | None = None) -> Iterator[Finding]:
        """Yield the tails that are missing, once every record was followed.

        `last_trace` (milliseconds): when the newest of what is never written without a record was written.
        """
        for stream, seen in sorted(self._seen.items()):
            last = self._heads.get(stream, ChainHead()).sequence
            beyond = [heads for sequence, heads in sorted(seen.items()) if sequence > last]
            if beyond:
                first = min(head.at_milliseconds for head in beyond[0].values())
                yield Finding(Fault.CUT, stream, last + 1, first)
        at_milliseconds, stream, sequence = self._newest
        if last_trace is not None and last_trace > at_milliseconds + _TOLERANCE:
            yield Finding(Fault.OUTLIVED, stream, sequence, at_milliseconds)

    def _see(self, record: AuditRecord) -> Iterator[Finding]:
        seen = self._seen.get(record.stream, {}).get(record.sequence, {})
        if record.digest in seen:
            self.confirmed += 1
        if seen.keys() - {record.digest} and record.stream not in self._rewritten:
            # What follows hangs on this record; naming the first place is enough.
            self._rewritten.add(record.stream)
            yield Finding(Fault.REWRITTEN, record.stream, record.sequence, record.at_milliseconds)
        is_due = self._due_before is not None and record.at_milliseconds < self._due_before
        if is_due and record.stream not in self._unseen and record.sequence > self._last_seen.get(record.stream, 0):
            self._unseen.add(record.stream)
            yield Finding(Fault.UNSEEN, record.stream, record.sequence, record.at_milliseconds)


def _moment(record: AuditRecord) -> tuple[int, str, int]:
    return record.at_milliseconds, record.stream, record.sequence


def _fault(record: AuditRecord, head: ChainHead) -> Fault | None:
    if record.sequence > head.sequence + 1:
        return Fault.MISSING
    if record.sequence != head.sequence + 1 or record.previous != head.digest:
        return Fault.UNLINKED
    if chained_digest(record.previous, record.payload) != record.digest or not _is_in_its_place(record):
        return Fault.EDITED
    return None


def _is_in_its_place(record: AuditRecord) -> bool:
    """Whether the columns beside the payload say what the payload says."""
    try:
        told = msgspec.json.decode(record.payload, type=_Placed)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return (told.stream, told.sequence, told.at, told.name) == (
        record.stream,
        record.sequence,
        record.at_milliseconds,
        record.name,
    )
