"""Suspending officers inside a transaction, as long as they hold the posts that were seen."""

from collections.abc import Sequence

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.officers.officer_post_rows import posts_as_seen
from idp.adapters.sql.people.lock_rows import end_lock, open_lock
from idp.adapters.sql.unit_of_work import Lock, UnitOfWork
from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.events import Event, LockEnded
from idp.domain.ids import AccountId, Seconds
from idp.ports.clock import Entropy


def suspend(
    entropy: Entropy, account_id: AccountId, lock: NewLock, seen: str, now: Seconds, event: Event
) -> UnitOfWork[None]:
    """Open the lock unless it is open."""
    yield Lock((account_lock(account_id),))
    yield from posts_as_seen(account_id, seen)
    yield from open_lock(account_id, lock, now, event, entropy)


def resume(
    account_id: AccountId, references: Sequence[str], seen: str, now: Seconds, event: LockEnded
) -> UnitOfWork[None]:
    """End the suspensions of these references."""
    yield Lock((account_lock(account_id),))
    yield from posts_as_seen(account_id, seen)
    for reference in references:
        yield from end_lock(account_id, LockGround.SUSPENDED, reference, now, event)
