"""Looking many keys up at once: a list of fixed length, so that engines compile and plan one statement for it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam

from idp.adapters.sql.unit_of_work import Parameters

AT_ONCE: Final = 500

AFTER_ALL: Final = "\x7f"
"""Sorts after every identifier: where a list that goes backwards begins."""

_NAMES: Final = tuple(f"key_{number}" for number in range(AT_ONCE))


def is_one_of_the_keys(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that `column` is among the keys of one portion."""
    return column.in_([bindparam(name) for name in _NAMES])


def portions(keys: Sequence[bytes]) -> Iterator[Parameters]:
    """Yield the keys as parameters of `is_one_of_the_keys`, `AT_ONCE` at a time; the last key fills the list up."""
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        yield dict(zip(_NAMES, (*some, *[some[-1]] * (AT_ONCE - len(some))), strict=True))
