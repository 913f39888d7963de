"""`/admin/organisations` and `/admin/guardianships`: who may act for whom, and what guardians ask for."""

from typing import Final

from idp.domain.offices.administration import Action
from idp.domain.representation.guardianship import Guardianship, stage_of
from idp.domain.representation.mandate import MandateState
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError
from idp.journeys.administration.guardianships import PAGE, AuthorityDesk
from idp.ports.authorities import Parties, Wardship
from idp.ports.clock import Clock
from idp.web.console.changes import PATH as CHANGES
from idp.web.console.frame import Frame
from idp.web.console.rooms import Room
from idp.web.moments import moment_of
from idp.web.pages.acting.mandate_forms import last_moment
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.authorities import (
    GuardianshipLine,
    GuardianshipPage,
    GuardianshipsPage,
    MandateLine,
    OrganisationLine,
    OrganisationPage,
    OrganisationsPage,
)
from idp.web.views.console.common import Problem

ORGANISATIONS: Final = Room.ORGANISATIONS.value.path
GUARDIANSHIPS: Final = Room.GUARDIANSHIPS.value.path


class AuthorityPages:
    """Shows organisations and guardianships, and asks for what takes two administrators."""

    def __init__(self, desk: AuthorityDesk, clock: Clock, frame: Frame) -> None:
        self._desk = desk
        self._clock = clock
        self._frame = frame

    async def organisations(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/organisations`; a `tax_code` leads to that one."""
        tax_code = "".join(letter for letter in visit.query.get("tax_code", "") if letter.isdigit())
        if tax_code:
            return self._frame.desk.redirect(visit, f"{ORGANISATIONS}/{tax_code}")
        found = await self._desk.organisations(admin, visit.query.get("after", ""))
        now = self._clock.now()
        page = OrganisationsPage(
            **self._frame.common(visit, admin, Room.ORGANISATIONS),
            rows=tuple(
                OrganisationLine(each.tax_code, each.name, f"{ORGANISATIONS}/{each.tax_code}", each.stands(now))
                for each in found[:PAGE]
            ),
            next_href=f"?after={found[PAGE - 1].tax_code}" if len(found) > PAGE else None,
        )
        return self._frame.desk.page(visit, page)

    async def organisation(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/organisations/{tax_code}`."""
        found, mandates = await self._desk.organisation(admin, visit.parameter("tax_code"))
        locked = found.organisation.dissolved_at
        page = OrganisationPage(
            **self._frame.common(visit, admin, Room.ORGANISATIONS),
            tax_code=found.organisation.tax_code,
            name=found.organisation.name,
            locked_since=None if locked is None else moment_of(locked),
            representatives=tuple(sorted(found.people.values())),
            mandates=tuple(self._mandate(parties) for parties in mandates),
        )
        return self._frame.desk.page(visit, page)

    async def guardianships(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/guardianships`: what waits; `?in_force=yes` what counts."""
        waiting = visit.query.get("in_force") != "yes"
        found = await self._desk.guardianships(admin, waiting=waiting, after=visit.query.get("after", ""))
        more = (
            f"?{'' if waiting else 'in_force=yes&'}after={found[PAGE - 1].guardianship.guardianship_id}"
            if len(found) > PAGE
            else None
        )
        page = GuardianshipsPage(
            **self._frame.common(visit, admin, Room.GUARDIANSHIPS),
            waiting=waiting,
            rows=tuple(_line(each) for each in found[:PAGE]),
            next_href=more,
        )
        return self._frame.desk.page(visit, page)

    async def guardianship(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/guardianships/{reference}`."""
        return self._frame.desk.page(visit, await self._page(visit, admin))

    async def decide(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/guardianships/{reference}`: `decision` is `confirm`, which another decides, or `end`."""
        fields = await visit.form()
        reference = visit.parameter("reference")
        if fields.get("decision") == "end":
            await self._desk.end(admin, reference)
            return self._frame.desk.redirect(visit, f"{GUARDIANSHIPS}/{reference}?notice=ended")
        try:
            change = await self._desk.ask(admin, reference)
        except InvalidEntryError as error:
            page = await self._page(visit, admin, Problem(error.field, error.reason))
            return self._frame.desk.page(visit, page, error.status)
        return self._frame.desk.redirect(visit, f"{CHANGES}/{change.change_id}?notice=asked")

    async def _page(self, visit: Visit, admin: Administrator, problem: Problem | None = None) -> GuardianshipPage:
        reference = visit.parameter("reference")
        sight = await self._desk.guardianship(admin, reference)
        wardship = sight.wardship
        found, details, now = wardship.guardianship, wardship.details, self._clock.now()
        state = self._state(found, wardship)
        may_ask = admin.may(Action.GUARDIANSHIPS_ASK)
        return GuardianshipPage(
            **self._frame.common(visit, admin, Room.GUARDIANSHIPS),
            action=f"{GUARDIANSHIPS}/{reference}",
            guardian=wardship.guardian_name,
            ward=details.name,
            personal_number=details.personal_number,
            birthdate=details.birthdate,
            kind=found.kind.value,
            state=state.value,
            asked_at=moment_of(found.asked_at),
            stage=stage_of(details.birthdate, now).value,
            known=sight.record is not None,
            agrees=sight.agrees,
            may_confirm=may_ask and state is MandateState.WAITING,
            may_end=may_ask and state is not MandateState.ENDED,
            problem=problem,
            notice="ended" if visit.query.get("notice") == "ended" else None,
        )

    def _state(self, found: Guardianship, wardship: Wardship) -> MandateState:
        if found.ended_at is not None:
            return MandateState.ENDED
        if found.confirmed_at is None:
            return MandateState.WAITING
        in_force = found.is_in_force(wardship.birthdate, self._clock.now())
        return MandateState.IN_FORCE if in_force else MandateState.ENDED

    def _mandate(self, parties: Parties) -> MandateLine:
        mandate = parties.mandate
        return MandateLine(
            holder=parties.holder_name,
            services=tuple(sorted(mandate.services)),
            functions=tuple(sorted(mandate.functions)),
            first=moment_of(mandate.valid_from),
            last=moment_of(last_moment(mandate)),
            state=mandate.state(self._clock.now()).value,
            missing=0 if mandate.agreed_at else len(parties.needed - parties.consented),
        )


def _line(wardship: Wardship) -> GuardianshipLine:
    found = wardship.guardianship
    return GuardianshipLine(
        guardian=wardship.guardian_name,
        ward=wardship.details.name,
        kind=found.kind.value,
        since=moment_of(found.confirmed_at or found.asked_at),
        href=f"{GUARDIANSHIPS}/{found.guardianship_id}",
    )
