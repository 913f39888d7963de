"""The simulated register itself: its people, what it answers, and what it tells the provider."""

import time

import httpx
from starlette.responses import JSONResponse, Response

from clients.population_registry.events import EventPush, Notice
from clients.population_registry.faults import Faults, FaultSwitch
from clients.population_registry.people import PEOPLE

BY_DEATH = {"death": "deceased", "death-annulled": "alive"}


class SimulatedRegister:
    """Keeps its people in memory: what was changed is as it was after a restart."""

    def __init__(self, faults: Faults, push: EventPush | None) -> None:
        """`push` is None when nothing is pushed."""
        self._people = {person.personal_number: person for person in PEOPLE}
        self._push = push
        self.switch = FaultSwitch(faults)

    async def find(self, personal_number: str) -> Response:
        """Return the answer about one person, or what the faults in force make of it."""
        fault = await self.switch.meet()
        person = self._people.get(personal_number)
        return fault or JSONResponse({"simulation": True, "person": person.model_dump() if person else None})

    async def happen(self, notice: Notice) -> Response:
        """Let something happen, and tell the provider; return what it said."""
        person = self._people.get(notice.subject)
        if person and notice.kind in BY_DEATH:
            self._people[notice.subject] = person.model_copy(update={"life_status": BY_DEATH[notice.kind]})
        if self._push is None:
            return JSONResponse({"error": "EVENTS_KEY is not set: nothing was pushed"}, status_code=409)
        try:
            status, text = await self._push.send(notice, time.time())
        except httpx.HTTPError as error:
            return JSONResponse({"error": f"the provider does not answer ({type(error).__name__})"}, status_code=502)
        return JSONResponse({"provider_status": status, "provider_answer": text})
