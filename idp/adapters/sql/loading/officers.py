"""Loading officers: an account of their own beside the person's, and a post that keeps its history."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, bindparam, insert, select, update

from idp.adapters.sql.loading.credentials import Credentials
from idp.adapters.sql.loading.tally import Tally, exchange_identifier
from idp.adapters.sql.officers.officer_post_rows import give_post, insert_post
from idp.adapters.sql.officers.officer_rows import read_latest_post
from idp.adapters.sql.people.lock_rows import person_is_held
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.people.sealed_people import new_account
from idp.adapters.sql.tables.main import (
    accounts,
    agencies,
    authenticators,
    identifiers,
    officer_posts,
    officers,
    persons,
)
from idp.adapters.sql.unit_of_work import One, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountKind, AuthenticatorKind
from idp.domain.accounts.sign_in_identifier import IdentifierKind
from idp.domain.country_time import beginning_of, day_of
from idp.domain.events import OfficerChanged, Origin
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.offices.officer import NewPost, Post
from idp.domain.records import OfficerRecord
from idp.domain.values import dataclass
from idp.ports.clock import Entropy
from idp.ports.records import RecordConflictError

_PERSON = (
    select(persons.c.person_id, persons.c.record_key, persons.c.erasable_key)
    .select_from(
        identifiers.join(accounts, accounts.c.account_id == identifiers.c.account_id).join(
            persons, persons.c.person_id == accounts.c.person_id
        )
    )
    .where(
        identifiers.c.blind_index == bindparam("blind_index"),
        identifiers.c.kind == IdentifierKind.PERSONAL_NUMBER.value,
    )
)
_KNOWN = (
    select(
        accounts.c.account_id,
        accounts.c.password_hash,
        officers.c.username,
        authenticators.c.secret,
    )
    .select_from(
        accounts.join(officers, officers.c.account_id == accounts.c.account_id).outerjoin(
            authenticators,
            and_(
                authenticators.c.account_id == accounts.c.account_id,
                authenticators.c.kind == AuthenticatorKind.ONE_TIME_CODE.value,
            ),
        )
    )
    .where(accounts.c.person_id == bindparam("person_id"), accounts.c.kind == AccountKind.OFFICER.value)
)
_AGENCY = select(agencies.c.code).where(agencies.c.code == bindparam("code"))
_INSERT_ACCOUNT = insert(accounts)
_INSERT_OFFICER = insert(officers)
_SET_USERNAME = (
    update(officers).where(officers.c.account_id == bindparam("account_id")).values(username=bindparam("username"))
)
_SET_END = update(officer_posts).where(officer_posts.c.post_id == bindparam("id")).values(held_to=bindparam("held_to"))


@dataclass(frozen=True, slots=True)
class _Human:
    """The person behind an officer's account."""

    person_id: PersonId
    record_key: bytes
    erasable_key: bytes


@dataclass(frozen=True, slots=True)
class _Known:
    """An officer as stored, decrypted."""

    account_id: AccountId
    password_hash: str | None = None
    username: str | None = None
    post: Post | None = None
    totp_secret: bytes | None = None


class OfficerLoader:
    """Loads officers' records within a transaction, at the moment `now`."""

    def __init__(self, data: PersonalData, entropy: Entropy, now: Seconds, origin: Origin) -> None:
        self._data = data
        self._entropy = entropy
        self._now = now
        self._origin = origin
        self._credentials = Credentials(data, entropy, now, origin)

    def load(self, records: Sequence[OfficerRecord], tally: Tally) -> UnitOfWork[None]:
        """Load every record. Raises `RecordConflictError` naming the first that contradicts what is stored."""
        for position, officer in enumerate(records):
            path = f"officers[{position}]"
            human = yield from self._human(officer, path)
            if (yield One(_AGENCY, {"code": officer.agency})) is None:
                raise RecordConflictError(f"{path}.agency", "is not a known agency: load it first")
            known = yield from self._known(human)
            created = known is None
            if known is None:
                if (yield from person_is_held(human.person_id)):
                    raise RecordConflictError(f"{path}.personal_number", "is that of a person whom a lock holds")
                known = yield from self._create(human, officer)
            changed = yield from self._change(human, known, officer, path)
            if created:
                tally.created += 1
            else:
                tally.count(changed=changed)
        yield from self._credentials.write()

    def _human(self, officer: OfficerRecord, path: str) -> UnitOfWork[_Human]:
        row: Row | None = yield One(_PERSON, {"blind_index": self._data.identifier_index(officer.personal_number)})
        if row is None:
            raise RecordConflictError(f"{path}.personal_number", "is not a known person's: load the person first")
        if row[2] is None:
            raise RecordConflictError(f"{path}.personal_number", "is that of a person whose data was erased")
        return _Human(*row)

    def _known(self, human: _Human) -> UnitOfWork[_Known | None]:
        row: Row | None = yield One(_KNOWN, {"person_id": human.person_id})
        if row is None:
            return None
        account_id, password_hash, username, totp_secret = row
        post = yield from read_latest_post(self._data, human.record_key, AccountId(account_id))
        opened = self._data.open_officer(human.record_key, account_id, "username", username)
        return _Known(account_id, password_hash, opened, post, totp_secret)

    def _create(self, human: _Human, officer: OfficerRecord) -> UnitOfWork[_Known]:
        """Create the account; `_change` gives it the rest."""
        account_id = AccountId(self._entropy.identifier())
        yield Run(_INSERT_ACCOUNT, new_account(account_id, human.person_id, AccountKind.OFFICER, None, self._now))
        username = self._data.seal_officer(human.record_key, account_id, "username", officer.username)
        row = {"account_id": account_id, "officer_id": self._entropy.identifier(), "username": username}
        yield Run(_INSERT_OFFICER, row)
        return _Known(account_id)

    def _change(self, human: _Human, known: _Known, officer: OfficerRecord, path: str) -> UnitOfWork[bool]:
        """Bring an officer to what the record says; whether anything was different."""
        account_id = known.account_id
        changed = self._credentials.change(
            account_id,
            human.erasable_key,
            stored=(known.password_hash, known.totp_secret),
            wanted=(officer.password_hash, officer.totp_secret),
        )
        if officer.username != known.username:
            yield from self._rename(human, known, officer.username, f"{path}.username")
            changed = True
        return (yield from self._bring_post(human, known, officer)) or changed

    def _rename(self, human: _Human, known: _Known, username: str, path: str) -> UnitOfWork[None]:
        before = None if known.username is None else self._data.identifier_index(known.username)
        after = self._data.identifier_index(username)
        kind = IdentifierKind.USERNAME.value
        yield from exchange_identifier(known.account_id, kind, before, after, path, self._now)
        sealed = self._data.seal_officer(human.record_key, known.account_id, "username", username)
        yield Run(_SET_USERNAME, {"account_id": known.account_id, "username": sealed})

    def _bring_post(self, human: _Human, known: _Known, officer: OfficerRecord) -> UnitOfWork[bool]:
        """Let the officer hold the post of the record; whether that was different."""
        begins = None if officer.held_from is None else beginning_of(officer.held_from)
        ends = None if officer.held_to is None else beginning_of(officer.held_to)
        stands = known.post
        if stands is not None and _is_of(stands, officer) and _begins_so(stands, officer, self._now):
            if _day(stands.held_to) == officer.held_to:
                return False
            if not stands.is_over(self._now):
                yield Run(_SET_END, {"id": stands.post_id, "held_to": ends})
                return True
        post = NewPost(
            agency_code=officer.agency,
            position=officer.position,
            roles=officer.roles,
            held_from=self._now if begins is None else begins,
            held_to=ends,
        )
        if stands is None:
            # A first post is told by the event of the import.
            yield from insert_post(self._data, self._entropy, human.record_key, known.account_id, post)
            return True
        event = OfficerChanged(
            origin=self._origin,
            account_id=known.account_id,
            change="imported",
            agency_code=officer.agency,
            roles=officer.roles,
        )
        at = (self._data, self._entropy)
        instead = stands.gives_way_to(post)
        yield from give_post(*at, known.account_id, post, stands.post_id, self._now, event, instead=instead)
        return True


def _is_of(post: Post, officer: OfficerRecord) -> bool:
    return (post.agency_code, post.position, post.roles) == (officer.agency, officer.position, officer.roles)


def _begins_so(post: Post, officer: OfficerRecord, now: Seconds) -> bool:
    """Whether a post begins on the day of the record, at whichever moment; of one that is over that does not count."""
    return officer.held_from in {None, day_of(post.held_from)} or post.is_over(now)


def _day(moment: Seconds | None) -> date | None:
    return None if moment is None else day_of(moment)
