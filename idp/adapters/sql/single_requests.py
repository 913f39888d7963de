"""Units of work that are one request, or a few alike, and nothing else."""

from collections.abc import Iterable

from idp.adapters.sql.unit_of_work import All, One, Row, Run, UnitOfWork


def first_row(request: One) -> UnitOfWork[Row | None]:
    """The first row, or None."""
    row: Row | None = yield request
    return row


def every_row(request: All) -> UnitOfWork[list[Row]]:
    """All rows."""
    rows: list[Row] = yield request
    return rows


def rows_of(requests: Iterable[All]) -> UnitOfWork[list[Row]]:
    """All rows of all requests, one after the other."""
    found: list[Row] = []
    for request in requests:
        rows: list[Row] = yield request
        found += rows
    return found


def run(request: Run) -> UnitOfWork[int]:
    """How many rows were changed."""
    count: int = yield request
    return count
