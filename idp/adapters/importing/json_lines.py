"""People as JSON lines, the bulk path: one `{"people": {...}}` a line, read in batches that know what came before."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NoReturn

from pydantic import ValidationError

from idp.adapters.importing.document import identifiers_of, person_record
from idp.adapters.importing.person_entry import PersonEntry
from idp.adapters.importing.problems import ImportRefused, Problem, line_problem, problems_of
from idp.domain.records import PersonRecord
from idp.domain.values import dataclass

LONGEST_LINE: Final = 64 * 1024
BATCH: Final = 2000


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines in a row, as they stand in the file."""

    first: int
    """Number of the first line, from 1."""
    lines: tuple[bytes, ...]

    @property
    def last(self) -> int:
        """Number of the last line."""
        return self.first + len(self.lines) - 1


@dataclass(frozen=True, slots=True)
class Batch(Lines):
    """Lines that are loaded together, with their place in the file."""

    end: int
    """Bytes from the beginning of the file to the end of this batch."""
    before: "hashlib._Hash"
    """SHA-256 of the file up to this batch."""

    def alone(self) -> Lines:
        """Return the lines without the digest, which cannot leave its process."""
        return Lines(self.first, self.lines)

    def digest(self, last: int) -> str:
        """Return SHA-256, in hex, of the file from its beginning to the end of line `last` of this batch."""
        digest = self.before.copy()
        for line in self.lines[: last - self.first + 1]:
            digest.update(line)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class People:
    """What a batch says up to line `last`: its records and the numbers of their lines.

    `refusal` says why the line behind is none, where that stopped the reading.
    """

    records: tuple[PersonRecord, ...]
    numbers: tuple[int, ...]
    last: int
    refusal: ImportRefused | None = None


class _RefusedLine(ValueError):
    """A line that is no record: where in it, and why."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.problem = Problem(path, reason)


def read_batches(stream: BinaryIO, size: int = BATCH) -> Iterator[Batch]:
    """Yield the lines of a stream in batches of `size`; the first overlong line is cut and the last that is read."""
    digest, end, first = hashlib.sha256(), 0, 1
    overlong = False
    while not overlong:
        lines: list[bytes] = []
        before = digest.copy()
        while len(lines) < size and not overlong and (line := stream.readline(LONGEST_LINE + 1)):
            lines.append(line)
            digest.update(line)
            end += len(line)
            overlong = len(line) > LONGEST_LINE
        if not lines:
            return
        yield Batch(first, tuple(lines), end, before)
        first += len(lines)


def read_people(source: str, batch: Lines) -> People:
    """Return the records of a batch up to the first line that is none or repeats an identifier of the batch.

    Empty lines are passed over. The refusal names `source: line N: reason`.
    """
    records: list[PersonRecord] = []
    numbers: list[int] = []
    holders: dict[str, int] = {}
    for number, line in enumerate(batch.lines, start=batch.first):
        if line.isspace():
            continue
        try:
            record = _read_line(line)
            _check_distinct(record, number, holders)
        except _RefusedLine as error:
            refusal = ImportRefused(source, [line_problem(number, error.problem)])
            return People(tuple(records), tuple(numbers), number - 1, refusal)
        records.append(record)
        numbers.append(number)
    return People(tuple(records), tuple(numbers), batch.last)


def _read_line(line: bytes) -> PersonRecord:
    try:
        entry = PersonEntry.model_validate(_person_of(line))
    except ValidationError as error:
        first = problems_of(error)[0]
        raise _RefusedLine(first.reason, first.path) from None
    if entry.password is not None:
        raise _RefusedLine("give password_hash in JSON lines", "password")
    return person_record(entry, {})


def _check_distinct(record: PersonRecord, number: int, holders: dict[str, int]) -> None:
    for name, identifier in identifiers_of(record):
        if (first := holders.setdefault(identifier, number)) != number:
            raise _RefusedLine(f"is the same as in line {first}", name)


def _person_of(line: bytes) -> Any:  # noqa: ANN401 - validated next
    if len(line) > LONGEST_LINE:
        raise _RefusedLine("is longer than 64 KiB")
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise _RefusedLine("is not UTF-8") from None
    try:
        record = json.loads(text, object_pairs_hook=_distinct_members, parse_constant=_refuse_constant)
    except _RefusedLine:
        raise
    except (ValueError, RecursionError):
        raise _RefusedLine("is not JSON") from None
    if not isinstance(record, dict) or set(record) != {"people"}:
        raise _RefusedLine('must be {"people": {…}}')
    return record["people"]


def _distinct_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _RefusedLine("names something twice")
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise _RefusedLine("is not JSON")
