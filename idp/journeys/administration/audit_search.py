"""Searching the audit trail: backwards in time, a bounded stretch at a time; who searched is recorded too."""

from typing import Final

from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.audit.audit_query import FILTERS, AuditQuery
from idp.domain.events import AuditSearched
from idp.domain.offices.administration import Action
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError, NotFoundError
from idp.ports.audit import AuditHistory, AuditTrail

PAGE: Final = 50
STRETCH: Final = 10_000
"""Records that one search looks at, at the most: a few hundredths of a second."""
_AT_A_TIME: Final = 1_000
_LONGEST_VALUE: Final = 128


@dataclass(frozen=True, slots=True)
class Found:
    """The newest first. `before` is where a further search goes on, None at the beginning of the trail.

    `looked_back_to` is the moment (milliseconds) of the oldest record looked at.
    """

    records: tuple[AuditRecord, ...]
    stream: str
    streams: tuple[str, ...]
    before: int | None
    looked_back_to: int | None


class AuditSearch:
    """Finds records."""

    def __init__(self, log: AuditHistory, trail: AuditTrail) -> None:
        self._log = log
        self._trail = trail

    async def find(self, admin: Administrator, query: AuditQuery, stream: str = "", before: int | None = None) -> Found:
        """A page of records of one stream (the first one when not told). Raises `AdministrationError`."""
        admin.must(Action.AUDIT_SEARCH)
        _check(query)
        heads = {head.stream: head.sequence for head in await self._log.heads()}
        streams = tuple(sorted(heads))
        chosen = stream or next(iter(streams), "")
        if chosen not in heads:
            raise NotFoundError
        names = tuple(name for name, _ in query.fields)
        event = AuditSearched(
            origin=admin.origin, account_id=admin.account_id, event_name=query.name or None, filters=names
        )
        await self._trail.record(event)
        start = heads[chosen] + 1 if before is None else before
        if query.until is not None:
            start = min(start, await self._log.first_sequence_from(chosen, query.until))
        end = 0 if query.since is None else await self._log.first_sequence_from(chosen, query.since)
        return await self._collect(query, chosen, streams, start, end)

    async def _collect(self, query: AuditQuery, stream: str, streams: tuple[str, ...], start: int, end: int) -> Found:
        """Look at the records under `start` down to `end`, until a page is full or the stretch is over."""
        found: list[AuditRecord] = []
        looked_at, back_to, place = 0, None, start
        while looked_at < STRETCH and place > end:
            batch = await self._log.newest(stream, place, _AT_A_TIME)
            for record in batch:
                place, back_to = record.sequence, record.at_milliseconds
                if place < end:
                    break
                if query.accepts(record):
                    found.append(record)
                    if len(found) == PAGE:
                        return Found(tuple(found), stream, streams, place, back_to)
            looked_at += len(batch)
            if len(batch) < _AT_A_TIME:
                return Found(tuple(found), stream, streams, None, back_to)
        return Found(tuple(found), stream, streams, place if place > end else None, back_to)


def _check(query: AuditQuery) -> None:
    for name, value in (("name", query.name), *query.fields):
        if len(value) > _LONGEST_VALUE:
            raise InvalidEntryError(name, "too_long")
    for name, _ in query.fields:
        if name not in FILTERS:
            raise InvalidEntryError(name, "unknown")
