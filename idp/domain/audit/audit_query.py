"""What somebody searches the audit trail for, and which records answer."""

from typing import Any, Final

import msgspec

from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.values import dataclass

FILTERS: Final = ("account_id", "client_id", "request_id", "session_id", "change_id")
"""Fields of events that can be searched by; all of them opaque names, none of them a person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Records whose name begins with `name`, whose fields are as told, from `since` up to `until` (milliseconds)."""

    name: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    since: int | None = None
    until: int | None = None

    def accepts(self, record: AuditRecord) -> bool:
        """Whether the record is wanted."""
        if not record.name.startswith(self.name):
            return False
        if self.since is not None and record.at_milliseconds < self.since:
            return False
        if self.until is not None and record.at_milliseconds >= self.until:
            return False
        # The bytes tell most that are not wanted apart, without reading them.
        if not all(value.encode() in record.payload for _, value in self.fields):
            return False
        if not self.fields:
            return True
        told = event_fields(record)
        return all(told.get(name) == value for name, value in self.fields)


def event_fields(record: AuditRecord) -> dict[str, Any]:
    """Return the fields of the event; none where somebody made the record unreadable."""
    try:
        payload = msgspec.json.decode(record.payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    event = payload.get("event") if isinstance(payload, dict) else None
    return event if isinstance(event, dict) else {}
