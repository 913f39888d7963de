"""What background jobs have not done yet: since when messages are due, and records of the audit trail unread."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import func, select

from idp.adapters.sql.clients.releases import SqlReleases
from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.main import outbox
from idp.adapters.sql.tables.notices import alert_messages
from idp.adapters.sql.tables.notifications import client_notifications
from idp.adapters.sql.trail.audit import SqlAuditLog
from idp.adapters.sql.trail.security_alerts import SqlSecurityAlerts
from idp.adapters.sql.trail.security_history import SqlSecurityHistory
from idp.adapters.sql.trail.sign_in_facts import SqlSignInFacts
from idp.adapters.sql.unit_of_work import One, Row, UnitOfWork
from idp.domain.ids import Seconds

_LOGOUT = select(func.min(outbox.c.due_at))
_NOTIFICATIONS = select(func.min(client_notifications.c.due_at))
_ALERTS = select(func.min(alert_messages.c.due_at))
_QUEUES: Final = MappingProxyType(
    {"logout delivery": _LOGOUT, "client notifications": _NOTIFICATIONS, "alerts by mail and message": _ALERTS}
)


async def waiting_since(database: Database) -> Mapping[str, Seconds]:
    """Return by job the moment of the oldest piece of its work; jobs that have none are left out."""
    found = {job: await database.run_read(_earliest(One(oldest, {}))) for job, oldest in _QUEUES.items()}
    log = SqlAuditLog(database)
    readers: Mapping[str, Callable[[str], Awaitable[int]]] = {
        "alerts": SqlSecurityAlerts(database).position,
        "sign-in facts": SqlSignInFacts(database).position,
        "releases": SqlReleases(database).position,
        "security history": SqlSecurityHistory(database).position,
    }
    heads = await log.heads()
    for job, position in readers.items():
        unread = list[Seconds]()
        for head in heads:
            seen = await position(head.stream)
            if seen < head.sequence:
                first = await anext(log.records(head.stream, seen), head)
                unread.append(Seconds(first.at_milliseconds // 1000))
        found[job] = min(unread, default=None)
    return {job: since for job, since in found.items() if since is not None}


def _earliest(request: One) -> UnitOfWork[Seconds | None]:
    row: Row = yield request
    return None if row[0] is None else Seconds(row[0])
