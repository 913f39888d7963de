"""`/api/admin/organisations` and `/api/admin/guardianships`: who may act for whom."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from idp.domain.offices.administration import Action
from idp.domain.representation.mandate import MandateState
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.guardianships import PAGE, AuthorityDesk
from idp.ports.authorities import Parties, Wardship
from idp.ports.clock import Clock
from idp.web.api.answers import AskedChange
from idp.web.api.gate import Gate


class OrganisationLine(BaseModel):
    """One organisation; `stands` is false while nobody may act for it."""

    tax_code: str
    name: str
    stands: bool


class OrganisationList(BaseModel):
    """A page by tax code; `next` is the key of the following one."""

    organisations: list[OrganisationLine]
    next: str | None


class MandateView(BaseModel):
    """A mandate that the organisation gave; moments in seconds since 1970, `valid_to` excluded."""

    mandate_id: str
    holder: str
    services: list[str]
    functions: list[str]
    valid_from: int
    valid_to: int
    state: MandateState


class OrganisationView(OrganisationLine):
    """One organisation with its legal representatives and its mandates."""

    representatives: list[str]
    mandates: list[MandateView]


class GuardianshipView(BaseModel):
    """A guardianship, or what a guardian asks for; moments in seconds since 1970."""

    guardianship_id: str
    kind: str
    guardian: str
    ward: str
    asked_at: int
    confirmed_at: int | None
    ended_at: int | None
    end: str | None


class GuardianshipSight(GuardianshipView):
    """One of them beside the record of whoever has the ward's number."""

    personal_number: str
    birthdate: str
    known: bool = Field(description="Whether anybody has the number.")
    agrees: bool = Field(description="Whether that record says what the guardian says.")


class GuardianshipList(BaseModel):
    """A page by identifier; `next` is the key of the following one."""

    guardianships: list[GuardianshipView]
    next: str | None


def authorities_api(desk: AuthorityDesk, clock: Clock, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter()
    router.include_router(_organisations_api(desk, clock, gate))
    router.include_router(_guardianships_api(desk, gate))
    return router


def _organisations_api(desk: AuthorityDesk, clock: Clock, gate: Gate) -> APIRouter:
    router = APIRouter(prefix="/organisations", tags=["organisations"])
    Viewer = Annotated[Administrator, gate(Action.AUTHORITIES_VIEW)]  # noqa: N806 -- a type

    @router.get("")
    async def list_organisations(
        admin: Viewer, *, after: Annotated[str, Query(max_length=16)] = ""
    ) -> OrganisationList:
        """Organisations by tax code."""
        found = await desk.organisations(admin, after)
        now = clock.now()
        lines = [
            OrganisationLine(tax_code=each.tax_code, name=each.name, stands=each.stands(now)) for each in found[:PAGE]
        ]
        return OrganisationList(organisations=lines, next=lines[-1].tax_code if len(found) > PAGE else None)

    @router.get("/{tax_code}")
    async def show_organisation(admin: Viewer, tax_code: str) -> OrganisationView:
        """One organisation."""
        found, mandates = await desk.organisation(admin, tax_code)
        now = clock.now()
        return OrganisationView(
            tax_code=found.organisation.tax_code,
            name=found.organisation.name,
            stands=found.organisation.stands(now),
            representatives=sorted(found.people.values()),
            mandates=[_mandate(parties, parties.mandate.state(now)) for parties in mandates],
        )

    return router


def _guardianships_api(desk: AuthorityDesk, gate: Gate) -> APIRouter:
    router = APIRouter(prefix="/guardianships", tags=["guardianships"])
    Viewer = Annotated[Administrator, gate(Action.GUARDIANSHIPS_VIEW)]  # noqa: N806 -- a type
    Asker = Annotated[Administrator, gate(Action.GUARDIANSHIPS_ASK)]  # noqa: N806 -- a type

    @router.get("")
    async def list_guardianships(
        admin: Viewer, *, in_force: bool = False, after: Annotated[str, Query(max_length=64)] = ""
    ) -> GuardianshipList:
        """Those that wait for an office, or those in force."""
        found = await desk.guardianships(admin, waiting=not in_force, after=after)
        told = [GuardianshipView(**_guardianship(each)) for each in found[:PAGE]]
        return GuardianshipList(guardianships=told, next=told[-1].guardianship_id if len(found) > PAGE else None)

    @router.get("/{reference}")
    async def show_guardianship(admin: Viewer, reference: str) -> GuardianshipSight:
        """One of them beside the record."""
        sight = await desk.guardianship(admin, reference)
        details = sight.wardship.details
        return GuardianshipSight(
            **_guardianship(sight.wardship),
            personal_number=details.personal_number,
            birthdate=details.birthdate.isoformat(),
            known=sight.record is not None,
            agrees=sight.agrees,
        )

    @router.post("/{reference}/confirm", status_code=202)
    async def ask_confirmation(admin: Asker, reference: str) -> AskedChange:
        """Ask that it is confirmed."""
        return AskedChange(change_id=(await desk.ask(admin, reference)).change_id)

    @router.post("/{reference}/end", status_code=204)
    async def end_guardianship(admin: Asker, reference: str) -> None:
        """Refuse it, or end it."""
        await desk.end(admin, reference)

    return router


def _mandate(parties: Parties, state: MandateState) -> MandateView:
    mandate = parties.mandate
    return MandateView(
        mandate_id=mandate.mandate_id,
        holder=parties.holder_name,
        services=sorted(mandate.services),
        functions=sorted(mandate.functions),
        valid_from=mandate.valid_from,
        valid_to=mandate.valid_to,
        state=state,
    )


def _guardianship(wardship: Wardship) -> dict[str, Any]:
    found = wardship.guardianship
    return {
        "guardianship_id": found.guardianship_id,
        "kind": found.kind.value,
        "guardian": wardship.guardian_name,
        "ward": wardship.details.name,
        "asked_at": found.asked_at,
        "confirmed_at": found.confirmed_at,
        "ended_at": found.ended_at,
        "end": found.end.value if found.end else None,
    }
