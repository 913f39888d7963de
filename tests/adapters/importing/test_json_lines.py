import hashlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.importing.json_lines import LONGEST_LINE, People, read_batches, read_people


def line(number: str = "001099000001", **values: object) -> bytes:
    record = {"people": {"personal_number": number, "name": "An", **values}}
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def read(content: bytes, size: int = 100) -> list[People]:
    return [read_people("people.jsonl", batch) for batch in read_batches(io.BytesIO(content), size)]


def refusal(content: bytes) -> str:
    refused = read(content)[0].refusal
    assert refused
    return str(refused)


def test_each_line_is_a_person_with_its_number() -> None:
    (people,) = read(line() + b"\n" + line("001099000002", email="b@example.vn").rstrip(b"\n"))

    assert [record.personal_number for record in people.records] == ["001099000001", "001099000002"]
    assert people.numbers == (1, 3)
    assert (people.last, people.refusal) == (3, None)


def test_batches_know_their_place_and_what_the_file_was_up_to_any_of_their_lines() -> None:
    lines = [line(f"00109900000{digit}") for digit in range(5)]
    first, second, third = read_batches(io.BytesIO(b"".join(lines)), size=2)

    assert [(batch.first, batch.last) for batch in (first, second, third)] == [(1, 2), (3, 4), (5, 5)]
    assert (first.end, third.end) == (len(lines[0]) * 2, len(lines[0]) * 5)
    assert second.digest(4) == hashlib.sha256(b"".join(lines[:4])).hexdigest()
    assert second.digest(3) == hashlib.sha256(b"".join(lines[:3])).hexdigest()


def test_an_empty_file_has_no_batch() -> None:
    assert read(b"") == []


def test_what_stands_before_a_bad_line_is_read_and_what_stands_behind_is_not() -> None:
    (people,) = read(line() + b"{\n" + line("001099000002"))

    assert (len(people.records), people.last) == (1, 1)
    assert str(people.refusal) == "people.jsonl: line 2: is not JSON"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{\n", "line 1: is not JSON"),
        (b"{}\n", 'line 1: must be {"people": {…}}'),
        (b"[]\n", 'line 1: must be {"people": {…}}'),
        (b'{"people": {}, "officers": {}}\n', 'line 1: must be {"people": {…}}'),
        (b'{"people": []}\n', "line 1: must be a mapping"),
        (b'{"people": {"name": "An"}}\n', "line 1: personal_number: is required"),
        (b'{"people": {"name": "An", "name": "An"}}\n', "line 1: names something twice"),
        (b'{"people": {"level": NaN}}\n', "line 1: is not JSON"),
        (b'{"people": {"level": ' + b"9" * 5000 + b"}}\n", "line 1: is not JSON"),
        (b"[" * 60_000 + b"\n", "line 1: is not JSON"),
        (b'{"people": {"name": "\xff"}}\n', "line 1: is not UTF-8"),
        (line(name="An\x00"), "line 1: name: A name has no control or invisible characters."),
        (
            b'{"people": {"personal_number": "001099000001", "name": "\\ud800"}}\n',
            "line 1: name: A name has no control",
        ),
        (b"\x00\n", "line 1: is not JSON"),
        (b"x" * (LONGEST_LINE + 1), "line 1: is longer than 64 KiB"),
        (line() + line(password="hunter2hunter2"), "line 2: password: give password_hash"),
        (
            line(email="A@example.vn") + line("001099000002", email="a@example.vn"),
            "line 2: email: is the same as in line 1",
        ),
        ("x\n".encode("utf-16"), "line 1: is not UTF-8"),
    ],
)
def test_a_line_that_is_no_person_is_refused_by_its_number_and_reason(content: bytes, reason: str) -> None:
    message = refusal(content)
    assert message.startswith(f"people.jsonl: {reason}")
    assert "hunter2" not in message


def test_nothing_is_read_behind_an_overlong_line() -> None:
    batches = list(read_batches(io.BytesIO(line() + b"x" * 10_000_000), size=1))
    assert len(batches) == 2
    assert len(batches[1].lines[0]) == LONGEST_LINE + 1


@given(
    st.binary(max_size=300) | st.text(max_size=100).map(lambda text: json.dumps({"people": {"name": text}}).encode())
)
def test_arbitrary_bytes_are_read_or_refused(content: bytes) -> None:
    for people in read(content):
        assert people.refusal is None or "line " in str(people.refusal)
