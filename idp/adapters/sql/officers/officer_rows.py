"""Reading officers: the account with the human behind it, and the posts, the newest first."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, bindparam, or_, select

from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import accounts, officer_posts, officers, persons
from idp.adapters.sql.tables.officers import activation_links
from idp.adapters.sql.unit_of_work import All, One, Row, UnitOfWork
from idp.domain.accounts.account import AccountStatus
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.moment import kept_end, kept_moment
from idp.domain.offices.officer import OfficerAccount, Post

_post = officer_posts.c
POST = (_post.post_id, _post.agency_code, _post.position, _post.roles, _post.held_from, _post.held_to)
NOT_VOID = or_(_post.held_to.is_(None), _post.held_to > _post.held_from)
"""A post that another one took the place of before it began was never held."""

_later = officer_posts.alias("later")
LATEST = and_(
    NOT_VOID,
    ~select(_later.c.post_id)
    .where(
        _later.c.account_id == _post.account_id,
        _later.c.held_from > _post.held_from,
        or_(_later.c.held_to.is_(None), _later.c.held_to > _later.c.held_from),
    )
    .exists(),
)
"""The post that no other follows: held, to come or over."""

NOT_OVER = and_(NOT_VOID, or_(_post.held_to.is_(None), _post.held_to > bindparam("now")))

OFFICER = (
    accounts.c.account_id,
    officers.c.officer_id,
    accounts.c.person_id,
    persons.c.record_key,
    persons.c.record,
    officers.c.username,
    accounts.c.status,
    accounts.c.created_at,
    accounts.c.password_hash.is_not(None),
    activation_links.c.claimed_at,
)
WHOSE = (
    accounts.join(officers, officers.c.account_id == accounts.c.account_id)
    .join(persons, persons.c.person_id == accounts.c.person_id)
    .outerjoin(activation_links, activation_links.c.account_id == accounts.c.account_id)
)
_OFFICER = select(*OFFICER).select_from(WHOSE).where(accounts.c.account_id == bindparam("account_id"))
_POSTS = select(*POST).where(_post.account_id == bindparam("account_id"), NOT_VOID).order_by(_post.held_from.desc())

_roles = msgspec.json.Decoder(tuple[str, ...])


def read_officer(data: PersonalData, account_id: AccountId) -> UnitOfWork[OfficerAccount | None]:
    """Read one officer with every post."""
    row: Row | None = yield One(_OFFICER, {"account_id": account_id})
    if row is None:
        return None
    posts: list[Row] = yield All(_POSTS, {"account_id": account_id})
    return opened(data, row, posts)


def read_latest_post(data: PersonalData, key: bytes, account_id: AccountId) -> UnitOfWork[Post | None]:
    """Read the post that no other follows."""
    row: Row | None = yield One(_POSTS, {"account_id": account_id})
    return None if row is None else _post_of(data, key, account_id, row)


def opened(data: PersonalData, row: Row, posts: Sequence[Row]) -> OfficerAccount:
    """Decrypt an officer of `OFFICER` with posts of `POST`."""
    account_id, officer_id, person_id, key, record, username, status, created_at, has_password, claimed_at = row
    claims = data.open_record(key, PersonId(person_id), record).claims
    return OfficerAccount(
        account_id=AccountId(account_id),
        officer_id=officer_id,
        person_id=PersonId(person_id),
        username=data.open_officer(key, account_id, "username", username),
        name=str(claims.get("name", "")),
        given_name=str(claims.get("given_name", "")),
        status=AccountStatus(status),
        created_at=Seconds(created_at),
        has_password=bool(has_password),
        taken_over_at=None if claimed_at is None else Seconds(claimed_at),
        posts=tuple(_post_of(data, key, AccountId(account_id), post) for post in posts),
    )


def _post_of(data: PersonalData, key: bytes, account_id: AccountId, row: Row) -> Post:
    post_id, agency_code, position, roles, held_from, held_to = row
    return Post(
        post_id=post_id,
        agency_code=agency_code,
        position=data.open_officer(key, account_id, "position", position),
        roles=_roles.decode(roles),
        held_from=kept_moment(held_from),
        held_to=kept_end(held_to),
    )
