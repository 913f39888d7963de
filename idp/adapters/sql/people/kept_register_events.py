"""What registers told under personal numbers that nobody here has, on SQL: kept, unless somebody has them by now."""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.loading.tally import BESIDE_IMPORTS
from idp.adapters.sql.people.identity_records import give_number
from idp.adapters.sql.people.kept_for_numbers import WHOSE, NumberTaken, wait_for_numbers
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.people.register_marks import is_passed
from idp.adapters.sql.tables.locks import kept_number_changes, kept_register_events
from idp.adapters.sql.unit_of_work import Append, One, Row, UnitOfWork
from idp.domain.accounts.account_lock import KEPT_FOR, NUMBER_CHANGES_KEPT_FOR, RegisterOutcome
from idp.domain.events import RegisterEventReceived
from idp.domain.ids import Seconds
from idp.domain.people.number_change import NumberChange
from idp.ports.account_locks import RegisterChange
from idp.ports.clock import Entropy
from idp.ports.vault import Vault

_event, _change = kept_register_events.c, kept_number_changes.c
_told = insert(kept_register_events)
_KEEP = _told.on_conflict_do_update(
    index_elements=["number_index", "ground"],
    set_={name: _told.excluded[name] for name in ("event_type", "event_at", "event_id", "client_id", "expires_at")},
    where=is_passed(kept_register_events, _told),
).returning(_event.kept_id)
_RENEWED: Final = ("kept_id", "event_at", "event_id", "client_id", "change_key", "change", "expires_at")
_changed = insert(kept_number_changes)
_KEEP_CHANGE = _changed.on_conflict_do_update(
    index_elements=["number_index", "successor_index"],
    set_={name: _changed.excluded[name] for name in _RENEWED},
    where=_change.event_at < _changed.excluded.event_at,
).returning(_change.kept_id)


class SqlKeptRegisterEvents:
    """Implements `KeptRegisterEvents`."""

    def __init__(self, database: Database, vault: Vault, entropy: Entropy) -> None:
        self._database = database
        self._data = PersonalData(vault)
        self._entropy = entropy

    async def keep(
        self, personal_number: str, change: RegisterChange, event: RegisterEventReceived
    ) -> RegisterEventReceived | None:
        return await self._database.write(self._keep(self._data.identifier_index(personal_number), change, event))

    async def keep_number_change(
        self, personal_number: str, change: NumberChange, now: Seconds, event: RegisterEventReceived
    ) -> RegisterEventReceived | None:
        kept_id, key = self._entropy.identifier(), self._data.new_key()
        row = {
            "kept_id": kept_id,
            "number_index": self._data.identifier_index(personal_number),
            "successor_index": self._data.identifier_index(change.personal_number),
            "event_at": change.event_at,
            "event_id": event.event_id,
            "client_id": event.client_id,
            "change_key": key,
            "change": self._data.seal_number_change(key, kept_id, change),
            "expires_at": now + NUMBER_CHANGES_KEPT_FOR,
        }
        return await self._database.write(self._keep_number_change(row, now, event))

    def _keep(
        self, number: bytes, change: RegisterChange, event: RegisterEventReceived
    ) -> UnitOfWork[RegisterEventReceived | None]:
        yield BESIDE_IMPORTS
        yield from wait_for_numbers((number,))
        if (yield One(WHOSE, {"number": number})) is not None:
            return None
        passed = False
        for effect in change.effects:
            kept: Row | None = yield One(
                _KEEP,
                {
                    "kept_id": self._entropy.identifier(),
                    "number_index": number,
                    "ground": effect.ground.value,
                    "event_type": event.event_type,
                    "event_at": change.event_at,
                    "event_id": change.event_id,
                    "client_id": event.client_id,
                    "expires_at": change.now + KEPT_FOR[effect.ground],
                    "locks": int(effect.locks),
                },
            )
            passed = passed or kept is not None
        return (yield from _record(event, RegisterOutcome.KEPT if passed else RegisterOutcome.OVERTAKEN))

    def _keep_number_change(
        self, row: dict[str, Any], now: Seconds, event: RegisterEventReceived
    ) -> UnitOfWork[RegisterEventReceived | None]:
        number, successor = row["number_index"], row["successor_index"]
        yield BESIDE_IMPORTS
        yield from wait_for_numbers((number, successor))
        if (yield One(WHOSE, {"number": number})) is not None:
            return None
        kept: Row | None = yield One(_KEEP_CHANGE, row)
        holder: Row | None = yield One(WHOSE, {"number": successor})
        if holder is None:
            return (yield from _record(event, RegisterOutcome.OVERTAKEN if kept is None else RegisterOutcome.KEPT))
        account_id, person_id = holder
        recorded = yield from _record(event, RegisterOutcome.APPLIED)
        taken = NumberTaken(number=successor, account_id=account_id, person_id=person_id, now=now, origin=event.origin)
        yield from give_number(taken, self._data, self._entropy)
        return recorded


def _record(event: RegisterEventReceived, outcome: RegisterOutcome) -> UnitOfWork[RegisterEventReceived]:
    recorded = replace(event, outcome=outcome.value)
    yield Append(recorded)
    return recorded
