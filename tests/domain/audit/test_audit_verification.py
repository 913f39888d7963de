"""Everything that can be done to a chain of five records behind its back, and what is found."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from idp.domain.audit.audit_chain import AuditRecord, ChainHead, chained_digest, extend
from idp.domain.audit.audit_verification import Fault, SeenHead, Verification
from tests.ports.samples import event, faults

CHAIN = extend("main", ChainHead(), [event(letter) for letter in "abcde"], 1_000)
SEEN = [SeenHead("main", record.sequence, record.digest, 1_000) for record in CHAIN]

Records = list[AuditRecord]


def edit_payload(records: Records) -> Records:
    records[2] = replace(records[2], payload=records[2].payload.replace(b'"c"', b'"x"'))
    return records


def edit_payload_and_digest(records: Records) -> Records:
    edited = edit_payload(records)[2]
    records[2] = replace(edited, digest=chained_digest(edited.previous, edited.payload))
    return records


def edit_digest(records: Records) -> Records:
    records[2] = replace(records[2], digest=b"\x00" * 32)
    return records


def edit_column(**changes: object) -> Callable[[Records], Records]:
    def edit(records: Records) -> Records:
        records[2] = replace(records[2], **changes)  # type: ignore[arg-type]
        return records

    return edit


def unreadable_payload(payload: bytes) -> Callable[[Records], Records]:
    def edit(records: Records) -> Records:
        records[2] = replace(records[2], payload=payload, digest=chained_digest(records[2].previous, payload))
        return records

    return edit


def delete(position: int) -> Callable[[Records], Records]:
    return lambda records: records[:position] + records[position + 1 :]


def delete_and_close_ranks(records: Records) -> Records:
    rest = [replace(record, sequence=record.sequence - 1) for record in records[3:]]
    return records[:2] + rest


def swap(records: Records) -> Records:
    records[1], records[2] = replace(records[2], sequence=2), replace(records[1], sequence=3)
    return records


def insert(records: Records) -> Records:
    (stranger,) = extend("main", ChainHead(2, records[1].digest), [event("stranger")], 1_000)
    return [*records[:2], stranger, *(replace(record, sequence=record.sequence + 1) for record in records[2:])]


def cut_the_head(records: Records) -> Records:
    return records[1:]


@pytest.mark.parametrize(
    ("tamper", "first"),
    [
        (edit_payload, (Fault.EDITED, 3)),
        (edit_payload_and_digest, (Fault.UNLINKED, 4)),
        (edit_digest, (Fault.EDITED, 3)),
        (edit_column(name="other.event"), (Fault.EDITED, 3)),
        (edit_column(at_milliseconds=2_000), (Fault.EDITED, 3)),
        (edit_column(previous=b"\x00" * 32), (Fault.UNLINKED, 3)),
        (unreadable_payload(b"no JSON"), (Fault.EDITED, 3)),
        (unreadable_payload(b"\xff"), (Fault.EDITED, 3)),
        (unreadable_payload(b"[]"), (Fault.EDITED, 3)),
        (delete(0), (Fault.MISSING, 2)),
        (delete(2), (Fault.MISSING, 4)),
        (delete_and_close_ranks, (Fault.UNLINKED, 3)),
        (swap, (Fault.UNLINKED, 2)),
        (insert, (Fault.UNLINKED, 4)),
        (cut_the_head, (Fault.MISSING, 2)),
    ],
)
def test_the_place_of_every_change_is_named(tamper: Callable[[Records], Records], first: tuple[Fault, int]) -> None:
    assert next(faults(tamper(list(CHAIN)))) == first


def test_an_untouched_chain_holds() -> None:
    assert list(faults(CHAIN)) == []
    verification = Verification(SEEN)
    assert [finding for record in CHAIN for finding in verification.follow(record)] == []
    assert list(verification.finish()) == []
    assert (verification.records, verification.streams, verification.confirmed) == (5, 1, 5)


def test_streams_are_followed_apart() -> None:
    other = extend("other", ChainHead(), [event("z")], 1_000)
    assert list(faults([*CHAIN, *other])) == []
    moved = replace(CHAIN[4], stream="other", sequence=2)
    assert list(faults([*CHAIN[:4], *other, moved])) == [(Fault.UNLINKED, 2)]


def test_a_cut_tail_is_found_by_checkpoints_only() -> None:
    assert list(faults(CHAIN[:3])) == []
    assert list(faults(CHAIN[:3], SEEN)) == [(Fault.CUT, 4)]
    assert list(faults([], SEEN)) == [(Fault.CUT, 1)]


def test_a_chain_written_anew_is_found_by_checkpoints_only() -> None:
    forged = extend("main", ChainHead(), [event(letter) for letter in "abXde"], 1_000)
    assert list(faults(forged)) == []
    assert list(faults(forged, SEEN)) == [(Fault.REWRITTEN, 3)]


def test_of_checkpoints_that_saw_different_records_in_one_place_none_hides_the_other() -> None:
    other = extend("main", ChainHead(), [event(letter) for letter in "abXde"], 1_000)
    seen_elsewhere = [SeenHead("main", record.sequence, record.digest, 1_000) for record in other]
    for seen in ([*SEEN, *seen_elsewhere], [*seen_elsewhere, *SEEN]):
        assert list(faults(CHAIN, seen)) == [(Fault.REWRITTEN, 3)]
        assert list(faults(other, seen)) == [(Fault.REWRITTEN, 3)]


def test_a_finding_tells_when_it_was_written() -> None:
    verification = Verification([SeenHead("main", 9, b"", 7_000)])
    (finding,) = verification.finish()
    assert (finding.stream, finding.sequence, finding.at_milliseconds) == ("main", 1, 7_000)
