from dataclasses import FrozenInstanceError

import pytest

from clients.mailbox.app import MailboxSettings
from clients.ministry_portal.settings import MinistrySettings
from clients.national_portal.settings import PortalSettings
from clients.payment_gateway.settings import GatewaySettings
from clients.relying_party.cookies import Cookies
from clients.relying_party.http_edge import _security_headers
from clients.relying_party.settings import Environment, SettingRefused, SiteSettings

COMPLETE = {
    "ISSUER": "https://id.example",
    "PORT": "9001",
    "BASE_URL": "https://portal.example/",
    "DATABASE": "portal.db",
    "CLIENT_ID": "national-portal",
    "CLIENT_SECRET": "a secret",
    "OFFICER_CLIENT_ID": "officers",
    "OFFICER_CLIENT_SECRET": "another secret",
    "MINISTRY_URL": "https://ministry.example",
    "GATEWAY_URL": "https://pay.example",
    "PORTAL_URL": "https://portal.example",
}


def test_the_portal_asks_for_the_dossier_scopes_and_the_ministrys_audience() -> None:
    settings = PortalSettings.of(Environment(COMPLETE))
    assert settings.relying_party.site.base_url == "https://portal.example"
    assert settings.relying_party.site.host == "127.0.0.1"
    assert settings.citizens.resources == ("https://ministry.example/api",)
    assert settings.citizens.scope == "openid profile email phone identity authority dossier.read dossier.write"


def test_the_ministry_has_a_client_for_citizens_and_one_for_officers() -> None:
    settings = MinistrySettings.of(Environment(COMPLETE))
    assert (settings.citizens.client_id, settings.officers.client_id) == ("national-portal", "officers")
    assert settings.api_audience == "https://portal.example/api"
    assert settings.agency_code == "G10"


def test_the_gateway_asks_for_more_above_five_million() -> None:
    settings = GatewaySettings.of(Environment(COMPLETE))
    assert (settings.step_up_above, settings.step_up.acr, settings.step_up.max_age) == (5_000_000, "urn:vn:loa:2", 300)


@pytest.mark.parametrize("name", ["ISSUER", "PORT", "DATABASE", "CLIENT_ID", "CLIENT_SECRET", "MINISTRY_URL"])
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(SettingRefused, match=name):
        PortalSettings.of(Environment({key: value for key, value in COMPLETE.items() if key != name}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ISSUER", "http://id.example"),
        ("ISSUER", "id.example"),
        ("ISSUER", "https://id.example/?a=b"),
        ("BASE_URL", "ftp://portal.example"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("PORT", "eight"),
        ("PORT", "-1"),
        ("ID_TOKEN_ALG", "none"),
        ("SESSION_IDLE", "soon"),
    ],
)
def test_a_setting_that_does_not_hold_what_it_should_is_named_and_not_quoted(name: str, value: str) -> None:
    with pytest.raises(SettingRefused, match=name) as refused:
        PortalSettings.of(Environment(COMPLETE | {name: value}))
    assert value not in str(refused.value).removeprefix(name)


def test_wrong_agency_level_and_mailbox_address_are_refused() -> None:
    with pytest.raises(SettingRefused, match="AGENCY_CODE"):
        MinistrySettings.of(Environment(COMPLETE | {"AGENCY_CODE": "10.G"}))
    with pytest.raises(SettingRefused, match="STEP_UP_ACR"):
        GatewaySettings.of(Environment(COMPLETE | {"STEP_UP_ACR": "urn:vn:loa:9"}))
    with pytest.raises(SettingRefused, match="HOST"):
        MailboxSettings.of(Environment(COMPLETE | {"MAIL_DIRECTORY": "mail", "HOST": "0.0.0.0"}))


def test_settings_are_frozen() -> None:
    settings = PortalSettings.of(Environment(COMPLETE))
    with pytest.raises(FrozenInstanceError):
        settings.ministry_url = "https://evil.example"  # type: ignore[misc]


def test_on_https_cookies_are_host_bound_and_transport_is_strict() -> None:
    from starlette.responses import Response

    response = Response()
    Cookies("portal", SiteSettings("https://portal.example", "127.0.0.1", 9001)).set_session(response, "v")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-portal_session=v")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    names = [name for name, _ in _security_headers(is_https=True, form_targets=())]
    assert b"strict-transport-security" in names
