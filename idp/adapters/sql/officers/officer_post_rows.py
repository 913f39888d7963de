"""Giving posts and ending them inside a transaction: rows are ended and added, never rewritten."""

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.officers.officer_rows import NOT_VOID
from idp.adapters.sql.people.lock_rows import end_lock, open_lock
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import accounts, agencies, officer_posts, persons
from idp.adapters.sql.tables.officers import activation_links
from idp.adapters.sql.unit_of_work import All, Append, Lock, Many, One, Row, Run, UnitOfWork
from idp.domain.account_lock import LockGround, NewLock
from idp.domain.administration import roles_among
from idp.domain.events import Event, LockEnded, OfficerChanged, Origin
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.officer import NO_AGENCY, NewPost
from idp.ports.clock import Entropy
from idp.ports.officers import PostChangedError, UnknownAgencyError

_post = officer_posts.c
_AGENCY = select(agencies.c.code).where(agencies.c.code == bindparam("code"))
_KEY = (
    select(persons.c.record_key)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .where(accounts.c.account_id == bindparam("account_id"))
)
_NEWEST_FIRST = (
    select(_post.post_id, _post.held_from, _post.held_to)
    .where(_post.account_id == bindparam("account_id"), NOT_VOID)
    .order_by(_post.held_from.desc())
)
_END = update(officer_posts).where(_post.post_id == bindparam("ended_id")).values(held_to=bindparam("at"))
_SETTLE = (
    update(officer_posts)
    .where(_post.account_id == bindparam("of_account"), _post.held_to <= bindparam("now"), _post.settled_at.is_(None))
    .values(settled_at=bindparam("now"))
)
_VOID_LINK = delete(activation_links).where(
    activation_links.c.account_id == bindparam("account_id"), activation_links.c.claimed_at.is_(None)
)
_CLAIMED = select(activation_links.c.claimed_at).where(activation_links.c.account_id == bindparam("account_id"))
_INSERT = insert(officer_posts)
_ENDED = (
    select(_post.account_id)
    .where(_post.held_to <= bindparam("now"), _post.held_to.is_not(None), _post.settled_at.is_(None))
    .order_by(_post.held_to)
    .limit(bindparam("most"))
)


def known_agency(code: str) -> UnitOfWork[None]:
    """Raise `UnknownAgencyError` unless there is such an agency, or none is meant."""
    if code != NO_AGENCY and (yield One(_AGENCY, {"code": code})) is None:
        raise UnknownAgencyError


def insert_post(
    data: PersonalData, entropy: Entropy, key: bytes, account_id: AccountId, post: NewPost
) -> UnitOfWork[None]:
    """Add a post."""
    yield Run(
        _INSERT,
        {
            "post_id": entropy.identifier(),
            "account_id": account_id,
            "agency_code": post.agency_code,
            "position": data.seal_officer(key, account_id, "position", post.position),
            "roles": msgspec.json.encode(post.roles).decode(),
            "held_from": post.held_from,
            "held_to": post.held_to,
            "settled_at": None,
        },
    )


def give_post(
    data: PersonalData,
    entropy: Entropy,
    account_id: AccountId,
    post: NewPost,
    seen: str,
    now: Seconds,
    event: Event,
    *,
    instead: bool,
) -> UnitOfWork[None]:
    """Give a post after the one that was `seen`, or `instead` of it; what reaches beyond its beginning ends there."""
    yield Lock((account_lock(account_id),))
    yield from known_agency(post.agency_code)
    posts = yield from _as_seen(account_id, seen)
    (key,) = yield One(_KEY, {"account_id": account_id})
    if instead:
        (newest_id, begins, _), *posts = posts
        # What ended because of the post that never will be goes on to the one in its place.
        posts = [(post_id, held_from, None if held_to == begins else held_to) for post_id, held_from, held_to in posts]
        yield Run(_END, {"ended_id": newest_id, "at": begins})
    yield Many(
        _END,
        [
            # What had not begun by then never will: it ends where it would have begun.
            {"ended_id": post_id, "at": max(held_from, post.held_from)}
            for post_id, held_from, held_to in posts
            if held_to is None or held_to > post.held_from
        ],
    )
    yield from insert_post(data, entropy, key, account_id, post)
    if roles_among(post.roles):
        # Whoever was handed a link before would take the role over with the account.
        yield Run(_VOID_LINK, {"account_id": account_id})
    unlocked = LockEnded(origin=event.origin, account_id=account_id, ground=LockGround.POST_ENDED.value)
    yield from end_lock(account_id, LockGround.POST_ENDED, None, now, unlocked)
    yield Append(event)


def end_post(account_id: AccountId, seen: str, at: Seconds, event: Event) -> UnitOfWork[None]:
    """Let the newest post end at a moment, never later than it would: that is another post."""
    yield Lock((account_lock(account_id),))
    (post_id, held_from, held_to), *_ = (yield from _as_seen(account_id, seen)) or [("", 0, 0)]
    if not post_id or at <= held_from or (held_to is not None and at > held_to):
        raise PostChangedError
    yield Run(_END, {"ended_id": post_id, "at": at})
    yield Append(event)


def leave(
    entropy: Entropy, account_id: AccountId, now: Seconds, event: OfficerChanged
) -> UnitOfWork[tuple[ClientId, ...]]:
    """End every post, lock the account and end what it has open."""
    yield Lock((account_lock(account_id),))
    posts: list[Row] = yield All(_NEWEST_FIRST, {"account_id": account_id})
    yield Many(
        _END,
        [
            {"ended_id": post_id, "at": max(held_from, now)}
            for post_id, held_from, held_to in posts
            if held_to is None or held_to > now
        ],
    )
    yield Run(_SETTLE, {"of_account": account_id, "now": now})
    told = yield from open_lock(account_id, NewLock(ground=LockGround.POST_ENDED), now, event, entropy)
    return told or ()


def settle(entropy: Entropy, now: Seconds, limit: int, origin: Origin) -> UnitOfWork[int]:
    """Lock whoever has no post any more since one ended; how many posts had ended."""
    ended: list[Row] = yield All(_ENDED, {"now": now, "most": limit})
    for (account_id,) in sorted(set(ended)):
        yield Lock((account_lock(account_id),))
        posts: list[Row] = yield All(_NEWEST_FIRST, {"account_id": account_id})
        if all(held_to is not None and held_to <= now for _, _, held_to in posts):
            event = OfficerChanged(origin=origin, account_id=account_id, change="post_ended")
            yield from open_lock(account_id, NewLock(ground=LockGround.POST_ENDED), now, event, entropy)
        yield Run(_SETTLE, {"of_account": account_id, "now": now})
    return len(ended)


def _as_seen(account_id: AccountId, seen: str) -> UnitOfWork[list[Row]]:
    """The posts, the newest first. Raises `PostChangedError` when the newest is another one.

    A `holder_version` is refused besides when somebody took the account over since.
    """
    posts: list[Row] = yield All(_NEWEST_FIRST, {"account_id": account_id})
    post_seen, names_holder, taken_over_at = seen.partition(".")
    if (posts[0][0] if posts else "") != post_seen:
        raise PostChangedError
    if names_holder:
        row: Row | None = yield One(_CLAIMED, {"account_id": account_id})
        if str((row and row[0]) or "") != taken_over_at:
            raise PostChangedError
    return posts
