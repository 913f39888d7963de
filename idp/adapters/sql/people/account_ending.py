"""What an account has open, ended in one transaction: sessions, grants, and what its services have to be told."""

from sqlalchemy import bindparam, update

from idp.adapters.sql.clients.grants import account_lock, revoke_of_account
from idp.adapters.sql.clients.logout_queue import queue_for_account
from idp.adapters.sql.tables.main import accounts
from idp.adapters.sql.unit_of_work import Append, Lock, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.grant import RevocationReason
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.ports.clock import Entropy

_END_SESSIONS = (
    update(accounts)
    .where(accounts.c.account_id == bindparam("account_id"))
    .values(sessions_valid_from=bindparam("valid_from"))
)


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
