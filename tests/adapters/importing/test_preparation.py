import json
import threading
from collections.abc import Sequence
from datetime import date

from idp.adapters.importing.json_lines import Lines
from idp.adapters.importing.preparation import Prepared, ThreadPreparer, prepare_lines
from idp.domain.records import PersonRecord
from tests.adapters.importing.test_loading import PlainPeople


class NotingPeople(PlainPeople):
    """Notes which thread prepared."""

    def prepare(self, people: Sequence[PersonRecord]) -> PlainPeople:
        self.thread = threading.get_ident()
        return super().prepare(people)


TODAY = date(2026, 9, 21)


def line(number: int) -> bytes:
    return json.dumps({"people": {"personal_number": f"001099{number:06}", "name": "An"}}).encode() + b"\n"


def test_lines_become_records_with_their_numbers_and_where_reading_stopped() -> None:
    prepared = prepare_lines(PlainPeople(), "people.jsonl", Lines(7, (line(1), b"\n", line(2), b"{\n", line(3))), TODAY)
    assert (len(prepared.records), prepared.numbers, prepared.last) == (2, (7, 9), 9)
    assert str(prepared.refusal) == "people.jsonl: line 10: is not JSON"


def test_what_stands_before_a_record_can_be_taken_alone() -> None:
    prepared = prepare_lines(PlainPeople(), "people.jsonl", Lines(1, (line(1), b"\n", line(2))), TODAY)
    before = prepared.before(1)
    assert (len(before.records), before.numbers, before.last, before.refusal) == (1, (1,), 2, None)


def test_the_first_record_of_somebody_who_is_not_born_is_noted_with_what_says_so() -> None:
    unborn = json.dumps({"people": {"personal_number": "001226000003", "name": "An", "birthdate": "2026-12-31"}})
    prepared = prepare_lines(PlainPeople(), "people.jsonl", Lines(1, (line(1), unborn.encode())), TODAY)
    assert (len(prepared.records), prepared.unborn) == (2, (1, "birthdate"))
    assert prepare_lines(PlainPeople(), "people.jsonl", Lines(1, (line(1),)), TODAY).unborn is None


async def test_a_thread_prepares_so_that_the_loop_goes_on() -> None:
    people = NotingPeople()
    prepared = await ThreadPreparer(people).prepare("people.jsonl", Lines(1, (line(1),)), TODAY)
    assert isinstance(prepared, Prepared)
    assert people.thread != threading.get_ident()
