"""The provider double and the three relying parties on one pretended network, without sockets."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from clients.ministry_portal.app import build_app as build_ministry
from clients.ministry_portal.settings import MinistrySettings
from clients.national_portal.app import build_app as build_portal
from clients.national_portal.settings import PortalSettings
from clients.payment_gateway.app import build_app as build_gateway
from clients.payment_gateway.settings import GatewaySettings
from clients.relying_party.application import RelyingParty
from clients.relying_party.http_edge import HttpEdge
from clients.relying_party.settings import Environment
from tests.clients.provider_double import ISSUER, FixedClock, ProviderDouble

PORTAL, MINISTRY, GATEWAY = "http://localhost:9001", "http://localhost:9002", "http://localhost:9003"
SECRETS = {
    "national-portal": "portal secret/+",
    "ministry-portal": "ministry secret",
    "ministry-portal-officers": "officers secret",
    "payment-gateway": "gateway secret",
}


@dataclass
class Network(httpx.AsyncBaseTransport):
    """Carries requests to the application that listens on the port; some may be down."""

    apps: dict[int, Any] = field(default_factory=dict)
    down: set[int] = field(default_factory=set)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        port = request.url.port or 80
        if port in self.down or port not in self.apps:
            raise httpx.ConnectError("nobody listens", request=request)
        # A browser or another service does not see our exceptions either.
        transport = httpx.ASGITransport(self.apps[port], raise_app_exceptions=False)
        return await transport.handle_async_request(request)


@dataclass
class Town:
    clock: FixedClock
    network: Network
    provider: ProviderDouble
    portal: HttpEdge
    ministry: HttpEdge
    gateway: HttpEdge

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.network, follow_redirects=True)

    async def citizen(self) -> httpx.AsyncClient:
        """A browser already signed in at the portal."""
        browser = self.browser()
        assert (await browser.get(f"{PORTAL}/sign-in")).status_code == 200
        return browser

    def access_token(self, scope: str, *, audience: str = f"{MINISTRY}/api", **claims: Any) -> str:
        client_id = claims.pop("client_id", "national-portal")
        return self.provider.signed(
            self.provider.access_token_claims(client_id, audience, scope, **claims), typ="at+jwt"
        )

    async def api(self, method: str, path: str, token: str | None = None, **request: Any) -> httpx.Response:
        headers = request.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        async with self.browser() as client:
            return await client.request(method, f"{MINISTRY}{path}", headers=headers, **request)


def build_town(folder: Path) -> Town:
    clock = FixedClock()
    network = Network()
    provider = ProviderDouble(clock, SECRETS)
    peers = {"MINISTRY_URL": MINISTRY, "GATEWAY_URL": GATEWAY, "PORTAL_URL": PORTAL}

    def environment(client_id: str, port: int, **more: str) -> Environment:
        own = {"CLIENT_ID": client_id, "CLIENT_SECRET": SECRETS[client_id], "PORT": str(port)}
        database = str(folder / f"{client_id}.db")
        return Environment({"ISSUER": ISSUER, "DATABASE": database, **peers, **own, **more})

    officers = {
        "OFFICER_CLIENT_ID": "ministry-portal-officers",
        "OFFICER_CLIENT_SECRET": SECRETS["ministry-portal-officers"],
    }
    portal = build_portal(PortalSettings.of(environment("national-portal", 9001)), clock=clock, transport=network)
    ministry = build_ministry(
        MinistrySettings.of(environment("ministry-portal", 9002, **officers)), clock=clock, transport=network
    )
    gateway = build_gateway(GatewaySettings.of(environment("payment-gateway", 9003)), clock=clock, transport=network)
    network.apps |= {9000: provider.app, 9001: portal, 9002: ministry, 9003: gateway}
    return Town(clock, network, provider, portal, ministry, gateway)


def party(app: HttpEdge) -> RelyingParty:
    found: RelyingParty = app.app.state.party  # type: ignore[attr-defined]
    return found


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name} on {page.url}"
    return found[1]


def fields(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the page's main form."""
    main = page.text[page.text.index("<main") :]
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', main))


def state_of(page: httpx.Response) -> str:
    found = re.search(r'id="status" data-status="([^"]*)"', page.text)
    assert found, f"no status on {page.url}"
    return found[1]


def error_of(page: httpx.Response) -> str | None:
    found = re.search(r'data-error="([^"]*)"', page.text)
    return found[1] if found else None
