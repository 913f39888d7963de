"""`/admin/people`: somebody is looked for with a purpose; nothing that was typed or found stands in an address."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from idp.domain.accounts.account_lock import AccountLock
from idp.domain.ids import Seconds
from idp.domain.offices.administration import Action
from idp.domain.people.record_access import Purpose
from idp.domain.people.verification import DOCUMENT
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError
from idp.journeys.administration.people import ListedPerson, PeopleQuery, PeopleRoom, PersonSight
from idp.web.console.frame import Frame
from idp.web.console.person_facts import person_facts, record_facts
from idp.web.console.rooms import Room
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.common import Problem
from idp.web.views.console.people import EvidenceLine, FoundPage, HeldLock, ListedRow, PeoplePage, PersonPage

PATH: Final = Room.PEOPLE.value.path
FOUND: Final = f"{PATH}/found"
_FIELDS: Final = ("purpose", "reference", "identifier", "name", "born")


class PeoplePages:
    """Looks people up and shows them."""

    def __init__(self, room: PeopleRoom, frame: Frame) -> None:
        self._room = room
        self._frame = frame

    async def ask(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/people`: nobody is listed here."""
        return self._frame.desk.page(visit, self._form(visit, admin, {}))

    async def find(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/people`: on to the one person, or to those whom the name found."""
        fields = await visit.form()
        typed = {name: fields.get(name, "") for name in _FIELDS}
        try:
            found = await self._room.find(admin, PeopleQuery(**typed))
        except InvalidEntryError as error:
            page = self._form(visit, admin, typed, Problem(error.field, error.reason))
            return self._frame.desk.page(visit, page, error.status)
        return self._frame.desk.redirect(visit, f"{FOUND if found.is_list else PATH}/{found.ticket}")

    async def listed(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/people/found/{ticket}`."""
        ticket = visit.parameter("ticket")
        found = await self._room.listed(admin, ticket, visit.query.get("after", ""))
        page = FoundPage(
            **self._frame.common(visit, admin, Room.PEOPLE),
            action=f"{FOUND}/{ticket}",
            rows=tuple(_row(listed) for listed in found.rows),
            purpose=found.purpose.value,
            reference=found.reference,
            back_href=PATH,
            next_href=f"?after={found.after}" if found.after else None,
        )
        return self._frame.desk.page(visit, page)

    async def pick(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/people/found/{ticket}`: `pick`, on to one of them."""
        fields = await visit.form()
        ticket = await self._room.pick(admin, visit.parameter("ticket"), fields.get("pick", ""))
        return self._frame.desk.redirect(visit, f"{PATH}/{ticket}")

    async def person(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/people/{ticket}`."""
        sight = await self._room.see(admin, visit.parameter("ticket"))
        return self._frame.desk.page(visit, self._person(visit, admin, sight))

    def _form(
        self, visit: Visit, admin: Administrator, typed: dict[str, str], problem: Problem | None = None
    ) -> PeoplePage:
        return PeoplePage(
            **self._frame.common(visit, admin, Room.PEOPLE),
            problem=problem,
            action=PATH,
            purposes=tuple(purpose.value for purpose in Purpose),
            typed=dict.fromkeys(_FIELDS, "") | typed,
        )

    def _person(self, visit: Visit, admin: Administrator, sight: PersonSight) -> PersonPage:
        record, account = sight.record, sight.account
        recorded = record.verification or {}
        may_see_locks = account is not None and admin.may(Action.LOCKS_VIEW)
        return PersonPage(
            **self._frame.common(visit, admin, Room.PEOPLE),
            person=record_facts(record, "merged") if account is None else person_facts(record, account),
            purpose=sight.purpose.value,
            reference=sight.reference,
            back_href=PATH,
            level_expires_at=_perhaps(record.level_expires_at),
            proved_at=_read_moment(recorded.get("time")),
            evidence=tuple(_evidence(recorded)),
            account_id=account.account_id if account else None,
            last_used_at=_perhaps(account.idle_from) if account and not account.idle_notices else None,
            has_password=account is not None and account.password_hash is not None,
            authenticators=tuple((each.kind.value, moment_of(each.created_at)) for each in sight.authenticators),
            locks=tuple(_lock(lock) for lock in sight.locks),
            events=tuple((moment_of(Seconds(each.at_milliseconds // 1000)), each.name) for each in sight.events),
            locks_href=f"{Room.LOCKS.value.path}/accounts/{account.account_id}" if account and may_see_locks else None,
            proofing_href=Room.PROOFING.value.path if admin.may(Action.PROOFING_WORK) else None,
        )


def _row(listed: ListedPerson) -> ListedRow:
    told = {name: str(listed.record.claims.get(name, "")) for name in ("name", "birthdate", "gender")}
    return ListedRow(pick=listed.pick, **told, identity_level=listed.record.identity_level)


def _lock(lock: AccountLock) -> HeldLock:
    return HeldLock(lock.ground.value, moment_of(lock.since), _perhaps(lock.ended))


def _evidence(recorded: Mapping[str, Any]) -> Iterator[EvidenceLine]:
    for element in recorded.get("evidence") or ():
        details = element.get("document_details" if element.get("type") == DOCUMENT else "record") or {}
        yield EvidenceLine(
            kind=str(details.get("type") or element.get("type")),
            checks=tuple(str(check.get("check_method")) for check in element.get("check_details") or ()),
            at=_read_moment(element.get("time")),
        )


def _read_moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _perhaps(seconds: Seconds | None) -> datetime | None:
    return None if seconds is None else moment_of(seconds)
