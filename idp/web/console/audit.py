"""`/admin/audit`: the audit trail, searched by a form whose content stands in no address."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec

from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.audit.audit_query import FILTERS, AuditQuery, event_fields
from idp.domain.country_time import beginning_of, end_of
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.audit_search import AuditSearch, Found
from idp.journeys.administration.errors import InvalidEntryError
from idp.web.console.frame import Frame
from idp.web.console.rooms import Room
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.audit import AuditPage, AuditRow
from idp.web.views.console.common import Problem

PATH: Final = Room.AUDIT.value.path
_FIELDS: Final = ("name", "since", "until", "stream", *FILTERS)


class AuditPages:
    """Searches, and shows what was found."""

    def __init__(self, search: AuditSearch, frame: Frame) -> None:
        self._search = search
        self._frame = frame

    async def newest(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/audit`: the newest records."""
        found = await self._search.find(admin, AuditQuery())
        return self._frame.desk.page(visit, self._page(visit, admin, {}, found))

    async def find(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/audit`: the records that the form asks for, or what is wrong with it."""
        fields = await visit.form()
        typed = {name: fields.get(name, "").strip() for name in _FIELDS}
        try:
            query = read_query(typed)
            before = _number("before", fields.get("before", ""))
            found = await self._search.find(admin, query, typed["stream"], before)
        except InvalidEntryError as error:
            page = self._page(visit, admin, typed, None, Problem(error.field, error.reason))
            return self._frame.desk.page(visit, page, error.status)
        return self._frame.desk.page(visit, self._page(visit, admin, typed, found))

    def _page(
        self,
        visit: Visit,
        admin: Administrator,
        typed: Mapping[str, str],
        found: Found | None,
        problem: Problem | None = None,
    ) -> AuditPage:
        complete = dict.fromkeys(_FIELDS, "") | dict(typed)
        common = self._frame.common(visit, admin, Room.AUDIT)
        if found is None:
            return AuditPage(**common, action=PATH, filters=FILTERS, typed=complete, problem=problem)
        return AuditPage(
            **common,
            action=PATH,
            filters=FILTERS,
            typed=complete | {"stream": found.stream},
            streams=found.streams,
            rows=tuple(_row(record) for record in found.records),
            before=found.before,
            looked_back_to=None if found.looked_back_to is None else _moment(found.looked_back_to),
        )


def read_query(typed: Mapping[str, str]) -> AuditQuery:
    """Return what the fields ask for; days are the country's. Raises `InvalidEntryError`."""
    since, until = _day("since", typed.get("since", "")), _day("until", typed.get("until", ""))
    return AuditQuery(
        name=typed.get("name", ""),
        fields=tuple((name, typed[name]) for name in FILTERS if typed.get(name)),
        since=None if since is None else beginning_of(since) * 1000,
        until=None if until is None else end_of(until) * 1000,
    )


def _day(field: str, text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidEntryError(field, "malformed") from None
    if not 1970 < day.year < 9999:  # noqa: PLR2004 -- what a moment can be written for
        raise InvalidEntryError(field, "malformed")
    return day


def _number(field: str, text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:  # noqa: PLR2004 -- what a database can count
        raise InvalidEntryError(field, "malformed")
    return int(text)


def _row(record: AuditRecord) -> AuditRow:
    fields = tuple((name, _text(value)) for name, value in event_fields(record).items())
    return AuditRow(_moment(record.at_milliseconds), record.name, record.sequence, fields)


def _text(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
