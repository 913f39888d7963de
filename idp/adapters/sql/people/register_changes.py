"""What a register's change does to the locks of whoever it is about, inside a transaction."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, select

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.people.lock_rows import end_lock, end_row, open_lock, open_row, register_lock
from idp.adapters.sql.people.register_marks import pass_mark
from idp.adapters.sql.tables.main import accounts
from idp.adapters.sql.unit_of_work import All, Append, Lock, Row, UnitOfWork
from idp.domain.accounts.account import AccountKind
from idp.domain.accounts.account_lock import HOLDS_THE_PERSON, NewLock, RegisterEffect, RegisterOutcome
from idp.domain.events import AccountLocked, LockEnded, RegisterEventReceived
from idp.domain.ids import AccountId, PersonId
from idp.domain.values import dataclass
from idp.ports.account_locks import RegisterChange
from idp.ports.clock import Entropy

_ACCOUNTS = (
    select(accounts.c.account_id, accounts.c.kind)
    .where(accounts.c.person_id == bindparam("of_person"))
    .order_by(accounts.c.account_id)
)


@dataclass(frozen=True, slots=True)
class Held:
    """Whom an effect may reach: accounts by kind."""

    holder: str
    accounts: tuple[tuple[AccountId, AccountKind], ...]


def change_person(
    person_id: PersonId, change: RegisterChange, event: RegisterEventReceived, entropy: Entropy
) -> UnitOfWork[RegisterEventReceived]:
    """Do what `AccountLocks.apply_to_person` does, within a transaction."""
    # Nobody gives the person another account between this look and the locks.
    yield Lock((register_lock(person_id),))
    rows: list[Row] = yield All(_ACCOUNTS, {"of_person": person_id})
    found = tuple((AccountId(account_id), AccountKind(kind)) for account_id, kind in rows)
    return (yield from change_holder(Held(person_id, found), change, event, entropy))


def change_holder(
    held: Held, change: RegisterChange, event: RegisterEventReceived, entropy: Entropy
) -> UnitOfWork[RegisterEventReceived]:
    """Open and end locks as far as nothing later was told; the event as recorded."""
    names = tuple(account_lock(account_id) for account_id, _ in held.accounts)
    yield Lock((register_lock(held.holder), *names))
    passed, touched = False, list[AccountId]()
    for effect in change.effects:
        told = pass_mark(held.holder, effect.ground.value, change.event_at, change.event_id, locks=effect.locks)
        if not (yield from told):
            continue
        passed = True
        touched += yield from _reach(held, effect, change, event, entropy)
    outcome = RegisterOutcome.APPLIED if passed else RegisterOutcome.OVERTAKEN
    recorded = replace(event, outcome=outcome.value, accounts=tuple(dict.fromkeys(touched)))
    yield Append(recorded)
    return recorded


def _reach(
    held: Held, effect: RegisterEffect, change: RegisterChange, event: RegisterEventReceived, entropy: Entropy
) -> UnitOfWork[Sequence[AccountId]]:
    ground, now = effect.ground, change.now
    if not held.accounts:
        if effect.locks:
            yield from open_row(held.holder, NewLock(ground=ground), now, entropy)
        else:
            yield from end_row(held.holder, ground, None, now, by_hand=False)
        return ()
    touched = []
    for account_id, kind in held.accounts:
        if kind is not AccountKind.CITIZEN and ground not in HOLDS_THE_PERSON:
            continue
        if effect.locks:
            locked = AccountLocked(origin=event.origin, account_id=account_id, locked=True, reason=ground.value)
            told = yield from open_lock(account_id, NewLock(ground=ground), now, locked, entropy)
            changed = told is not None
        else:
            ended = LockEnded(
                origin=event.origin, account_id=account_id, ground=ground.value, client_id=event.client_id
            )
            # What an operator opened by hand on the same ground ends by hand.
            changed = yield from end_lock(account_id, ground, None, now, ended, by_hand=False)
        if changed:
            touched.append(account_id)
    return touched
