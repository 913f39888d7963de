"""The chain that audit records form: each one's digest covers the digest before it."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from idp.domain.events import Event
from idp.domain.values import dataclass

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
class UnchainedEvent:
    """An event that has its time and no place yet; `fields` are plain values."""

    at_milliseconds: int
    name: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest record of a stream, as far as the next one needs it."""

    sequence: int = 0
    digest: bytes = GENESIS


def extend(stream: str, head: ChainHead, events: Sequence[Event], at_milliseconds: int) -> list[AuditRecord]:
    """The records that `events`, all of one moment, become behind `head`."""
    return extend_with(stream, head, [UnchainedEvent(at_milliseconds, event.name, event.fields()) for event in events])


def extend_with(stream: str, head: ChainHead, events: Sequence[UnchainedEvent]) -> list[AuditRecord]:
    """The records that `events` become behind `head`."""
    records = []
    previous = head.digest
    for sequence, event in enumerate(events, head.sequence + 1):
        payload = canonical_payload(stream, sequence, event)
        digest = chained_digest(previous, payload)
        records.append(AuditRecord(stream, sequence, event.at_milliseconds, event.name, payload, previous, digest))
        previous = digest
    return records


def canonical_payload(stream: str, sequence: int, event: UnchainedEvent) -> bytes:
    """JSON in UTF-8 without spaces, keys sorted: the same bytes for the same event, place and time."""
    return msgspec.json.encode(
        {
            "at": event.at_milliseconds,
            "event": event.fields,
            "name": event.name,
            "sequence": sequence,
            "stream": stream,
        },
        order="deterministic",
    )


def chained_digest(previous: bytes, payload: bytes) -> bytes:
    """SHA-256 over the previous digest and the payload."""
    return hashlib.sha256(previous + payload).digest()
