"""Passkeys on SQL: a counter goes up, or nothing happens, in the statement that records the use."""

from hashlib import sha256
from typing import Final

from sqlalchemy import and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.database import Database
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.single_requests import every_row, first_row
from idp.adapters.sql.tables.authenticators import passkeys
from idp.adapters.sql.tables.main import accounts, persons
from idp.adapters.sql.unit_of_work import All, Append, Conclude, Lock, One, Row, Run, UnitOfWork
from idp.domain.authenticators.passkey import MOST_PASSKEYS, Passkey
from idp.domain.events import Event
from idp.domain.ids import AccountId, PasskeyId, Seconds
from idp.ports.vault import Vault

_row = passkeys.c
_COLUMNS: Final = (
    _row.passkey_id,
    _row.account_id,
    _row.credential_id,
    _row.public_key,
    _row.sign_count,
    _row.aaguid,
    _row.transports,
    _row.backup_eligible,
    _row.backed_up,
    _row.attested_as,
    _row.created_at,
    _row.last_used_at,
)
_FIND: Final = select(*_COLUMNS).where(_row.credential_hash == bindparam("credential_hash"))
_OF_ACCOUNT: Final = (
    select(*_COLUMNS, _row.name, persons.c.erasable_key)
    .select_from(
        passkeys.join(accounts, accounts.c.account_id == _row.account_id).join(
            persons, persons.c.person_id == accounts.c.person_id
        )
    )
    .where(_row.account_id == bindparam("account_id"))
    .order_by(_row.created_at, _row.passkey_id)
)
_KEY: Final = (
    select(persons.c.erasable_key)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .where(accounts.c.account_id == bindparam("account_id"))
)
_HELD: Final = select(func.count()).where(_row.account_id == bindparam("account_id"))
_ADD: Final = upsert(passkeys).on_conflict_do_nothing(index_elements=["credential_hash"])
_USE: Final = (
    update(passkeys)
    .where(
        _row.passkey_id == bindparam("of_passkey"),
        # WebAuthn section 7.2 step 22: greater than before, or none at all from the beginning.
        or_(_row.sign_count < bindparam("count"), and_(_row.sign_count == 0, bindparam("count") == 0)),
    )
    .values(sign_count=bindparam("count"), backed_up=bindparam("is_backed_up"), last_used_at=bindparam("now"))
    .returning(_row.account_id)
)
_of_owner = (_row.passkey_id == bindparam("of_passkey"), _row.account_id == bindparam("of_account"))
_RENAME: Final = update(passkeys).where(*_of_owner).values(name=bindparam("called"))
_REMOVE: Final = delete(passkeys).where(*_of_owner).returning(_row.account_id)


class SqlPasskeys:
    """Implements `Passkeys`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._data = PersonalData(vault)

    async def of_account(self, account_id: AccountId) -> tuple[Passkey, ...]:
        rows = await self._database.run_read(every_row(All(_OF_ACCOUNT, {"account_id": account_id})))
        return tuple(_read(row, self._data.open_name(row[13], account_id, row[12])) for row in rows)

    async def find(self, credential_id: bytes) -> Passkey | None:
        row = await self._database.run_read(first_row(One(_FIND, {"credential_hash": _hash(credential_id)})))
        return _read(row) if row else None

    async def add(self, passkey: Passkey, event: Event) -> bool:
        return await self._database.write(self._add(passkey, event))

    async def accept_use(
        self, passkey_id: PasskeyId, *, sign_count: int, backed_up: bool, now: Seconds, event: Event
    ) -> bool:
        values = {"of_passkey": passkey_id, "count": sign_count, "is_backed_up": int(backed_up), "now": now}
        return await self._database.write(_is_done(Conclude(_USE, values, (event,))))

    async def rename(self, account_id: AccountId, passkey_id: PasskeyId, name: str, event: Event) -> bool:
        return await self._database.write(self._rename(account_id, passkey_id, name, event))

    async def remove(self, account_id: AccountId, passkey_id: PasskeyId, event: Event) -> bool:
        values = {"of_passkey": passkey_id, "of_account": account_id}
        return await self._database.write(_is_done(Conclude(_REMOVE, values, (event,))))

    def _add(self, passkey: Passkey, event: Event) -> UnitOfWork[bool]:
        account_id = passkey.account_id
        # Whoever adds is alone with the account's passkeys, so that they can be counted.
        yield Lock((f"passkeys {account_id}",))
        key: Row | None = yield One(_KEY, {"account_id": account_id})
        held: Row = yield One(_HELD, {"account_id": account_id})
        if key is None or key[0] is None or held[0] >= MOST_PASSKEYS:
            return False
        values = {
            "passkey_id": passkey.passkey_id,
            "account_id": account_id,
            "credential_hash": _hash(passkey.credential_id),
            "credential_id": passkey.credential_id,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "aaguid": passkey.aaguid,
            "transports": " ".join(passkey.transports),
            "backup_eligible": int(passkey.backup_eligible),
            "backed_up": int(passkey.backed_up),
            "attested_as": passkey.attested_as,
            "name": self._data.seal_name(key[0], account_id, passkey.name),
            "created_at": passkey.created_at,
            "last_used_at": passkey.last_used_at,
        }
        if not (yield Run(_ADD, values)):
            return False
        yield Append(event)
        return True

    def _rename(self, account_id: AccountId, passkey_id: PasskeyId, name: str, event: Event) -> UnitOfWork[bool]:
        key: Row | None = yield One(_KEY, {"account_id": account_id})
        if key is None or key[0] is None:
            return False
        called = self._data.seal_name(key[0], account_id, name)
        if not (yield Run(_RENAME, {"of_passkey": passkey_id, "of_account": account_id, "called": called})):
            return False
        yield Append(event)
        return True


def _read(row: Row, name: str = "") -> Passkey:
    (
        passkey_id,
        account_id,
        credential_id,
        public_key,
        sign_count,
        aaguid,
        transports,
        eligible,
        backed_up,
        attested_as,
        created_at,
        last_used_at,
        *_,
    ) = row
    return Passkey(
        passkey_id=PasskeyId(passkey_id),
        account_id=AccountId(account_id),
        credential_id=bytes(credential_id),
        public_key=bytes(public_key),
        sign_count=sign_count,
        aaguid=aaguid,
        transports=tuple(transports.split()),
        backup_eligible=bool(eligible),
        backed_up=bool(backed_up),
        attested_as=attested_as,
        created_at=Seconds(created_at),
        name=name,
        last_used_at=None if last_used_at is None else Seconds(last_used_at),
    )


def _hash(credential_id: bytes) -> bytes:
    return sha256(credential_id).digest()


def _is_done(request: Conclude) -> UnitOfWork[bool]:
    """Return whether the statement found what it changes; only then its event is written."""
    row: Row | None = yield request
    return row is not None
