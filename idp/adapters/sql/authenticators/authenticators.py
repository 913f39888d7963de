"""Second factors on SQL: what may be used once is used up by the statement that accepts it."""

from hmac import compare_digest
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.authenticators.enrolled_methods import methods_of
from idp.adapters.sql.authenticators.recovery_code_rows import codes_in_force, new_codes
from idp.adapters.sql.database import Database
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.authenticators import totp_devices
from idp.adapters.sql.tables.main import Number, accounts, authenticators, persons, recovery_codes
from idp.adapters.sql.unit_of_work import All, Append, Conclude, Lock, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import TIME_STEP, Authenticator, AuthenticatorKind
from idp.domain.events import Event
from idp.domain.ids import AccountId, AuthenticatorId, Seconds
from idp.domain.levels.assurance import Method
from idp.ports.clock import Entropy
from idp.ports.vault import Vault

_row = authenticators.c
_device = totp_devices.c
_code = recovery_codes.c
_remaining = select(func.count()).where(_code.account_id == _row.account_id, _code.used_at.is_(None)).scalar_subquery()
_KIND: Final = AuthenticatorKind.ONE_TIME_CODE.value


def _with_key(table: Table, *columns: ColumnElement[Any]) -> Select[Any]:
    """Rows of one account with the key that opens them."""
    people = accounts.join(persons, persons.c.person_id == accounts.c.person_id)
    return (
        select(*columns, table.c.secret, table.c.created_at, table.c.last_step, table.c.name, persons.c.erasable_key)
        .select_from(table.join(people, accounts.c.account_id == table.c.account_id))
        .where(table.c.account_id == bindparam("account_id"))
    )


_ENROLLED = union_all(
    _with_key(authenticators, _row.authenticator_id, _row.kind, _remaining),
    _with_key(totp_devices, _device.device_id, literal_column(f"'{_KIND}'", Text), literal_column("0", Number)),
)
_ACCEPT_STEP = (
    update(authenticators)
    .where(_row.authenticator_id == bindparam("authenticator_id"), _row.last_step < bindparam("step"))
    .values(last_step=bindparam("step"))
    .returning(_row.account_id)
)
_ACCEPT_STEP_OF_DEVICE = (
    update(totp_devices)
    .where(_device.device_id == bindparam("authenticator_id"), _device.last_step < bindparam("step"))
    .values(last_step=bindparam("step"), last_used_at=bindparam("used_at"))
    .returning(_device.account_id)
)
_USE_CODE = (
    update(recovery_codes)
    .where(
        _code.account_id == bindparam("account_id"),
        _code.code_hash == bindparam("code_hash"),
        _code.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
    .returning(_code.account_id)
)
_KEY = (
    select(persons.c.erasable_key)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .where(accounts.c.account_id == bindparam("account_id"))
)
_ENROL = upsert(authenticators).on_conflict_do_nothing(index_elements=["account_id", "kind"])

_of_first = (
    _row.account_id == bindparam("of_account"),
    _row.authenticator_id == bindparam("authenticator"),
    _row.kind == literal_column(f"'{_KIND}'", Text),
)
_of_device = (_device.account_id == bindparam("of_account"), _device.device_id == bindparam("authenticator"))
_RENAME = (
    update(authenticators).where(*_of_first).values(name=bindparam("called")),
    update(totp_devices).where(*_of_device).values(name=bindparam("called")),
)
_REMOVE_FIRST = delete(authenticators).where(*_of_first)
_REMOVE_DEVICE = delete(totp_devices).where(*_of_device)
_ADD_DEVICE = insert(totp_devices)
_OLDEST_DEVICE = (
    select(_device.device_id, _device.secret, _device.last_step, _device.created_at, _device.name)
    .where(_device.account_id == bindparam("account_id"))
    .order_by(_device.created_at, _device.device_id)
    .limit(1)
)


class SqlAuthenticators:
    """Implements `Authenticators`."""

    def __init__(self, database: Database, vault: Vault, entropy: Entropy) -> None:
        self._database = database
        self._data = PersonalData(vault)
        self._entropy = entropy

    async def enrolled(self, account_id: AccountId) -> tuple[Authenticator, ...]:
        return await self._database.run_read(self._enrolled(account_id))

    async def methods(self, account_id: AccountId, now: Seconds) -> frozenset[Method]:
        return await self._database.run_read(methods_of(account_id, now))

    async def accept_time_step(self, authenticator_id: AuthenticatorId, step: int, event: Event) -> bool:
        values = {"authenticator_id": authenticator_id, "step": step, "used_at": step * TIME_STEP}
        return await self._database.write(_accept(values, event))

    async def use_recovery_code(self, account_id: AccountId, code_hash: bytes, now: Seconds, event: Event) -> bool:
        values = {"account_id": account_id, "code_hash": code_hash, "now": now}
        return await self._database.write(_is_done(Conclude(_USE_CODE, values, (event,))))

    async def enrol_totp(
        self, authenticator: Authenticator, recovery_code_hashes: tuple[bytes, ...], event: Event
    ) -> bool:
        return await self._database.write(self._enrol(authenticator, recovery_code_hashes, event))

    async def add_totp(self, authenticator: Authenticator, most: int, event: Event) -> bool:
        return await self._database.write(self._add(authenticator, most, event))

    async def rename(self, account_id: AccountId, authenticator_id: AuthenticatorId, name: str, event: Event) -> bool:
        return await self._database.write(self._rename(account_id, authenticator_id, name, event))

    async def remove(self, account_id: AccountId, authenticator_id: AuthenticatorId, event: Event) -> bool:
        return await self._database.write(_remove(account_id, authenticator_id, event))

    async def replace_recovery_codes(
        self,
        account_id: AccountId,
        code_hashes: tuple[bytes, ...],
        now: Seconds,
        event: Event,
        *,
        older_than: Seconds | None = None,
    ) -> bool:
        return await self._database.write(self._replace_codes(account_id, code_hashes, now, event, older_than))

    def _enrolled(self, account_id: AccountId) -> UnitOfWork[tuple[Authenticator, ...]]:
        """Read everything, the device that was there first in front, recovery codes at the end."""
        rows: list[Row] = yield All(_ENROLLED, {"account_id": account_id})
        read = (self._read(account_id, row) for row in rows)
        # The secret of an erased person is gone: an empty one would be a key that everybody knows.
        usable = (one for one in read if one.secret or one.kind is not AuthenticatorKind.ONE_TIME_CODE)
        return tuple(
            sorted(
                usable,
                key=lambda one: (one.kind is not AuthenticatorKind.ONE_TIME_CODE, one.created_at, one.authenticator_id),
            )
        )

    def _enrol(self, authenticator: Authenticator, hashes: tuple[bytes, ...], event: Event) -> UnitOfWork[bool]:
        """Enrol unless one-time codes are there already; recovery codes are made anew with them."""
        account_id = authenticator.account_id
        row: Row | None = yield One(_KEY, {"account_id": account_id})
        if row is None or row[0] is None:
            return False
        if not (yield Run(_ENROL, self._stored(authenticator, row[0]))):
            return False
        yield from new_codes(account_id, hashes, authenticator.created_at, self._entropy)
        yield Append(event)
        return True

    def _add(self, authenticator: Authenticator, most: int, event: Event) -> UnitOfWork[bool]:
        """Enrol one more device: in the first place while that is empty, else beside the others."""
        account_id = authenticator.account_id
        yield Lock((_lock(account_id),))
        row: Row | None = yield One(_KEY, {"account_id": account_id})
        known = yield from self._enrolled(account_id)
        devices = [one for one in known if one.kind is AuthenticatorKind.ONE_TIME_CODE]
        if row is None or row[0] is None or len(devices) >= most:
            return False
        if any(compare_digest(one.secret, authenticator.secret) for one in devices):
            return False
        stored = self._stored(authenticator, row[0])
        if not (yield Run(_ENROL, stored)):
            device_id, _kind = stored.pop("authenticator_id"), stored.pop("kind")
            yield Run(_ADD_DEVICE, {**stored, "device_id": device_id, "last_used_at": None})
        yield Append(event)
        return True

    def _rename(self, account_id: AccountId, device: AuthenticatorId, name: str, event: Event) -> UnitOfWork[bool]:
        row: Row | None = yield One(_KEY, {"account_id": account_id})
        if row is None or row[0] is None:
            return False
        sealed = self._data.seal_name(row[0], account_id, name)
        for statement in _RENAME:
            if (yield Run(statement, {"of_account": account_id, "authenticator": device, "called": sealed})):
                yield Append(event)
                return True
        return False

    def _replace_codes(
        self,
        account_id: AccountId,
        hashes: tuple[bytes, ...],
        now: Seconds,
        event: Event,
        older_than: Seconds | None,
    ) -> UnitOfWork[bool]:
        yield Lock((_lock(account_id),))
        if (yield One(_KEY, {"account_id": account_id})) is None:
            return False
        made_at, in_force = yield from codes_in_force(account_id)
        if in_force == frozenset(hashes):
            return True
        if older_than is not None and made_at is not None and made_at >= older_than:
            return False
        yield from new_codes(account_id, hashes, now, self._entropy)
        yield Append(event)
        return True

    def _stored(self, authenticator: Authenticator, key: bytes) -> dict[str, object]:
        account_id, name = authenticator.account_id, authenticator.name
        return {
            "authenticator_id": authenticator.authenticator_id,
            "account_id": account_id,
            "kind": _KIND,
            "secret": self._data.seal_secret(key, account_id, authenticator.secret),
            "last_step": authenticator.last_step,
            "created_at": authenticator.created_at,
            "name": self._data.seal_name(key, account_id, name) if name else None,
        }

    def _read(self, account_id: AccountId, row: Row) -> Authenticator:
        authenticator_id, kind, remaining, sealed, created_at, last_step, name, key = row
        return Authenticator(
            authenticator_id=AuthenticatorId(authenticator_id),
            account_id=account_id,
            kind=AuthenticatorKind(kind),
            secret=self._data.open_secret(key, account_id, sealed),
            created_at=Seconds(created_at),
            last_step=last_step,
            remaining=remaining if kind == AuthenticatorKind.RECOVERY_CODES else 0,
            name=self._data.open_name(key, account_id, name),
        )


def _lock(account_id: AccountId) -> str:
    """What whoever adds, removes or replaces holds alone."""
    return f"authenticators {account_id}"


def _accept(values: dict[str, object], event: Event) -> UnitOfWork[bool]:
    """Accept the step where the device is: nearly always in the first place."""
    row: Row | None = yield Conclude(_ACCEPT_STEP, values, (event,))
    if row is None:
        row = yield Conclude(_ACCEPT_STEP_OF_DEVICE, values, (event,))
    return row is not None


def _remove(account_id: AccountId, device: AuthenticatorId, event: Event) -> UnitOfWork[bool]:
    """Forget a device. The oldest of the others moves into a first place that is empty: earlier releases look there."""
    of_device = {"of_account": account_id, "authenticator": device}
    yield Lock((_lock(account_id),))
    if (yield Run(_REMOVE_FIRST, of_device)):
        row: Row | None = yield One(_OLDEST_DEVICE, {"account_id": account_id})
        if row is not None:
            device_id, secret, last_step, created_at, name = row
            moved = {"secret": secret, "last_step": last_step, "created_at": created_at, "name": name}
            yield Run(_ENROL, {**moved, "authenticator_id": device_id, "account_id": account_id, "kind": _KIND})
            yield Run(_REMOVE_DEVICE, {"of_account": account_id, "authenticator": device_id})
    elif not (yield Run(_REMOVE_DEVICE, of_device)):
        return False
    yield Append(event)
    return True


def _is_done(request: Conclude) -> UnitOfWork[bool]:
    """Return whether the statement found what it may use up; only then its event is written."""
    row: Row | None = yield request
    return row is not None
