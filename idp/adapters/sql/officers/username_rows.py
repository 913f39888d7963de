"""Officers' usernames inside a transaction: they sign in, so nobody else signs in with them."""

from sqlalchemy import bindparam, delete, select, update

from idp.adapters.sql.loading.tally import holder_of, take_identifier
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import accounts, identifiers, officers, persons
from idp.adapters.sql.unit_of_work import Append, One, Run, UnitOfWork
from idp.domain.accounts.account import AccountKind
from idp.domain.accounts.sign_in_identifier import IdentifierKind
from idp.domain.ids import AccountId, Seconds
from idp.ports.officer_parts import Renamed
from idp.ports.officers import PostChangedError, UsernameTakenError

_GIVE_BACK = delete(identifiers).where(
    identifiers.c.account_id == bindparam("account_id"), identifiers.c.kind == IdentifierKind.USERNAME.value
)
_SET_USERNAME = update(officers).where(officers.c.account_id == bindparam("id")).values(username=bindparam("sealed"))
_OFFICER_KEY = (
    select(persons.c.record_key)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .where(accounts.c.account_id == bindparam("account_id"), accounts.c.kind == AccountKind.OFFICER.value)
)


def rename(data: PersonalData, account_id: AccountId, renamed: Renamed, now: Seconds) -> UnitOfWork[None]:
    """Give another username, where whoever calls this holds the locks of `carried_out.changed`.

    Raises `UsernameTakenError`, and `PostChangedError` when somebody renamed since.
    """
    if (yield from holder_of(data.identifier_index(renamed.seen))) != account_id:
        raise PostChangedError
    if (yield from holder_of(data.identifier_index(renamed.username))) == account_id:
        return
    yield Run(_GIVE_BACK, {"account_id": account_id})
    yield from take_username(data, account_id, renamed.username, now)
    (key,) = yield One(_OFFICER_KEY, {"account_id": account_id})
    sealed = data.seal_officer(key, account_id, "username", renamed.username)
    yield Run(_SET_USERNAME, {"id": account_id, "sealed": sealed})
    yield Append(renamed.event)


def take_username(data: PersonalData, account_id: AccountId, username: str, now: Seconds) -> UnitOfWork[None]:
    """Let an account sign in with a username. Raises `UsernameTakenError`."""
    index = data.identifier_index(username)
    if not (yield from take_identifier(index, account_id, IdentifierKind.USERNAME.value, now)):
        raise UsernameTakenError
