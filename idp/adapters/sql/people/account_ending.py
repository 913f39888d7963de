"""What an account has open, ended in one transaction: sessions, grants, and what its services have to be told."""

from typing import Final

from sqlalchemy import bindparam, delete, func, select, union_all, update

from idp.adapters.sql.clients.grants import account_lock, revoke_of_account
from idp.adapters.sql.clients.logout_queue import queue_for_account
from idp.adapters.sql.tables.main import Number, accounts
from idp.adapters.sql.tables.officers import activation_links
from idp.adapters.sql.tables.safety import session_records
from idp.adapters.sql.unit_of_work import Append, Lock, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.ports.clock import Entropy

_OF_ACCOUNT = accounts.c.account_id == bindparam("account_id")
# Every ending moves the moment, also the second one in a second; and no session that is there is younger than it,
# whatever the clock of the node said that began it.
_bounds = union_all(
    select(bindparam("valid_from", type_=Number).label("bound")),
    select((accounts.c.sessions_valid_from + 1).label("bound")).where(_OF_ACCOUNT),
    select((session_records.c.started_at + 1).label("bound")).where(
        session_records.c.account_id == bindparam("account_id")
    ),
).subquery()
_END_SESSIONS = (
    update(accounts).where(_OF_ACCOUNT).values(sessions_valid_from=select(func.max(_bounds.c.bound)).scalar_subquery())
)

# Whoever kept one would take away what its owner signs in with.
END_UNUSED_LINK: Final = delete(activation_links).where(
    activation_links.c.account_id == bindparam("account_id"), activation_links.c.claimed_at.is_(None)
)


def end_for_a_new_password(
    account_id: AccountId, now: Seconds, event: Event, entropy: Entropy
) -> UnitOfWork[tuple[ClientId, ...]]:
    """End all of it where there is another password, and an activation link that nobody used."""
    yield Run(END_UNUSED_LINK, {"account_id": account_id})
    return (yield from end_everything(account_id, now, RevocationReason.PASSWORD_CHANGED, event, entropy))


def end_everything(
    account_id: AccountId, now: Seconds, reason: RevocationReason, event: Event, entropy: Entropy
) -> UnitOfWork[tuple[ClientId, ...]]:
    """End sessions and grants; clients are found before their grants are revoked, and told."""
    yield Lock((account_lock(account_id),))
    yield Run(_END_SESSIONS, {"account_id": account_id, "valid_from": now + 1})
    told = yield from queue_for_account(account_id, now, entropy)
    yield from revoke_of_account(account_id, reason, now)
    yield Append(event)
    return told
