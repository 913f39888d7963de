"""The national portal, put together."""

import os
from pathlib import Path

import httpx

from clients.national_portal import dossier_pages
from clients.national_portal.dossier_pages import Portal
from clients.national_portal.dossier_store import DossierStore
from clients.national_portal.ministry_client import MinistryClient
from clients.national_portal.settings import PortalSettings
from clients.relying_party import routes
from clients.relying_party.application import Identity, assemble, behind_edge, build_application
from clients.relying_party.clock import Clock, SystemClock
from clients.relying_party.http_edge import HttpEdge
from clients.relying_party.settings import Environment


def build_app(
    settings: PortalSettings, *, clock: Clock | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> HttpEdge:
    """Return the ASGI application; opens its database and calls nobody."""
    links = {"gateway": settings.gateway_url, "ministry": settings.ministry_url}
    identity = Identity("national_portal", Path(__file__).parent, links)
    party = assemble(
        identity, settings.relying_party, [settings.citizens], clock=clock or SystemClock(), transport=transport
    )
    application = build_application(identity, party)
    application.state.portal = Portal(MinistryClient(settings, party.http, party.tokens), DossierStore(party.database))
    for router in (routes.router, dossier_pages.router):
        application.include_router(router)
    return behind_edge(application, settings.relying_party.site, [settings.relying_party.issuer])


def from_environment() -> HttpEdge:
    return build_app(PortalSettings.of(Environment(os.environ)))
