"""Who signs in with which identifier, as a batch finds it and as it changes it: looked up once, written once."""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, select

from idp.adapters.sql.loading.tally import INSERT_IDENTIFIER, identifier_row, taken
from idp.adapters.sql.look_up import is_one_of_the_keys, portions
from idp.adapters.sql.people.sealed_people import Identifier
from idp.adapters.sql.tables.main import identifiers
from idp.adapters.sql.unit_of_work import All, Fill, Many, Parameters, Row, UnitOfWork
from idp.domain.ids import AccountId, Seconds

_HOLDERS = select(identifiers.c.blind_index, identifiers.c.account_id).where(
    is_one_of_the_keys(identifiers.c.blind_index)
)
_FORGET = delete(identifiers).where(identifiers.c.blind_index == bindparam("blind_index"))


class Holders:
    """The identifiers of one batch, which is loaded at the moment `now`."""

    def __init__(self, now: Seconds) -> None:
        self._now = now
        self._holders: dict[bytes, str] = {}
        self._released: list[Parameters] = []
        self._taken: dict[bytes, Parameters] = {}

    def look_up(self, indexes: Iterable[bytes]) -> UnitOfWork[None]:
        """Learn who holds these."""
        for keys in portions(sorted(indexes)):
            rows: list[Row] = yield All(_HOLDERS, keys)
            self._holders.update(rows)

    def held(self, index: bytes) -> bool:
        """Whether anybody signs in with it."""
        return index in self._holders

    def take(self, identifier: Identifier, account_id: AccountId, path: str) -> None:
        """Let an account sign in with it. Raises `RecordConflictError` naming the field below `path`."""
        index = identifier.blind_index
        holder = self._holders.get(index)
        if holder is None:
            self._holders[index] = account_id
            self._taken[index] = identifier_row(index, account_id, identifier.kind, self._now)
        elif holder != account_id:
            raise taken(f"{path}.{identifier.field}")

    def release(self, index: bytes) -> None:
        """Let nobody sign in with it."""
        self._holders.pop(index, None)
        self._taken.pop(index, None)
        self._released.append({"blind_index": index})

    def write(self) -> UnitOfWork[None]:
        """Write what changed; what one account gave up another one may have taken, so that goes first."""
        yield Many(_FORGET, self._released)
        yield Fill(INSERT_IDENTIFIER, list(self._taken.values()))
