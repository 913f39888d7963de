"""What was told of keys, on SQL: the state and its event in one transaction."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.operation import told_keys
from idp.adapters.sql.unit_of_work import All, Append, Lock, Many, One, Row, UnitOfWork
from idp.ports.told_keys import KeyTransition

_STATES = select(told_keys.c.name, told_keys.c.state)
_new = insert(told_keys)
_ASSUME = _new.on_conflict_do_nothing(index_elements=["name"])
_TELL = _new.on_conflict_do_update(
    index_elements=["name"],
    set_={"state": _new.excluded.state},
    where=told_keys.c.state != _new.excluded.state,
).returning(told_keys.c.name)
_TELLING = Lock(("told keys",))


class SqlToldKeys:
    """Implements `ToldKeys`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def states(self) -> Mapping[str, str]:
        return await self._database.run_read(_states())

    async def assume(self, states: Mapping[str, str]) -> None:
        await self._database.write(_assume(states))

    async def tell(self, transitions: Sequence[KeyTransition]) -> None:
        await self._database.write(_tell(transitions))


def _states() -> UnitOfWork[Mapping[str, str]]:
    rows: list[Row] = yield All(_STATES, {})
    return dict(rows)


def _assume(states: Mapping[str, str]) -> UnitOfWork[None]:
    yield Many(_ASSUME, [{"name": name, "state": state} for name, state in sorted(states.items())])


def _tell(transitions: Sequence[KeyTransition]) -> UnitOfWork[None]:
    # In the order in which it happened, and so in any: nobody else tells meanwhile.
    yield _TELLING
    for each in transitions:
        if (yield One(_TELL, {"name": each.key, "state": each.state})) is not None:
            yield Append(each.event)
