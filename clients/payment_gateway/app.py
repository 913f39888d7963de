"""The payment gateway, put together."""

import os
from pathlib import Path

import httpx

from clients.payment_gateway import payment_pages
from clients.payment_gateway.gateway import Gateway
from clients.payment_gateway.ministry_client import MinistryClient
from clients.payment_gateway.payment_store import PaymentStore
from clients.payment_gateway.settings import GatewaySettings
from clients.relying_party import routes
from clients.relying_party.application import Identity, assemble, behind_edge, build_application
from clients.relying_party.clock import Clock, SystemClock
from clients.relying_party.http_edge import HttpEdge
from clients.relying_party.settings import Environment


def build_app(
    settings: GatewaySettings, *, clock: Clock | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> HttpEdge:
    """Return the ASGI application; opens its database and calls nobody."""
    identity = Identity(
        "payment_gateway",
        Path(__file__).parent,
        {"portal": settings.portal_url, "ministry": settings.ministry_url},
    )
    clock = clock or SystemClock()
    party = assemble(identity, settings.relying_party, [settings.payers], clock=clock, transport=transport)
    ministry = MinistryClient(settings, party.http, party.clients[settings.payers.client_id], clock)
    gateway = Gateway(settings, PaymentStore(party.database), ministry, clock)
    application = build_application(identity, party, [gateway.keep_reporting])
    application.state.gateway = gateway
    for router in (routes.router, payment_pages.router):
        application.include_router(router)
    return behind_edge(application, settings.relying_party.site, [settings.relying_party.issuer])


def from_environment() -> HttpEdge:
    return build_app(GatewaySettings.of(Environment(os.environ)))
