"""Giving posts and ending them inside a transaction: rows are ended and added, never rewritten."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sqlalchemy import bindparam, insert, select, update

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.officers.officer_rows import NOT_VOID
from idp.adapters.sql.people.account_ending import END_UNUSED_LINK
from idp.adapters.sql.people.lock_rows import end_lock, open_lock
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import accounts, agencies, officer_posts, persons
from idp.adapters.sql.tables.officers import activation_links
from idp.adapters.sql.unit_of_work import All, Append, Lock, Many, One, Row, Run, UnitOfWork
from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.events import Event, LockEnded, OfficerChanged, Origin
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.administration import roles_among
from idp.domain.offices.officer import NO_AGENCY, NewPost
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
    select(_post.post_id, _post.agency_code, _post.position, _post.roles, _post.held_from, _post.held_to)
    .where(_post.account_id == bindparam("account_id"), NOT_VOID)
    .order_by(_post.held_from.desc())
)
_HELD_FROM, _HELD_TO = 4, 5
_END = update(officer_posts).where(_post.post_id == bindparam("ended_id")).values(held_to=bindparam("at"))
_SETTLE = (
    update(officer_posts)
    .where(_post.account_id == bindparam("of_account"), _post.held_to <= bindparam("now"), _post.settled_at.is_(None))
    .values(settled_at=bindparam("now"))
)
_CLAIMED = select(activation_links.c.claimed_at).where(activation_links.c.account_id == bindparam("account_id"))
_INSERT = insert(officer_posts)
_ENDED = (
    select(_post.account_id)
    .where(_post.held_to <= bindparam("now"), _post.held_to.is_not(None), _post.settled_at.is_(None))
    .order_by(_post.held_to)
    .limit(bindparam("most"))
)


_read_roles = msgspec.json.Decoder(tuple[str, ...])


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
            "post_id": post.post_id or entropy.identifier(),
            "account_id": account_id,
            "agency_code": post.agency_code,
            "position": data.seal_officer(key, account_id, "position", post.position),
            "roles": msgspec.json.encode(post.roles).decode(),
            "held_from": post.held_from,
            "held_to": post.held_to,
            "settled_at": None,
        },
    )


def give_post(  # noqa: PLR0913 -- what is written, for whom, and what becomes of the posts around it
    data: PersonalData,
    entropy: Entropy,
    account_id: AccountId,
    post: NewPost,
    seen: str,
    now: Seconds,
    event: Event,
    *,
    instead: bool = False,
    prolongs: bool = False,
) -> UnitOfWork[None]:
    """Give a post beside those to come, or `instead` of the one that was `seen`; what is held ends as it begins.

    `prolongs`: what ended because of the post that never will be goes on to the one in its place.
    """
    yield Lock((account_lock(account_id),))
    yield from known_agency(post.agency_code)
    posts = yield from posts_as_seen(account_id, seen)
    (key,) = yield One(_KEY, {"account_id": account_id})
    if instead:
        yield from _make_way(entropy, account_id, posts, post.held_from, prolongs=prolongs)
    else:
        post = yield from _fit_in(entropy, account_id, posts, post)
    yield from insert_post(data, entropy, key, account_id, post)
    if roles_among(post.roles):
        # Whoever was handed a link before would take the role over with the account.
        yield Run(END_UNUSED_LINK, {"account_id": account_id})
    unlocked = LockEnded(origin=event.origin, account_id=account_id, ground=LockGround.POST_ENDED.value)
    yield from end_lock(account_id, LockGround.POST_ENDED, None, now, unlocked)
    yield Append(event)


def _make_way(
    entropy: Entropy, account_id: AccountId, posts: Sequence[Row], begins: Seconds, *, prolongs: bool
) -> UnitOfWork[None]:
    """End the newest post before it began, and what reaches beyond the beginning of the one in its place.

    Administrative roles end when two administrators agreed, whatever comes afterwards: a post goes on without them.
    """
    newest, *others = posts
    planned = newest[_HELD_FROM]
    ends = [_ending(newest, planned)]
    for post in others:
        roles, held_to = _roles(post), post[_HELD_TO]
        waits = prolongs and held_to == planned < begins
        if waits and roles_among(roles):
            left = tuple(role for role in roles if role not in roles_among(roles))
            yield Run(_INSERT, _copy(entropy, account_id, post, roles=left, held=(planned, begins)))
        elif waits or held_to is None or held_to > begins:
            # What had not begun by then never will: it ends where it would have begun.
            ends.append(_ending(post, begins))
    yield Many(_END, ends)


def _fit_in(entropy: Entropy, account_id: AccountId, posts: Sequence[Row], post: NewPost) -> UnitOfWork[NewPost]:
    """End what is held when a post begins, and let what begins later stay; the post, which ends there at the latest."""
    held = [each for each in posts if each[_HELD_FROM] <= post.held_from]
    lasting = [each for each in held if each[_HELD_TO] is None or each[_HELD_TO] > post.held_from]
    yield Many(_END, [_ending(each, post.held_from) for each in lasting])
    to_come = posts[: len(posts) - len(held)]
    if not to_come:
        return post
    newest = to_come[0]
    # The newest is written anew, so that whoever saw the posts before has seen others.
    yield Run(_END, _ending(newest, newest[_HELD_FROM]))
    held_again = (newest[_HELD_FROM], newest[_HELD_TO])
    yield Run(_INSERT, _copy(entropy, account_id, newest, roles=_roles(newest), held=held_again))
    next_begins = to_come[-1][_HELD_FROM]
    return replace(post, held_to=next_begins if post.held_to is None else min(post.held_to, next_begins))


def end_post(account_id: AccountId, seen: str, at: Seconds, event: Event) -> UnitOfWork[None]:
    """Let the newest post end at a moment, never later than it would: that is another post.

    Where it was to begin, it never does.
    """
    yield Lock((account_lock(account_id),))
    posts = yield from posts_as_seen(account_id, seen)
    if not posts or at < posts[0][_HELD_FROM] or (posts[0][_HELD_TO] is not None and at > posts[0][_HELD_TO]):
        raise PostChangedError
    yield Run(_END, {"ended_id": posts[0][0], "at": at})
    yield Append(event)


def leave(
    entropy: Entropy,
    account_id: AccountId,
    seen: str,
    now: Seconds,
    event: OfficerChanged,
    *,
    only_from: Seconds | None = None,
) -> UnitOfWork[None]:
    """End every post, lock the account and end what it has open; or let nothing begin from a moment on."""
    yield Lock((account_lock(account_id),))
    posts = yield from posts_as_seen(account_id, seen)
    if only_from is not None:
        yield Many(_END, [_ending(post, now) for post in posts if post[_HELD_FROM] >= only_from])
        yield Append(event)
        return
    yield Many(_END, [_ending(post, now) for post in posts if post[_HELD_TO] is None or post[_HELD_TO] > now])
    yield Run(_SETTLE, {"of_account": account_id, "now": now})
    yield from open_lock(account_id, NewLock(ground=LockGround.POST_ENDED), now, event, entropy)


def settle(entropy: Entropy, now: Seconds, limit: int, origin: Origin) -> UnitOfWork[int]:
    """Lock whoever has no post any more since one ended; how many posts had ended."""
    ended: list[Row] = yield All(_ENDED, {"now": now, "most": limit})
    for (account_id,) in sorted(set(ended)):
        yield Lock((account_lock(account_id),))
        posts: list[Row] = yield All(_NEWEST_FIRST, {"account_id": account_id})
        if all(post[_HELD_TO] is not None and post[_HELD_TO] <= now for post in posts):
            event = OfficerChanged(origin=origin, account_id=account_id, change="post_ended")
            yield from open_lock(account_id, NewLock(ground=LockGround.POST_ENDED), now, event, entropy)
        yield Run(_SETTLE, {"of_account": account_id, "now": now})
    return len(ended)


def posts_as_seen(account_id: AccountId, seen: str) -> UnitOfWork[list[Row]]:
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


def newest_post(account_id: AccountId) -> UnitOfWork[str]:
    """The newest post, empty without one."""
    row: Row | None = yield One(_NEWEST_FIRST, {"account_id": account_id})
    return "" if row is None else str(row[0])


def _ending(post: Row, at: Seconds) -> dict[str, object]:
    """What lets a post end at a moment, or where it would have begun."""
    return {"ended_id": post[0], "at": max(post[_HELD_FROM], at)}


def _roles(post: Row) -> tuple[str, ...]:
    return _read_roles.decode(post[3])


def _copy(
    entropy: Entropy, account_id: AccountId, post: Row, *, roles: tuple[str, ...], held: tuple[Seconds, Seconds | None]
) -> dict[str, object]:
    """The row of the same post with other roles or for another time."""
    _, agency_code, position, *_ = post
    return {
        "post_id": entropy.identifier(),
        "account_id": account_id,
        "agency_code": agency_code,
        "position": position,
        "roles": msgspec.json.encode(roles).decode(),
        "held_from": held[0],
        "held_to": held[1],
        "settled_at": None,
    }
