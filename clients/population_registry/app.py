"""The simulated register, put together. Whoever reaches it has shown a certificate of its authority (mutual TLS)."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse, Response

from clients.population_registry.events import EventPush, Notice
from clients.population_registry.faults import Faults
from clients.population_registry.register import SimulatedRegister
from clients.population_registry.settings import RegistrySettings
from clients.relying_party.application import behind_edge
from clients.relying_party.http_edge import HttpEdge
from clients.relying_party.settings import Environment

ABOUT = "Simulated population register: everybody in it is invented, and nothing it says is true of anybody."


class Asked(BaseModel):
    """Whom the provider asks about."""

    personal_number: str = Field(max_length=32)


def build_app(settings: RegistrySettings, transport: httpx.AsyncBaseTransport | None = None) -> HttpEdge:
    """Return the ASGI application; `transport` carries its events somewhere else than to the network."""
    http = httpx.AsyncClient(transport=transport, timeout=5, trust_env=False)
    push = EventPush(settings.provider, settings.client_id, settings.events_key, http) if settings.events_key else None
    register = SimulatedRegister(settings.faults, push)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await http.aclose()

    application = FastAPI(title="population-register-simulation", openapi_url=None, lifespan=lifespan)

    @application.get("/")
    def about() -> dict[str, object]:
        return {"simulation": True, "about": ABOUT}

    @application.get("/livez")
    def livez() -> Response:
        return PlainTextResponse("ok")

    @application.post("/people/find")
    async def find(asked: Asked) -> Response:
        return await register.find(asked.personal_number)

    @application.get("/control")
    def faults() -> Faults:
        return register.switch.faults

    @application.put("/control")
    def turn(wanted: Faults) -> Faults:
        register.switch.faults = wanted
        return wanted

    @application.post("/events")
    async def happen(notice: Notice) -> Response:
        return await register.happen(notice)

    return behind_edge(application, settings.site)


def from_environment() -> HttpEdge:
    return build_app(RegistrySettings.of(Environment(os.environ)))
