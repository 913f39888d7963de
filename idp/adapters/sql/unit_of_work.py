"""A unit of work: a generator that yields statements and is sent their answers.

Stores write each operation once, as a generator function; a driver runs it inside one transaction (or on a reader
connection when it only reads), with awaits between the statements or without:

    def accept(step: int) -> UnitOfWork[bool]:
        row: Row | None = yield One(ACCEPT_STEP, {"step": step})
        return row is not None

A unit that raises leaves nothing behind. It may run on another thread: it touches nothing but its arguments.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import msgspec
from sqlalchemy import Insert
from sqlalchemy.sql import Executable

from idp.domain.events import Event

Row: TypeAlias = tuple[Any, ...]
Parameters: TypeAlias = Mapping[str, object]


class One(msgspec.Struct, frozen=True, gc=False):
    """Answered with the first row, or None. `alone`: the unit's only request, which needs no transaction around it."""

    statement: Executable
    parameters: Parameters
    alone: bool = False


class All(msgspec.Struct, frozen=True, gc=False):
    """Answered with all rows."""

    statement: Executable
    parameters: Parameters


class Run(msgspec.Struct, frozen=True, gc=False):
    """Answered with the number of rows changed. `alone`: the unit's only request, which needs no transaction."""

    statement: Executable
    parameters: Parameters
    alone: bool = False


class Many(msgspec.Struct, frozen=True, gc=False):
    """The statement runs once for each set of parameters; answered with nothing."""

    statement: Executable
    parameters: Sequence[Parameters]


class Fill(msgspec.Struct, frozen=True, gc=False):
    """New rows, by the fastest way that the engine has for many; answered with nothing.

    `statement` inserts into a table and does nothing else; every row names the same columns.
    """

    statement: Insert
    rows: Sequence[Parameters]


class Conclude(msgspec.Struct, frozen=True, gc=False):
    """Answered with the first row, or None. A row ends the unit: `events` are appended and nothing follows.

    What most requests of a hot path come to: an engine may make one statement and one transaction of it. `key` names
    the parameter that tells the row apart from that of any other request, and is all that the statement answers: then
    an engine may make one statement and one transaction of several requests. `shared` is held as by `Lock`, until the
    request has ended; what follows one that found nothing holds what it names itself.
    """

    statement: Executable
    parameters: Parameters
    events: Sequence[Event]
    key: str = ""
    shared: tuple[str, ...] = ()


class Lock(msgspec.Struct, frozen=True, gc=False):
    """A lock on names, exclusive or shared, held until the transaction ends; it has no result.

    For what no row stands for: whoever checks that something has not ended, and whoever ends it. Every statement after
    this one sees what earlier holders committed. SQLite's one writer is alone in any case.
    """

    names: tuple[str, ...]
    shared: bool = False


class Append(msgspec.Struct, frozen=True, gc=False):
    """An audit event that stands or falls with the unit of work; answered with nothing."""

    event: Event


Request: TypeAlias = One | All | Run | Many | Fill | Conclude | Lock | Append

T = TypeVar("T")

UnitOfWork: TypeAlias = Generator[Request, Any, T]
