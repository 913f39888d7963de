"""Logout tokens, queued in the transaction that ends sessions, for clients with a `backchannel_logout_uri`."""

from collections.abc import Iterable

from sqlalchemy import and_, bindparam, insert, or_, select

from idp.adapters.sql.tables.main import clients, grants, outbox
from idp.adapters.sql.unit_of_work import All, Many, One, Row, UnitOfWork
from idp.domain.grants.grant import Grant, RevocationReason
from idp.domain.ids import AccountId, ClientId, Seconds, SessionId
from idp.ports.clock import Entropy

SESSION_ENDED = "session_ended"
CONSENT_WITHDRAWN = "consent_withdrawn"
"""Kinds of messages: the session is over, or goes on without this client (or without what it was granted)."""

_WANTS_LOGOUT = and_(clients.c.client_id == grants.c.client_id, clients.c.wants_logout == 1)
# Revoked by one of these, a grant's client was told when it happened.
_TELLING = (RevocationReason.SIGN_OUT, RevocationReason.ACCOUNT_LOCKED, RevocationReason.PASSWORD_CHANGED)
_NOT_TOLD_BEFORE = or_(
    grants.c.revocation_reason.is_(None),
    and_(*(grants.c.revocation_reason != reason.value for reason in _TELLING)),
)
_told = (
    select(grants.c.client_id, grants.c.account_id, grants.c.session_id)
    .select_from(grants.join(clients, _WANTS_LOGOUT))
    .distinct()
    .order_by(grants.c.client_id, grants.c.session_id)
)
_OF_SESSION = _told.where(grants.c.session_id == bindparam("session_id"))
_OF_ACCOUNT = _told.where(
    grants.c.account_id == bindparam("account_id"), grants.c.expires_at > bindparam("now"), _NOT_TOLD_BEFORE
)
_OF_ACCOUNT_AND_CLIENT = _OF_ACCOUNT.where(grants.c.client_id == bindparam("client_id"))
_WANTS = select(clients.c.client_id).where(clients.c.client_id == bindparam("client_id"), clients.c.wants_logout == 1)
_QUEUE = insert(outbox)


def queue_for_session(session_id: SessionId, now: Seconds, entropy: Entropy) -> UnitOfWork[tuple[ClientId, ...]]:
    """Queue for every client that was given a grant in the session; those clients."""
    rows: list[Row] = yield All(_OF_SESSION, {"session_id": session_id})
    return (yield from _queue(rows, SESSION_ENDED, now, entropy))


def queue_for_account(account_id: AccountId, now: Seconds, entropy: Entropy) -> UnitOfWork[tuple[ClientId, ...]]:
    """Queue for every session of the account that clients may still know; call before its grants are revoked."""
    rows: list[Row] = yield All(_OF_ACCOUNT, {"account_id": account_id, "now": now})
    return (yield from _queue(rows, SESSION_ENDED, now, entropy))


def queue_for_client(
    account_id: AccountId, client_id: ClientId, now: Seconds, entropy: Entropy
) -> UnitOfWork[tuple[ClientId, ...]]:
    """Queue for one client that lost the account's consent; call before its grants are revoked."""
    parameters = {"account_id": account_id, "client_id": client_id, "now": now}
    rows: list[Row] = yield All(_OF_ACCOUNT_AND_CLIENT, parameters)
    return (yield from _queue(rows, CONSENT_WITHDRAWN, now, entropy))


def queue_for_grants(ended: Iterable[Grant], now: Seconds, entropy: Entropy) -> UnitOfWork[tuple[ClientId, ...]]:
    """Queue for the clients of some grants, which end while the sessions go on."""
    rows = set()
    for grant in ended:
        if (yield One(_WANTS, {"client_id": grant.client_id})) is not None:
            rows.add((grant.client_id, grant.account_id, grant.session_id))
    return (yield from _queue(sorted(rows), CONSENT_WITHDRAWN, now, entropy))


def _queue(rows: Iterable[Row], kind: str, now: Seconds, entropy: Entropy) -> UnitOfWork[tuple[ClientId, ...]]:
    told: list[ClientId] = []
    messages = []
    for client_id, account_id, session_id in rows:
        told.append(ClientId(client_id))
        messages.append(
            {
                "message_id": entropy.identifier(),
                "kind": kind,
                "client_id": client_id,
                "account_id": account_id,
                "session_id": session_id,
                "attempts": 0,
                "created_at": now,
                "due_at": now,
            }
        )
    if messages:
        yield Many(_QUEUE, messages)
    return tuple(dict.fromkeys(told))
