"""Opening and ending locks inside a transaction; the status of an account follows its open locks."""

from dataclasses import replace

from sqlalchemy import and_, bindparam, or_, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.people.account_ending import end_everything
from idp.adapters.sql.tables.locks import account_locks
from idp.adapters.sql.tables.main import accounts
from idp.adapters.sql.unit_of_work import Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.account_lock import BY_AN_OPERATOR, HOLDS_THE_PERSON, AccountLock, LockGround, NewLock
from idp.domain.events import Event, LockEnded
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.moment import kept_end
from idp.ports.clock import Entropy

_row = account_locks.c
COLUMNS = (
    _row.lock_id,
    _row.holder,
    _row.ground,
    _row.reference,
    _row.authority,
    _row.since,
    _row.until,
    _row.reason,
    _row.ended,
)
_OPEN = (
    insert(account_locks)
    .values({column.name: bindparam(column.name) for column in COLUMNS[:-1]})
    .on_conflict_do_nothing(
        index_elements=["holder", "ground", "reference"],
        index_where=_row.ended.is_(None),
    )
    .returning(_row.lock_id)
)
_one_lock = and_(
    _row.holder == bindparam("of_holder"),
    _row.ground == bindparam("on_ground"),
    _row.ended.is_(None),
)
_END = (
    update(account_locks).where(_one_lock, _row.reference == bindparam("of_reference")).values(ended=bindparam("now"))
)
_END_ALL_ON_GROUND = update(account_locks).where(_one_lock).values(ended=bindparam("now"))
_END_BUT_BY_HAND = (
    update(account_locks).where(_one_lock, _row.reference != bindparam("by_hand")).values(ended=bindparam("now"))
)
_STILL_HELD = select(_row.lock_id).where(_row.holder == bindparam("of_holder"), _row.ended.is_(None)).limit(1)
_HOLDERS = union_all(
    select(bindparam("of_person", type_=_row.holder.type)),
    select(accounts.c.account_id).where(accounts.c.person_id == bindparam("of_person")),
)
_PERSON_HELD = (
    select(_row.lock_id)
    .where(
        _row.ended.is_(None),
        or_(*(_row.ground == ground.value for ground in sorted(HOLDS_THE_PERSON))),
        _row.holder.in_(_HOLDERS),
    )
    .limit(1)
)
_account = accounts.c.account_id == bindparam("id")
_LOCK = update(accounts).where(_account).values(status=AccountStatus.LOCKED.value)
# Whoever is let in again has two years from now on.
_UNLOCK = (
    update(accounts)
    .where(_account)
    .values(status=AccountStatus.ACTIVE.value, idle_from=bindparam("now"), idle_notices=0)
)


def read_lock(row: Row) -> AccountLock:
    """Return a lock of `COLUMNS`."""
    lock_id, holder, ground, reference, authority, since, until, reason, ended = row
    return AccountLock(
        lock_id=lock_id,
        holder=holder,
        ground=LockGround(ground),
        reference=reference,
        authority=authority,
        since=Seconds(since),
        until=kept_end(until),
        reason=reason,
        ended=None if ended is None else Seconds(ended),
    )


def register_lock(holder: str) -> str:
    """The name under which whatever registers tell of somebody waits for each other, and for new accounts."""
    return f"register {holder}"


def person_is_held(person_id: PersonId) -> UnitOfWork[bool]:
    """Whether a lock stands that would be every account's of the human; it stays so until the transaction ends."""
    yield Lock((register_lock(person_id),))
    return (yield One(_PERSON_HELD, {"of_person": person_id})) is not None


def open_row(holder: str, lock: NewLock, now: Seconds, entropy: Entropy) -> UnitOfWork[bool]:
    """Write an open lock; whether there was none like it."""
    row: Row | None = yield One(
        _OPEN,
        {
            "lock_id": entropy.identifier(),
            "holder": holder,
            "ground": lock.ground.value,
            "reference": lock.reference,
            "authority": lock.authority,
            "since": now,
            "until": lock.until,
            "reason": lock.reason,
        },
    )
    return row is not None


def open_lock(
    account_id: AccountId,
    lock: NewLock,
    now: Seconds,
    event: Event,
    entropy: Entropy,
    reason: RevocationReason = RevocationReason.ACCOUNT_LOCKED,
) -> UnitOfWork[tuple[ClientId, ...] | None]:
    """Lock the account, and end what it has open; None when such a lock is open already."""
    yield Lock((account_lock(account_id),))
    opened = yield from open_row(account_id, lock, now, entropy)
    if not opened:
        return None
    yield Run(_LOCK, {"id": account_id})
    return (yield from end_everything(account_id, now, reason, event, entropy))


def end_row(holder: str, ground: LockGround, reference: str | None, now: Seconds, *, by_hand: bool) -> UnitOfWork[bool]:
    """End one lock, or every one on a ground where `reference` is None; whether there was any.

    `by_hand`: what operators opened on that ground is among every one.
    """
    values = {"of_holder": holder, "on_ground": ground.value, "now": now}
    if reference is None and not by_hand:
        ended: int = yield Run(_END_BUT_BY_HAND, {**values, "by_hand": BY_AN_OPERATOR})
    elif reference is None:
        ended = yield Run(_END_ALL_ON_GROUND, values)
    else:
        ended = yield Run(_END, {**values, "of_reference": reference})
    return ended > 0


def end_lock(
    account_id: AccountId,
    ground: LockGround,
    reference: str | None,
    now: Seconds,
    event: LockEnded,
    *,
    by_hand: bool = True,
) -> UnitOfWork[bool]:
    """End a lock as `end_row` does, and unlock the account when it was the last; whether there was one."""
    yield Lock((account_lock(account_id),))
    ended = yield from end_row(account_id, ground, reference, now, by_hand=by_hand)
    if ended:
        unlocked = yield from unlock_if_free(account_id, now)
        yield Append(replace(event, unlocked=unlocked))
    return ended


def unlock_if_free(account_id: AccountId, now: Seconds) -> UnitOfWork[bool]:
    """Let the account be active unless a lock is open; whether it is."""
    held: Row | None = yield One(_STILL_HELD, {"of_holder": account_id})
    if held is None:
        yield Run(_UNLOCK, {"id": account_id, "now": now})
    return held is None
