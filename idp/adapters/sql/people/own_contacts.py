"""Contacts on SQL: record, identifier, alert and event change together; what stood there before lies sealed."""

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.database import Database
from idp.adapters.sql.loading.tally import BESIDE_IMPORTS, holder_of, take_identifier
from idp.adapters.sql.people.account_ending import end_everything
from idp.adapters.sql.people.personal_data import Erasable, PersonalData
from idp.adapters.sql.people.sealed_people import Identifier, contact_identifiers
from idp.adapters.sql.people.updates import UPDATED, moved
from idp.adapters.sql.tables.main import accounts, identifiers, persons
from idp.adapters.sql.tables.notices import contact_changes
from idp.adapters.sql.trail.security_alerts import keep_alert
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.accounts.contact_change import KEPT, ContactChange
from idp.domain.accounts.security_alert import SecurityAlert
from idp.domain.events import Event
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.records import UPDATED_AT
from idp.ports.clock import Entropy
from idp.ports.own_contacts import ContactTakenError
from idp.ports.vault import Vault

_row = contact_changes.c
_PERSON = (
    select(persons.c.person_id, persons.c.erasable_key, persons.c.erasable)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .where(accounts.c.account_id == bindparam("of_account"))
)
_REWRITE = (
    update(persons)
    .where(persons.c.person_id == bindparam("of_person"))
    .values(erasable=bindparam("sealed"), updated_at=UPDATED)
)
_RELEASE = delete(identifiers).where(
    identifiers.c.blind_index == bindparam("index"), identifiers.c.account_id == bindparam("of_account")
)
_ADD = insert(contact_changes)
_COLUMNS = (
    *(_row.change_id, _row.account_id, _row.kind, _row.former, _row.changed_at, _row.held_until, _row.undone_at),
    persons.c.erasable_key,
)
_WITH_KEY = contact_changes.join(accounts, accounts.c.account_id == _row.account_id).join(
    persons, persons.c.person_id == accounts.c.person_id
)
_GET = select(*_COLUMNS).select_from(_WITH_KEY).where(_row.change_id == bindparam("wanted_change"))
_OF_ACCOUNT = (
    select(*_COLUMNS)
    .select_from(_WITH_KEY)
    .where(_row.account_id == bindparam("of_account"))
    .order_by(_row.change_id.desc())
)
_UNDO = (
    update(contact_changes)
    .where(_row.change_id == bindparam("undone_change"), _row.undone_at.is_(None), _row.held_until > bindparam("now"))
    .values(undone_at=bindparam("now"))
)
_UNDO_LATER = (
    update(contact_changes)
    .where(
        _row.account_id == bindparam("of_account"),
        _row.kind == bindparam("of_kind"),
        _row.change_id > bindparam("after_change"),
        _row.undone_at.is_(None),
    )
    .values(undone_at=bindparam("now"))
)

_contact = msgspec.json.Decoder(Contact)


class SqlOwnContacts:
    """Implements `OwnContacts`."""

    def __init__(self, database: Database, vault: Vault, entropy: Entropy) -> None:
        self._database = database
        self._vault = vault
        self._entropy = entropy
        self._data = PersonalData(vault)

    async def change(self, change: ContactChange, contact: Contact, alert: SecurityAlert, event: Event) -> bool:
        return await self._database.write(self._change(change, contact, alert, event))

    async def get(self, change_id: str) -> ContactChange | None:
        found = await self._database.run_read(self._all(All(_GET, {"wanted_change": change_id})))
        return next(iter(found), None)

    async def of_account(self, account_id: AccountId) -> tuple[ContactChange, ...]:
        return await self._database.run_read(self._all(All(_OF_ACCOUNT, {"of_account": account_id})))

    async def undo(self, change: ContactChange, now: Seconds, alert: SecurityAlert, event: Event) -> bool:
        return await self._database.write(self._undo(change, now, alert, event))

    async def settled(self, account_id: AccountId, now: Seconds) -> tuple[Contact, ...]:
        return await self._database.run_read(self._settled(account_id, now))

    def _change(self, change: ContactChange, contact: Contact, alert: SecurityAlert, event: Event) -> UnitOfWork[bool]:
        yield BESIDE_IMPORTS
        yield Lock((account_lock(change.account_id),))
        person = yield from self._person(change.account_id)
        if person is None or _of_kind(person[2], change.kind) != change.former:
            return False
        key = person[1]
        yield from self._put(change.account_id, person, contact, change.changed_at)
        former = None
        if change.former is not None:
            former = self._vault.seal(key, _context(change.change_id), msgspec.json.encode(change.former))
        values = {
            "change_id": change.change_id,
            "account_id": change.account_id,
            "kind": change.kind.value,
            "former": former,
            "changed_at": change.changed_at,
            "held_until": change.held_until,
            "undone_at": None,
            "expires_at": change.changed_at + KEPT,
        }
        yield Run(_ADD, values)
        yield from keep_alert(alert, change.former, self._vault, key)
        yield Append(event)
        return True

    def _undo(self, change: ContactChange, now: Seconds, alert: SecurityAlert, event: Event) -> UnitOfWork[bool]:
        account_id = change.account_id
        yield BESIDE_IMPORTS
        yield Lock((account_lock(account_id),))
        person = yield from self._person(account_id)
        if person is None or change.former is None:
            return False
        if not (yield Run(_UNDO, {"undone_change": change.change_id, "now": now})):
            return False
        later = {"of_account": account_id, "of_kind": change.kind.value, "after_change": change.change_id}
        yield Run(_UNDO_LATER, {**later, "now": now})
        replaced = _of_kind(person[2], change.kind)
        yield from self._put(account_id, person, change.former, now)
        yield from keep_alert(alert, replaced, self._vault, person[1])
        # Whoever changed it was signed in.
        yield from end_everything(account_id, now, RevocationReason.SIGN_OUT, event, self._entropy)
        return True

    def _put(
        self, account_id: AccountId, person: tuple[PersonId, bytes, Erasable], contact: Contact, now: Seconds
    ) -> UnitOfWork[None]:
        """Put a contact in the place of the one of its kind, as what the account signs in with too."""
        person_id, key, before = person
        after = _with(before, contact)
        old, new = self._identifier(before, contact.kind), self._identifier(after, contact.kind)
        if old is not None:
            yield Run(_RELEASE, {"index": old.blind_index, "of_account": account_id})
        if new is not None:
            is_taken = yield from take_identifier(new.blind_index, account_id, new.kind, now)
            if not is_taken and (yield from holder_of(new.blind_index)) != account_id:
                raise ContactTakenError
        sealed = self._data.seal_erasable(key, person_id, after)
        yield Run(_REWRITE, {"of_person": person_id, "sealed": sealed, **moved(before.claims.get(UPDATED_AT), now)})

    def _identifier(self, erasable: Erasable, kind: ContactKind) -> Identifier | None:
        found = contact_identifiers(self._data, _only(erasable, kind))
        return next(iter(found), None)

    def _settled(self, account_id: AccountId, now: Seconds) -> UnitOfWork[tuple[Contact, ...]]:
        person = yield from self._person(account_id)
        changes = yield from self._all(All(_OF_ACCOUNT, {"of_account": account_id}))
        if person is None:
            return ()
        settled = {kind: _of_kind(person[2], kind) for kind in ContactKind}
        # Latest first, so that what stood there before the first of several is what is left.
        settled |= {change.kind: change.former for change in changes if change.may_be_undone(now)}
        return tuple(contact for contact in settled.values() if contact is not None)

    def _person(self, account_id: AccountId) -> UnitOfWork[tuple[PersonId, bytes, Erasable] | None]:
        row: Row | None = yield One(_PERSON, {"of_account": account_id})
        if row is None or row[1] is None:
            return None
        person_id, key, sealed = row
        return PersonId(person_id), key, self._data.open_erasable(key, person_id, sealed)

    def _all(self, request: All) -> UnitOfWork[tuple[ContactChange, ...]]:
        rows: list[Row] = yield request
        return tuple(self._read(row) for row in rows)

    def _read(self, row: Row) -> ContactChange:
        change_id, account_id, kind, sealed, changed_at, held_until, undone_at, key = row
        former = None
        if sealed is not None and key is not None:
            former = _contact.decode(self._vault.open(key, _context(change_id), sealed))
        return ContactChange(
            change_id=change_id,
            account_id=AccountId(account_id),
            kind=ContactKind(kind),
            changed_at=Seconds(changed_at),
            held_until=Seconds(held_until),
            former=former,
            undone_at=None if undone_at is None else Seconds(undone_at),
        )


def _of_kind(erasable: Erasable, kind: ContactKind) -> Contact | None:
    return next((contact for contact in erasable.contacts() if contact.kind is kind), None)


def _only(erasable: Erasable, kind: ContactKind) -> Erasable:
    if kind is ContactKind.EMAIL:
        return Erasable(email=erasable.email)
    return Erasable(phone_number=erasable.phone_number)


def _with(erasable: Erasable, contact: Contact) -> Erasable:
    field = "email" if contact.kind is ContactKind.EMAIL else "phone_number"
    return msgspec.structs.replace(erasable, **{field: contact.address})


def _context(change_id: str) -> str:
    return f"contact_changes.former:{change_id}"
