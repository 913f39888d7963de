import hashlib

from idp.domain.audit.audit_chain import (
    GENESIS,
    AuditRecord,
    ChainHead,
    UnchainedEvent,
    chained_digest,
    extend,
    extend_with,
)
from tests.ports.samples import event


def test_a_stream_begins_behind_the_genesis() -> None:
    (record,) = extend("main", ChainHead(), [event("a")], 5)
    assert (record.sequence, record.previous) == (1, GENESIS)
    assert record.digest == hashlib.sha256(GENESIS + record.payload).digest()


def test_each_record_hangs_on_the_one_before() -> None:
    first, second = extend("main", ChainHead(7, b"\x01" * 32), [event("a"), event("b")], 5)
    assert (first.sequence, first.previous) == (8, b"\x01" * 32)
    assert (second.sequence, second.previous) == (9, first.digest)
    assert second.digest == chained_digest(first.digest, second.payload)


def test_no_events_are_no_records() -> None:
    assert extend("main", ChainHead(), [], 5) == []


def at(stream: str, sequence: int, moment: int, letter: str) -> AuditRecord:
    (record,) = extend(stream, ChainHead(sequence - 1), [event(letter)], moment)
    return record


def test_the_payload_is_the_same_bytes_for_the_same_event_place_and_time() -> None:
    assert at("main", 1, 5, "a").payload == at("main", 1, 5, "a").payload
    others = {
        at(*changed).payload
        for changed in (
            ("main", 1, 5, "a"),
            ("side", 1, 5, "a"),
            ("main", 2, 5, "a"),
            ("main", 1, 6, "a"),
            ("main", 1, 5, "b"),
        )
    }
    assert len(others) == 5


def test_an_event_that_waited_for_its_place_reads_as_if_it_had_not() -> None:
    waited = [UnchainedEvent(5, event(letter).name, event(letter).fields()) for letter in "ab"]
    assert extend_with("main", ChainHead(), waited) == extend("main", ChainHead(), [event("a"), event("b")], 5)


def test_the_payload_names_its_event_apart_from_the_event_s_own_fields() -> None:
    assert at("main", 1, 5, "a").payload == (
        b'{"at":5,"event":{"account_id":"a","request_id":"request-1","source":"pseudonym-1"},'
        b'"name":"password.accepted","sequence":1,"stream":"main"}'
    )
