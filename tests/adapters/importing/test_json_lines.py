import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.importing.json_lines import LONGEST_LINE, check_distinct, read_lines
from idp.adapters.importing.problems import ImportRefused


def line(number: str = "001099000001", **values: object) -> bytes:
    return (
        json.dumps({"people": {"personal_number": number, "name": "An", **values}}, ensure_ascii=False).encode() + b"\n"
    )


def refusal(content: bytes) -> str:
    with pytest.raises(ImportRefused) as refused:
        list(read_lines("people.jsonl", io.BytesIO(content)))
    return str(refused.value)


def test_each_line_is_a_person_with_its_number_and_end() -> None:
    content = line() + b"\n" + line("001099000002", email="b@example.vn").rstrip(b"\n")
    lines = list(read_lines("people.jsonl", io.BytesIO(content)))

    assert [(record.number, record.person.personal_number) for record in lines] == [
        (1, "001099000001"),
        (3, "001099000002"),
    ]
    assert (lines[0].end, lines[1].end) == (len(line()), len(content))


def test_reading_goes_on_behind_a_given_line_without_judging_what_lies_before() -> None:
    content = b"not json\n" + line()
    assert [record.number for record in read_lines("people.jsonl", io.BytesIO(content), after=1)] == [2]


def test_what_stands_before_a_bad_line_is_read() -> None:
    lines = read_lines("people.jsonl", io.BytesIO(line() + b"{\n"))
    assert next(lines).number == 1
    with pytest.raises(ImportRefused, match=r"people\.jsonl: line 2: is not JSON"):
        next(lines)


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
        ("x\n".encode("utf-16"), "line 1: is not UTF-8"),
    ],
)
def test_a_line_that_is_no_person_is_refused_by_its_number_and_reason(content: bytes, reason: str) -> None:
    message = refusal(content)
    assert message.startswith(f"people.jsonl: {reason}")
    assert "hunter2" not in message


def test_two_lines_of_a_batch_may_not_share_an_identifier() -> None:
    content = line(email="A@example.vn") + line("001099000002", email="a@example.vn")
    lines = list(read_lines("people.jsonl", io.BytesIO(content)))

    check_distinct("people.jsonl", lines[:1])
    with pytest.raises(ImportRefused, match="line 2: email: is the same as in line 1"):
        check_distinct("people.jsonl", lines)


@given(
    st.binary(max_size=300) | st.text(max_size=100).map(lambda text: json.dumps({"people": {"name": text}}).encode())
)
def test_arbitrary_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        list(read_lines("people.jsonl", io.BytesIO(content)))
    except ImportRefused as refused:
        assert "line " in str(refused)  # noqa: PT017 - both outcomes are right
