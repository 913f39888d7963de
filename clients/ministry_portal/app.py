"""The ministry's portal, put together."""

import os
from pathlib import Path

import httpx

from clients.ministry_portal import api, citizen_pages, officer_pages
from clients.ministry_portal.dossier_store import DossierStore
from clients.ministry_portal.ministry import Ministry
from clients.ministry_portal.settings import MinistrySettings
from clients.relying_party import routes
from clients.relying_party.application import Identity, assemble, behind_edge, build_application
from clients.relying_party.clock import Clock, SystemClock
from clients.relying_party.http_edge import HttpEdge
from clients.relying_party.settings import Environment


def build_app(
    settings: MinistrySettings, *, clock: Clock | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> HttpEdge:
    """Return the ASGI application; opens its database and calls nobody."""
    identity = Identity("ministry_portal", Path(__file__).parent, {"gateway": settings.gateway_url})
    party = assemble(
        identity,
        settings.relying_party,
        [settings.citizens, settings.officers],
        clock=clock or SystemClock(),
        transport=transport,
    )
    application = build_application(identity, party)
    application.state.ministry = Ministry(settings, DossierStore(party.database, settings.agency_code))
    for router in (routes.router, citizen_pages.router, officer_pages.router):
        application.include_router(router)
    api.install_api(application)
    return behind_edge(application, settings.relying_party.site, [settings.relying_party.issuer])


def from_environment() -> HttpEdge:
    return build_app(MinistrySettings.of(Environment(os.environ)))
