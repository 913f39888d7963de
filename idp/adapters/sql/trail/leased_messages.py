"""Queues of messages on SQL: a lease is a due time moved on, so a message whose worker died comes back by itself.

A table of messages has `message_id`, `due_at` and `attempts`; one of messages to clients `client_id` too, and an index
of client, due time and message.
"""

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from sqlalchemy import Delete, Select, Table, Update, bindparam, delete, func, literal_column, select, update

from idp.adapters.sql.unit_of_work import All, One, Row, UnitOfWork
from idp.domain.ids import Seconds

_MOST_CLIENTS = 64
"""Clients that one claim looks at; more than one process is ever busy with."""


class ClientTurns(NamedTuple):
    """Statements by which clients have their turns, so that none waits behind the messages of another."""

    waiting: Select[tuple[str, Seconds]]
    """Clients with messages that are due (`now`), longest waiting first: one look into the index for each client."""
    claiming: Update
    """Lease the oldest due message of a client (`client_id`, `now`, `lease_until`)."""
    putting_off: Update
    """Have every message of a client (`client_id`) that is due (`now`) come back `at` a moment, one attempt older."""


@cache
def claiming(messages: Table, told: tuple[str, ...], limit: int) -> Update:
    """Lease at most `limit` messages that are due (`now`) until `lease_until`, and tell the columns `told` of each.

    The number stands in the statement, so that its plan is one for few rows.
    """
    row = messages.c
    due = (
        select(row.message_id)
        .where(row.due_at <= bindparam("now"))
        .order_by(row.due_at, row.message_id)
        .limit(literal_column(str(limit)))
        .with_for_update(skip_locked=True)
    )
    return (
        update(messages)
        .where(row.message_id.in_(due))
        .values(due_at=bindparam("lease_until"), attempts=row.attempts + 1)
        .returning(*(row[name] for name in told))
    )


def client_turns(messages: Table, told: tuple[str, ...]) -> ClientTurns:
    """Return the statements; a claim tells the columns `told`."""
    row, other = messages.c, messages.alias().c
    clients = select(func.min(row.client_id).label("client_id")).cte("clients_waiting", recursive=True)
    clients = clients.union_all(
        select(select(func.min(other.client_id)).where(other.client_id > clients.c.client_id).scalar_subquery()).where(
            clients.c.client_id.is_not(None)
        )
    )
    since = select(func.min(other.due_at)).where(other.client_id == clients.c.client_id).scalar_subquery()
    since_when = select(clients.c.client_id, since.label("since")).subquery("since_when")
    due = (
        select(row.message_id)
        .where(row.client_id == bindparam("client_id"), row.due_at <= bindparam("now"))
        .order_by(row.due_at, row.message_id)
        .with_for_update(skip_locked=True)
    )
    return ClientTurns(
        select(since_when.c.client_id, since_when.c.since)
        .where(since_when.c.since <= bindparam("now"))
        .order_by(since_when.c.since, since_when.c.client_id)
        .limit(literal_column(str(_MOST_CLIENTS))),
        update(messages)
        .where(row.message_id.in_(due.limit(literal_column("1"))))
        .values(due_at=bindparam("lease_until"), attempts=row.attempts + 1)
        .returning(*(row[name] for name in told)),
        update(messages).where(row.message_id.in_(due)).values(due_at=bindparam("at"), attempts=row.attempts + 1),
    )


def claim_in_turn(
    turns: ClientTurns, now: Seconds, lease_until: Seconds, limit: int, busy: Collection[str]
) -> UnitOfWork[list[Row]]:
    """Lease one message of each of at most `limit` clients, none of which is `busy`."""
    waiting: list[Row] = yield All(turns.waiting, {"now": now})
    claimed: list[Row] = []
    for client_id, _ in waiting:
        if client_id in busy:
            continue
        if len(claimed) == limit:
            break
        values = {"client_id": client_id, "now": now, "lease_until": lease_until}
        row: Row | None = yield One(turns.claiming, values)
        # Another process may have been sooner.
        if row is not None:
            claimed.append(row)
    return claimed


def forgetting(messages: Table) -> Delete:
    """Forget one message (`message_id`)."""
    return delete(messages).where(messages.c.message_id == bindparam("message_id"))


def retrying(messages: Table) -> Update:
    """Have one message (`message_id`) come back `at` a moment."""
    return update(messages).where(messages.c.message_id == bindparam("message_id")).values(due_at=bindparam("at"))
