"""The chain that audit records form: each one's digest covers the digest before it."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from idp.domain.events import Event

GENESIS: Final = bytes(32)
"""What stands before the first record of a stream."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One written event. `digest` = SHA-256 over the previous digest and this record's canonical bytes (`payload`)."""

    stream: str
    sequence: int
    at_milliseconds: int
    name: str
    payload: bytes
    previous: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest record of a stream, as far as the next one needs it."""

    sequence: int = 0
    digest: bytes = GENESIS


def extend(stream: str, head: ChainHead, events: Sequence[Event], at_milliseconds: int) -> list[AuditRecord]:
    """The records that `events` become behind `head`."""
    records = []
    previous = head.digest
    for sequence, event in enumerate(events, head.sequence + 1):
        payload = canonical_payload(stream, sequence, at_milliseconds, event)
        digest = chained_digest(previous, payload)
        records.append(AuditRecord(stream, sequence, at_milliseconds, event.name, payload, previous, digest))
        previous = digest
    return records


def canonical_payload(stream: str, sequence: int, at_milliseconds: int, event: Event) -> bytes:
    """JSON in UTF-8 without spaces, keys sorted: the same bytes for the same event, place and time."""
    return msgspec.json.encode(
        {
            "at": at_milliseconds,
            "event": event.fields(),
            "name": event.name,
            "sequence": sequence,
            "stream": stream,
        },
        order="deterministic",
    )


def chained_digest(previous: bytes, payload: bytes) -> bytes:
    """SHA-256 over the previous digest and the payload."""
    return hashlib.sha256(previous + payload).digest()


class Fault(StrEnum):
    """What is wrong at a place in the chain."""

    EDITED = "edited"
    """The record's content does not have the digest that was written for it."""
    UNLINKED = "unlinked"
    """The record does not follow the one before it: something was put in, taken out or moved here."""
    MISSING = "missing"
    """Records between the one before and this one are gone."""
    CUT = "cut"
    """A checkpoint saw this record, and it is gone together with all later ones."""
    CONTRADICTS_CHECKPOINT = "contradicts_checkpoint"
    """A checkpoint saw another record in this place: the chain was written anew."""
    CHECKPOINT_REFUSED = "checkpoint_refused"
    """A checkpoint is not signed by this provider, or was changed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault and its place. `at_milliseconds` is the record's own time, or that of the checkpoint."""

    fault: Fault
    stream: str
    sequence: int
    at_milliseconds: int


class _Placed(msgspec.Struct):
    """The part of a payload that says where the record belongs."""

    stream: str
    sequence: int
    at: int
    name: str


def check_link(record: AuditRecord, head: ChainHead) -> Finding | None:
    """What is wrong with `record` as the one that follows `head`, or None."""
    if record.sequence > head.sequence + 1:
        return _found(Fault.MISSING, record)
    if record.sequence != head.sequence + 1 or record.previous != head.digest:
        return _found(Fault.UNLINKED, record)
    if chained_digest(record.previous, record.payload) != record.digest or not _is_in_its_place(record):
        return _found(Fault.EDITED, record)
    return None


def walk(records: Iterable[AuditRecord]) -> Iterator[Finding]:
    """Every fault in `records`, which come in order of stream and sequence, each stream from its beginning."""
    heads: dict[str, ChainHead] = {}
    for record in records:
        finding = check_link(record, heads.get(record.stream, ChainHead()))
        if finding is not None:
            yield finding
        heads[record.stream] = ChainHead(record.sequence, record.digest)


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


def _found(fault: Fault, record: AuditRecord) -> Finding:
    return Finding(fault, record.stream, record.sequence, record.at_milliseconds)
