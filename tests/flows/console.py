"""Administrators at their desks: signed in at the console, or with an access token for its JSON API."""

from typing import Any, Final

from idp.domain.offices.administration import Role
from idp.protocol.resources.administration_access import PATH as API
from tests.flows.provider import ISSUER, Browser, Page, Provider

PASSWORD: Final = "another horse battery staple"
USERNAMES: Final = {
    Role.PROOFING_OFFICER: "proofing@g10.example.vn",
    Role.AGENCY_ADMIN: "agency@g10.example.vn",
    Role.IDENTITY_ADMIN: "identity@g10.example.vn",
    Role.CLIENT_ADMIN: "client@g10.example.vn",
    Role.SECURITY_ADMIN: "security@g10.example.vn",
    Role.AUDITOR: "auditor@g10.example.vn",
}
COLLEAGUES: Final = {
    role: name.replace("@g10", "2@g10") for role, name in USERNAMES.items() if role is not Role.AUDITOR
}


async def at_the_desk(provider: Provider, username: str, path: str = "/admin") -> tuple[Browser, Page]:
    """An officer's browser, signed in with two factors, and the page that it asked for."""
    browser = provider.browser()
    page = await browser.sign_in(await browser.get(path), username, PASSWORD)
    assert page.status == 200, (page.path, page.error_code)
    return browser, page


async def api_token(provider: Provider, username: str, level: int = 2) -> str:
    """An access token for the JSON API, by the client that administrators use."""
    browser = provider.browser()
    page = await browser.authorize(
        "console-client", scope="openid admin", resource=ISSUER + API, acr_values=f"urn:vn:loa:{level}"
    )
    page = await browser.sign_in(page, username, PASSWORD)
    response = await browser.redeem(page, "console-client", resource=ISSUER + API)
    tokens: dict[str, Any] = response.json()
    assert response.status_code == 200, tokens
    return str(tokens["access_token"])


class Api:
    """The JSON API as one officer calls it."""

    def __init__(self, provider: Provider, token: str) -> None:
        self._http = provider.client()
        self._headers = {"authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and content."""
        response = await self._http.request(method, API + path, json=body, headers=self._headers)
        return response.status_code, response.json() if response.content else None


async def api_of(provider: Provider, username: str) -> Api:
    """The API with the officer's token."""
    return Api(provider, await api_token(provider, username))
