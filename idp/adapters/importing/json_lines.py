"""People as JSON lines, the bulk path: one `{"people": {...}}` a line, read as a stream and checked line by line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, NoReturn

from pydantic import ValidationError

from idp.adapters.importing.document import identifiers_of, person_record
from idp.adapters.importing.person_entry import PersonEntry
from idp.adapters.importing.problems import ImportRefused, Problem, problems_of
from idp.domain.records import PersonRecord

LONGEST_LINE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a bulk file: where it stands, how far the file was read with it, and what it says."""

    number: int
    end: int
    """Bytes from the beginning of the file to the end of this line."""
    person: PersonRecord


class _Refused(ValueError):
    """A line that is no record; the message says why."""


def read_lines(source: str, stream: BinaryIO, *, after: int = 0) -> Iterator[Line]:
    """Yield the records of a stream from line `after` + 1 on; empty lines are passed over.

    Raises `ImportRefused` at the first line that is no record, named as `source: line N: reason`.
    """
    end = 0
    for number in range(1, 2**63):
        content = stream.readline(LONGEST_LINE + 1)
        end += len(content)
        if not content:
            return
        if len(content) > LONGEST_LINE:
            raise ImportRefused(source, [Problem(f"line {number}", "is longer than 64 KiB")])
        if number > after and not content.isspace():
            yield Line(number, end, _read_line(source, number, content))


def check_distinct(source: str, lines: list[Line]) -> None:
    """Raise `ImportRefused` when two lines of one batch claim the same sign-in identifier."""
    holders: dict[str, int] = {}
    for line in lines:
        for name, identifier in identifiers_of(line.person):
            first = holders.setdefault(identifier, line.number)
            if first != line.number:
                raise ImportRefused(source, [Problem(f"line {line.number}: {name}", f"is the same as in line {first}")])


def _read_line(source: str, number: int, content: bytes) -> PersonRecord:
    try:
        entry = PersonEntry.model_validate(_person_of(content))
    except _Refused as error:
        raise ImportRefused(source, [Problem(f"line {number}", str(error))]) from None
    except ValidationError as error:
        problem = problems_of(error)[0]
        raise ImportRefused(source, [Problem(f"line {number}", str(problem))]) from None
    if entry.password is not None:
        raise ImportRefused(source, [Problem(f"line {number}", "password: give password_hash in JSON lines")])
    return person_record(entry, {})


def _person_of(content: bytes) -> Any:  # noqa: ANN401 - validated next
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise _Refused("is not UTF-8") from None
    try:
        record = json.loads(text, object_pairs_hook=_distinct, parse_constant=_refuse_constant)
    except _Refused:
        raise
    except (ValueError, RecursionError):
        raise _Refused("is not JSON") from None
    if not isinstance(record, dict) or set(record) != {"people"}:
        raise _Refused('must be {"people": {…}}')
    return record["people"]


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Refused("names something twice")
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise _Refused("is not JSON")
