"""The account directory on SQL. People are found by blind index and read by decrypting their own rows only."""

import msgspec
from sqlalchemy import and_, bindparam, or_, select, update

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.database import Database
from idp.adapters.sql.people.account_ending import end_everything, end_for_a_new_password
from idp.adapters.sql.people.lock_rows import end_lock, open_lock, unlock_if_free
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.people.updates import told_at
from idp.adapters.sql.single_requests import first_row, run
from idp.adapters.sql.tables.main import accounts, agencies, identifiers, officer_posts, officers, persons
from idp.adapters.sql.unit_of_work import Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import OF_THE_OFFICE, Account, AccountKind, AccountStatus, Contact, Officer, Profile
from idp.domain.accounts.account_lock import BY_AN_OPERATOR, ENDED_BY_HAND, LockGround, NewLock
from idp.domain.events import Event, LockEnded
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.people.ageing import standing
from idp.domain.people.verification import verification_of
from idp.domain.records import UPDATED_AT
from idp.domain.values import dataclass
from idp.ports.clock import Clock, Entropy
from idp.ports.vault import Vault

_row = accounts.c
_ID = _row.account_id == bindparam("account_id")
_ACCOUNT = (
    _row.account_id,
    _row.person_id,
    _row.kind,
    _row.status,
    _row.sessions_valid_from,
    _row.password_hash,
    _row.always_ask,
    _row.locale,
    _row.idle_from,
    _row.idle_notices,
)
_FIND = (
    select(*_ACCOUNT)
    .join(identifiers, identifiers.c.account_id == _row.account_id)
    .where(identifiers.c.blind_index == bindparam("blind_index"), identifiers.c.verified_at.is_not(None))
)
_GET = select(*_ACCOUNT).where(_ID)
held_at_the_moment = and_(
    officer_posts.c.held_from <= bindparam("now"),
    or_(officer_posts.c.held_to.is_(None), officer_posts.c.held_to > bindparam("now")),
)
"""Which post an officer holds: one at most, since no two of a person overlap."""

_PROFILE = (
    select(
        persons.c.person_id,
        persons.c.record_key,
        persons.c.record,
        persons.c.erasable_key,
        persons.c.erasable,
        persons.c.updated_at,
        officers.c.officer_id,
        officer_posts.c.agency_code,
        agencies.c.name,
        officer_posts.c.position,
        officer_posts.c.roles,
    )
    .select_from(
        accounts.join(persons, persons.c.person_id == _row.person_id)
        .outerjoin(officers, officers.c.account_id == _row.account_id)
        .outerjoin(
            officer_posts,
            and_(officer_posts.c.account_id == _row.account_id, held_at_the_moment),
        )
        .outerjoin(agencies, agencies.c.code == officer_posts.c.agency_code)
    )
    .where(_ID)
)
_CONTACTS = (
    select(persons.c.person_id, persons.c.erasable_key, persons.c.erasable)
    .join(accounts, _row.person_id == persons.c.person_id)
    .where(_ID)
)
_REPLACE_PASSWORD_HASH = (
    update(accounts)
    .where(_ID, _row.password_hash == bindparam("expected"))
    .values(password_hash=bindparam("replacement"))
)
_SET_PASSWORD_HASH = update(accounts).where(_ID).values(password_hash=bindparam("replacement"))
_SET_ONE_S_OWN = _SET_PASSWORD_HASH.where(_row.sessions_valid_from == bindparam("valid_from")).returning(
    _row.account_id
)
_PREFER = update(accounts).where(_ID).values(always_ask=bindparam("always"))
RECORD_USE = update(accounts).where(_ID).values(idle_from=bindparam("now"), idle_notices=0)

_roles = msgspec.json.Decoder(tuple[str, ...])


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A profile as stored."""

    person_id: PersonId
    record_key: bytes
    record: bytes
    erasable_key: bytes | None
    erasable: bytes | None
    updated_at: int | None
    officer_id: str | None
    agency_code: str | None
    agency_name: str | None
    position: bytes | None
    roles: str | None


class SqlAccounts:
    """Implements `Accounts`.

    Ending sessions moves `sessions_valid_from` one second past the moment: moments are whole seconds, and a session
    begun earlier in the same second must not survive.
    """

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._data = PersonalData(vault)
        self._clock = clock
        self._entropy = entropy

    async def find(self, identifier: str) -> Account | None:
        index = self._data.identifier_index(identifier)
        return await self._database.run_read(_find(One(_FIND, {"blind_index": index})))

    async def get(self, account_id: AccountId) -> Account | None:
        return await self._database.run_read(_find(One(_GET, {"account_id": account_id})))

    async def profile(self, account_id: AccountId) -> Profile | None:
        now = self._clock.now()
        row = await self._database.run_read(first_row(One(_PROFILE, {"account_id": account_id, "now": now})))
        return None if row is None else self._open_profile(account_id, _Sealed(*row), now)

    async def contacts(self, account_id: AccountId) -> tuple[Contact, ...]:
        row = await self._database.run_read(first_row(One(_CONTACTS, {"account_id": account_id})))
        if row is None:
            return ()
        person_id, key, sealed = row
        return self._data.open_erasable(key, person_id, sealed).contacts()

    async def store_password_hash(self, account_id: AccountId, expected: str, replacement: str) -> None:
        values = {"account_id": account_id, "expected": expected, "replacement": replacement}
        await self._database.write(run(Run(_REPLACE_PASSWORD_HASH, values, alone=True)))

    async def change_password(
        self, account_id: AccountId, replacement: str, now: Seconds, event: Event, *, valid_from: Seconds
    ) -> Account | None:
        work = _change_own_password(account_id, replacement, valid_from, now, event, self._entropy)
        return await self._database.write(work)

    async def prefer_second_factor(self, account_id: AccountId, *, always: bool, event: Event) -> None:
        await self._database.write(run(Run(_PREFER, {"account_id": account_id, "always": int(always)})), [event])

    async def set_locked(
        self,
        account_id: AccountId,
        *,
        locked: bool,
        now: Seconds,
        reason: RevocationReason,
        event: Event,
        ground: LockGround | None = None,
    ) -> tuple[ClientId, ...]:
        if locked:
            lock = NewLock(ground=ground or LockGround.OPERATOR, reference=BY_AN_OPERATOR)
            told = await self._database.write(open_lock(account_id, lock, now, event, self._entropy, reason))
            return told or ()
        await self._database.write(_unlock(account_id, ground, now, event))
        return ()

    async def record_use(self, account_id: AccountId, now: Seconds, event: Event) -> None:
        await self._database.write(run(Run(RECORD_USE, {"account_id": account_id, "now": now})), [event])

    async def end_all_sessions(self, account_id: AccountId, now: Seconds, event: Event) -> tuple[ClientId, ...]:
        reason = RevocationReason.SIGN_OUT
        return await self._database.write(end_everything(account_id, now, reason, event, self._entropy))

    def _open_profile(self, account_id: AccountId, sealed: _Sealed, now: Seconds) -> Profile:
        record = self._data.open_record(sealed.record_key, sealed.person_id, sealed.record)
        erasable = self._data.open_erasable(sealed.erasable_key, sealed.person_id, sealed.erasable)
        stands = standing(record.proof(), now)
        claims = {**erasable.all_claims(), **record.claims}
        if (updated_at := told_at(sealed.updated_at, erasable, record, now)) is not None:
            claims[UPDATED_AT] = updated_at
        verification = verification_of(stands.identity_level, record.verification)
        if sealed.officer_id is not None:
            claims, verification = {name: value for name, value in claims.items() if name in OF_THE_OFFICE}, None
        return Profile(
            personal_number=record.personal_number,
            identity_level=stands.identity_level,
            claims=claims,
            officer_id=sealed.officer_id,
            officer=self._open_officer(account_id, sealed),
            verification=verification,
            aged=stands.ended,
        )

    def _open_officer(self, account_id: AccountId, sealed: _Sealed) -> Officer | None:
        if sealed.agency_code is None or sealed.position is None or sealed.roles is None:
            return None
        position = self._data.open_officer(sealed.record_key, account_id, "position", sealed.position)
        return Officer(sealed.agency_code, sealed.agency_name or "", position, _roles.decode(sealed.roles))


def change_password(
    account_id: AccountId, replacement: str, now: Seconds, event: Event, entropy: Entropy
) -> UnitOfWork[tuple[ClientId, ...]]:
    """Replace the password, and end what the old one opened."""
    yield Lock((account_lock(account_id),))
    yield Run(_SET_PASSWORD_HASH, {"account_id": account_id, "replacement": replacement})
    return (yield from end_for_a_new_password(account_id, now, event, entropy))


def _change_own_password(
    account_id: AccountId, replacement: str, valid_from: Seconds, now: Seconds, event: Event, entropy: Entropy
) -> UnitOfWork[Account | None]:
    yield Lock((account_lock(account_id),))
    values = {"account_id": account_id, "replacement": replacement, "valid_from": valid_from}
    if (yield One(_SET_ONE_S_OWN, values)) is None:
        return None
    yield from end_for_a_new_password(account_id, now, event, entropy)
    return (yield from _find(One(_GET, {"account_id": account_id})))


def _unlock(account_id: AccountId, only: LockGround | None, now: Seconds, event: Event) -> UnitOfWork[None]:
    """End the locks on one ground, or those that are ended by hand.

    An account that its status alone locks, by an older release, is unlocked too.
    """
    yield Lock((account_lock(account_id),))
    for ground in LockGround if only is None else (only,):
        ended = LockEnded(origin=event.origin, account_id=account_id, ground=ground.value)
        reference = None if ground is only or ground in ENDED_BY_HAND else BY_AN_OPERATOR
        yield from end_lock(account_id, ground, reference, now, ended)
    unlocked = yield from unlock_if_free(account_id, now)
    if unlocked:
        yield Append(event)


def _find(request: One) -> UnitOfWork[Account | None]:
    row: Row | None = yield request
    if row is None:
        return None
    account_id, person_id, kind, status, sessions_valid_from, password_hash, always_ask, locale, *idle = row
    idle_from, idle_notices = idle
    return Account(
        account_id=AccountId(account_id),
        person_id=PersonId(person_id),
        kind=AccountKind(kind),
        status=AccountStatus(status),
        sessions_valid_from=Seconds(sessions_valid_from),
        password_hash=password_hash,
        always_ask_second_factor=bool(always_ask),
        locale=locale,
        idle_from=None if idle_from is None else Seconds(idle_from),
        idle_notices=idle_notices,
    )
