"""Statements that answer for many sets of parameters at once, made of those that answer for one.

Parameters become the columns of rows that are sent as arrays: `$1::VARCHAR` becomes `asked.p1`. What is read for each
row is fenced off by a limit, so that it is planned as it is for one; what is changed is joined to the rows, on
connections where the planner is told to look rows up one by one.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from itertools import count
from typing import Any, Final, NamedTuple

from idp.adapters.sql.postgresql.pending_events import LEAVE_FOR_KEYS
from idp.adapters.sql.unit_of_work import Row

_PLACE: Final = re.compile(r"\$(\d+)(?:::([A-Z]+))?")
_TYPED: Final = re.compile(r"\$(\d+)::([A-Z]+(?:\[\])?)")
_TOKEN: Final = re.compile(r"[()]|\bWHERE\b")
_READ: Final = """
SELECT asked.position, answer.* FROM {asked},
LATERAL (SELECT * FROM ({statement}) AS every_answer LIMIT 1) AS answer
"""
_CONCLUDED: Final = """
WITH outcome (key) AS ({statement}), left_events AS ({leave}) SELECT key::{type} FROM outcome
"""


_HOLDING: Final = """
CREATE OR REPLACE FUNCTION pg_temp.{name} (TEXT[], {types}) RETURNS SETOF {key} LANGUAGE plpgsql AS $holding$
BEGIN
PERFORM pg_advisory_xact_lock_shared(hashtextextended(name, 0)) FROM unnest($1) AS lock (name);
RETURN QUERY {statement};
END $holding$
"""


class NotGroupableError(ValueError):
    """A statement that has no parameters, or not the form that could be grouped."""


def grouped_read(statement: str) -> str:
    """The first row of `statement` for each set of parameters that has one, after its place among them, from 1 on.

    Raises `NotGroupableError`.
    """
    types = _types(statement)
    return _READ.format(asked=_asked(types), statement=_replaced(statement))


class Holding(NamedTuple):
    """A grouped change that shares locks while it runs, as a function of one connection, and the call of it.

    What changes sees what those did who held a lock alone: within a function each statement looks anew. So locks,
    change and commit are one round trip instead of four.
    """

    function: str
    call: str


def holding(grouped: str, key_type: str) -> Holding:
    """What runs a `grouped_conclusion` holding the locks that its first value names; its own values follow."""
    types = dict(_TYPED.findall(grouped))
    moved = _TYPED.sub(lambda place: f"${int(place[1]) + 1}::{place[2]}", grouped)
    name = f"idp_{sha256(grouped.encode()).hexdigest()[:16]}"
    places = ", ".join(f"${place}" for place in range(1, len(types) + 2))
    ordered = ", ".join(types[str(place)] for place in range(1, len(types) + 1))
    function = _HOLDING.format(name=name, types=ordered, key=key_type, statement=moved)
    return Holding(function, f"SELECT * FROM pg_temp.{name}({places})")  # noqa: S608 -- a name and places of ours


def type_of(statement: str, place: int) -> str:
    """The type of a parameter, by its place from 1 on."""
    return _types(statement)[place - 1]


def grouped_conclusion(statement: str, key: int) -> str:
    """A conditional change for each set of parameters that leaves the events of those for which it answers its key.

    `key` is the place of the parameter that it answers, from 1 on. The values of the events follow: the moment, then
    the key, the name and the fields of each. Raises `NotGroupableError`.
    """
    types = _types(statement)
    end = _first_condition(statement)
    joined = f"{statement[:end]}FROM {_asked(types)} {statement[end:]}"
    places = count(len(types) + 1)
    leave = LEAVE_FOR_KEYS.format(
        moment=next(places), keys=next(places), names=next(places), fields=next(places), type=types[key - 1]
    )
    return _CONCLUDED.format(statement=_replaced(joined), leave=leave, type=types[key - 1])


def in_columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    """Sets of parameters as the arrays that a grouped statement is bound to."""
    return [list(column) for column in zip(*rows, strict=True)]


def by_place(rows: Sequence[Any], number: int) -> list[Row | None]:
    """The answer to each of so many sets of parameters: what `grouped_read` answered, None where it found nothing."""
    answers: list[Row | None] = [None] * number
    for row in rows:
        answers[row[0] - 1] = row[1:]
    return answers


def _types(statement: str) -> list[str]:
    found: dict[int, str] = {}
    for place, kind in _PLACE.findall(statement):
        if not kind:
            raise NotGroupableError(statement)
        found[int(place)] = kind
    if not found:
        raise NotGroupableError(statement)
    return [found[place] for place in sorted(found)]


def _asked(types: Sequence[str]) -> str:
    arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(types, 1))
    columns = ", ".join(f"p{place}" for place in range(1, len(types) + 1))
    return f"unnest({arrays}) WITH ORDINALITY AS asked ({columns}, position)"


def _replaced(statement: str) -> str:
    """The statement with columns instead of its parameters; what is an array already is one of the rows' own."""
    return re.sub(r"\$(\d+)::[A-Z]+(?!\[|[A-Z])", r"asked.p\1", statement)


def _first_condition(statement: str) -> int:
    """Where the condition of the statement itself begins, not that of one within it. Raises `NotGroupableError`."""
    depth = 0
    for token in _TOKEN.finditer(statement):
        if token[0] == "WHERE" and depth == 0:
            return token.start()
        depth += {"(": 1, ")": -1}.get(token[0], 0)
    raise NotGroupableError(statement)
