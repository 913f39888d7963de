"""Certificates of officers' cards on SQL: found by the hash of the whole certificate, said in sealed columns."""

from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.database import Database
from idp.adapters.sql.single_requests import every_row, first_row
from idp.adapters.sql.tables.authenticators import account_certificates
from idp.adapters.sql.tables.main import accounts, persons
from idp.adapters.sql.unit_of_work import All, Append, Conclude, One, Row, Run, UnitOfWork
from idp.domain.authenticators.account_certificate import AccountCertificate, CheckedCertificate
from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds
from idp.ports.vault import Vault

_row = account_certificates.c
_KEY: Final = (
    select(persons.c.erasable_key)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .where(accounts.c.account_id == bindparam("account_id"))
    # Whoever adds to one account at the same time waits, so that the number of certificates is right.
    .with_for_update(of=accounts)
)
_HELD: Final = select(func.count()).where(_row.account_id == bindparam("account_id"))
_HOLDER: Final = select(_row.account_id).where(_row.thumbprint == bindparam("thumbprint"))
_OF_ACCOUNT: Final = (
    select(
        _row.certificate_id,
        _row.thumbprint,
        _row.facts,
        _row.not_after,
        _row.created_at,
        _row.last_used_at,
        persons.c.erasable_key,
    )
    .select_from(
        account_certificates.join(accounts, accounts.c.account_id == _row.account_id).join(
            persons, persons.c.person_id == accounts.c.person_id
        )
    )
    .where(_row.account_id == bindparam("account_id"))
    .order_by(_row.created_at, _row.certificate_id)
)
_ADD: Final = upsert(account_certificates).on_conflict_do_nothing()
_USE: Final = (
    update(account_certificates)
    .where(_row.thumbprint == bindparam("of_thumbprint"), _row.account_id == bindparam("of_account"))
    .values(last_used_at=bindparam("now"))
    .returning(_row.account_id)
)
_REMOVE: Final = (
    delete(account_certificates)
    .where(_row.certificate_id == bindparam("certificate_id"), _row.account_id == bindparam("account_id"))
    .returning(_row.account_id)
)


class _Facts(msgspec.Struct, frozen=True):
    """What of a certificate is personal."""

    subject: str
    issuer: str
    name: str


_facts: Final = msgspec.json.Decoder(_Facts)


class SqlAccountCertificates:
    """Implements `AccountCertificates`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def holder(self, thumbprint: bytes) -> AccountId | None:
        row = await self._database.run_read(first_row(One(_HOLDER, {"thumbprint": thumbprint})))
        return AccountId(row[0]) if row else None

    async def of_account(self, account_id: AccountId) -> tuple[AccountCertificate, ...]:
        rows = await self._database.run_read(every_row(All(_OF_ACCOUNT, {"account_id": account_id})))
        # Whose key was destroyed has none: nothing could be said of it.
        return tuple(self._read(account_id, row) for row in rows if row[6] is not None)

    async def add(self, certificate: AccountCertificate, most: int, event: Event) -> bool:
        return await self._database.write(self._add(certificate, most, event))

    async def accept(self, account_id: AccountId, thumbprint: bytes, now: Seconds, event: Event) -> bool:
        values = {"of_account": account_id, "of_thumbprint": thumbprint, "now": now}
        return await self._database.write(_is_done(Conclude(_USE, values, (event,))))

    async def remove(self, account_id: AccountId, certificate_id: str, event: Event) -> bool:
        values = {"account_id": account_id, "certificate_id": certificate_id}
        return await self._database.write(_is_done(Conclude(_REMOVE, values, (event,))))

    def _add(self, added: AccountCertificate, most: int, event: Event) -> UnitOfWork[bool]:
        account_id, checked = added.account_id, added.certificate
        row: Row | None = yield One(_KEY, {"account_id": account_id})
        held: Row | None = yield One(_HELD, {"account_id": account_id})
        if row is None or row[0] is None or held is None or held[0] >= most:
            return False
        facts = _Facts(checked.subject, checked.issuer, added.name)
        values: dict[str, object] = {
            "thumbprint": checked.thumbprint,
            "certificate_id": added.certificate_id,
            "account_id": account_id,
            "facts": self._vault.seal(row[0], _place(added.certificate_id), msgspec.json.encode(facts)),
            "not_after": checked.not_after,
            "created_at": added.created_at,
            "last_used_at": None,
        }
        if not (yield Run(_ADD, values)):
            return False
        yield Append(event)
        return True

    def _read(self, account_id: AccountId, row: Row) -> AccountCertificate:
        certificate_id, thumbprint, sealed, not_after, created_at, last_used_at, key = row
        facts = _facts.decode(self._vault.open(key, _place(certificate_id), sealed))
        return AccountCertificate(
            certificate_id=certificate_id,
            account_id=account_id,
            certificate=CheckedCertificate(bytes(thumbprint), facts.subject, facts.issuer, Seconds(not_after)),
            name=facts.name,
            created_at=Seconds(created_at),
            last_used_at=None if last_used_at is None else Seconds(last_used_at),
        )


def _place(certificate_id: str) -> str:
    return f"account_certificates.facts:{certificate_id}"


def _is_done(request: Conclude) -> UnitOfWork[bool]:
    """Return whether the statement found what it changes; only then its event is written."""
    row: Row | None = yield request
    return row is not None
