"""`/api/admin/people`: the people room, for programs; the purpose is told first there too."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from idp.domain.accounts.account_lock import AccountLock
from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.people import PeopleQuery, PeopleRoom, PersonSight
from idp.web.api.gate import Gate


class PeopleSearchRequest(BaseModel):
    """A whole identifier, or words of a name and when the person was born."""

    model_config = ConfigDict(extra="forbid")

    purpose: str = Field(max_length=32)
    reference: str = Field(max_length=64)
    identifier: str = Field("", max_length=200)
    name: str = Field("", max_length=200)
    born: str = Field("", max_length=10, description="A year, or a date.")


class TicketAnswer(BaseModel):
    """Where to go on for a quarter of an hour: a person, or (`is_list`) a list."""

    ticket: str
    is_list: bool


class FoundPerson(BaseModel):
    """One of a list; `pick` opens the record."""

    pick: str
    name: str | None
    birthdate: str | None
    identity_level: int


class FoundPeopleAnswer(BaseModel):
    """A page; `after` goes on, null at its end. It may be short, or empty, before that."""

    people: list[FoundPerson]
    after: str | None


class PickRequest(BaseModel):
    """Whom to open."""

    model_config = ConfigDict(extra="forbid")

    pick: str = Field(max_length=512)


class HeldLockAnswer(BaseModel):
    """A lock; `ended` is null while it is open."""

    ground: str
    since: int
    ended: int | None


class PersonAnswer(BaseModel):
    """One person. `account_id` is null when the account was merged into another one."""

    personal_number: str
    former_numbers: list[str]
    identity_level: int
    level_expires_at: int | None
    claims: dict[str, Any]
    verification: dict[str, Any] | None
    account_id: str | None
    status: str | None
    authenticators: list[str]
    locks: list[HeldLockAnswer]
    events: list[tuple[int, str]]


def people_api(room: PeopleRoom, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/people", tags=["people"])
    Finder = Annotated[Administrator, gate(Action.PEOPLE_FIND)]  # noqa: N806 -- a type

    @router.post("/search")
    async def search_people(admin: Finder, asked: PeopleSearchRequest) -> TicketAnswer:
        """Look for somebody; who is found learns of it."""
        found = await room.find(admin, PeopleQuery(**asked.model_dump()))
        return TicketAnswer(ticket=found.ticket, is_list=found.is_list)

    @router.get("/found/{ticket}")
    async def found_people(admin: Finder, ticket: str, after: str = "") -> FoundPeopleAnswer:
        """A page of those whom a search by name found."""
        found = await room.listed(admin, ticket, after)
        people = [
            FoundPerson(
                pick=each.pick,
                name=each.record.claims.get("name"),
                birthdate=each.record.claims.get("birthdate"),
                identity_level=each.record.identity_level,
            )
            for each in found.rows
        ]
        return FoundPeopleAnswer(people=people, after=found.after)

    @router.post("/found/{ticket}")
    async def pick_person(admin: Finder, ticket: str, asked: PickRequest) -> TicketAnswer:
        """Open the record of one of them."""
        return TicketAnswer(ticket=await room.pick(admin, ticket, asked.pick), is_list=False)

    @router.get("/{ticket}")
    async def person(admin: Finder, ticket: str) -> PersonAnswer:
        """One person's record and account."""
        return _person(await room.see(admin, ticket))

    return router


def _person(sight: PersonSight) -> PersonAnswer:
    record, account = sight.record, sight.account
    return PersonAnswer(
        personal_number=record.personal_number,
        former_numbers=list(record.former_numbers),
        identity_level=record.identity_level,
        level_expires_at=record.level_expires_at,
        claims=dict(record.claims),
        verification=None if record.verification is None else dict(record.verification),
        account_id=None if account is None else account.account_id,
        status=None if account is None else account.status.value,
        authenticators=[each.kind.value for each in sight.authenticators],
        locks=[_lock(lock) for lock in sight.locks],
        events=[(each.at_milliseconds, each.name) for each in sight.events],
    )


def _lock(lock: AccountLock) -> HeldLockAnswer:
    return HeldLockAnswer(ground=lock.ground.value, since=lock.since, ended=lock.ended)
