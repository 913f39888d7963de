"""Queues of messages on SQL: a lease is a due time moved on, so a message whose worker died comes back by itself.

A table of messages has `message_id`, `due_at` and `attempts`.
"""

from functools import cache

from sqlalchemy import Delete, Table, Update, bindparam, delete, literal_column, select, update


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


def forgetting(messages: Table) -> Delete:
    """Forget one message (`message_id`)."""
    return delete(messages).where(messages.c.message_id == bindparam("message_id"))


def retrying(messages: Table) -> Update:
    """Have one message (`message_id`) come back `at` a moment."""
    return update(messages).where(messages.c.message_id == bindparam("message_id")).values(due_at=bindparam("at"))
