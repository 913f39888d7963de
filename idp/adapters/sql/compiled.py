"""Statements as text with positional parameters, compiled once for one dialect."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy.engine import Dialect
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler

from idp.adapters.sql.unit_of_work import Parameters


class Compiled(NamedTuple):
    """The text of a statement, and what puts named parameters in its order."""

    text: str
    bind: Callable[[Parameters], tuple[object, ...]]


class CompiledStatements(dict[Executable, Compiled]):
    """Every statement that was asked for, by identity. Columns have plain types, so values travel as they are."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self._dialect = dialect

    def __missing__(self, statement: Executable) -> Compiled:
        # SQLAlchemy's type for what can be executed forgets that it can be compiled.
        compiled: Any = statement.compile(dialect=self._dialect)  # type: ignore[attr-defined]
        self[statement] = done = _positional(compiled)
        return done


def _positional(compiled: SQLCompiler) -> Compiled:
    names = tuple(compiled.positiontup or ())
    constants = {name: compiled.params[name] for value, name in compiled.bind_names.items() if not value.required}
    return Compiled(str(compiled), _binder(names, constants))


def _binder(names: tuple[str, ...], constants: dict[str, object]) -> Callable[[Parameters], tuple[object, ...]]:
    """Return a function from named to positional parameters; `constants` stand in the statement itself."""
    if not names:
        return lambda _: ()
    if constants:
        return lambda given: tuple([given[name] if name in given else constants[name] for name in names])
    if len(names) == 1:
        only = names[0]
        return lambda given: (given[only],)
    return itemgetter(*names)
