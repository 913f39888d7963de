from dataclasses import replace

import pytest

from idp.domain.clients.client import Client
from idp.domain.clients.registration import Registration
from idp.domain.ids import ClientId, Seconds, TokenHash
from idp.domain.levels.assurance import Level
from idp.protocol.authorize.request import AuthorizationRequest, ResponseTarget
from idp.protocol.claims.claims import parse_claims_parameter
from idp.web.pages.desk import Desk, client_view, named_client
from idp.web.pages.visit import Reception
from tests.protocol.authorize.signed_in import needing
from tests.web.pages.standing import visit_of

CLIENT = Client(
    ClientId("client"),
    names={"vi": "Dịch vụ", "en": "Service"},
    policy_uris={"en": "https://rp.example/en", "": "https://rp.example/any"},
    tos_uris={"fr": "https://rp.example/fr"},
    scopes=frozenset({"openid", "profile", "email"}),
)


def request(**changes: object) -> AuthorizationRequest:
    target = ResponseTarget("https://rp.example/cb", "query", None)
    fields = {"client": CLIENT, "target": target, "scopes": ("openid",), "assurance": needing(Level.ONE), **changes}
    return AuthorizationRequest(**fields)  # type: ignore[arg-type]


def test_a_page_is_never_stored_and_runs_no_script(desk: Desk, reception: Reception) -> None:
    answer = desk.error(visit_of(reception), "not_found", 404)
    headers = dict(answer.headers)

    assert answer.status == 404
    assert headers[b"cache-control"] == b"no-store"
    assert b"script-src" not in headers[b"content-security-policy"]
    assert b"<script" not in answer.body


def test_a_redirect_is_followed_with_a_get(desk: Desk, reception: Reception) -> None:
    answer = desk.redirect(visit_of(reception, "POST"), "/x")

    assert answer.status == 303
    assert (b"location", b"/x") in answer.headers
    assert answer.body == b""


@pytest.mark.parametrize("code", ["invalid_request", "server_error", "no-such-code", '"><b>'])
def test_every_error_is_named_for_machines_and_escaped(desk: Desk, reception: Reception, code: str) -> None:
    body = desk.error(visit_of(reception), code, 400, detail="<i>").body.decode()

    assert "<i>" not in body
    assert '"><b>"' not in body
    assert "<code>&#34;&gt;" in body or "><b>" not in code
    assert 'data-error="' in body


def test_a_client_is_named_in_the_language_of_the_page() -> None:
    vietnamese, english = client_view(request(), "vi"), client_view(request(), "en")

    assert vietnamese
    assert english
    assert (vietnamese.name, english.name) == ("Dịch vụ", "Service")
    assert (vietnamese.policy_uri, english.policy_uri) == ("https://rp.example/any", "https://rp.example/en")
    assert vietnamese.tos_uri == "https://rp.example/fr"
    assert client_view(None, "vi") is None


def test_a_client_is_shown_with_what_it_receives_and_openid_is_nothing() -> None:
    claims = parse_claims_parameter('{"userinfo": {"email": null, "name": null, "phone_number": null}}')

    view = client_view(request(scopes=("openid", "profile"), claims=claims), "vi")

    assert view
    assert view.receives == ("profile", "email")


ITSELF = Registration(TokenHash(b"h"), Seconds(0))


def test_a_service_that_registered_itself_says_so_and_where_it_leads() -> None:
    itself = replace(CLIENT, registration=ITSELF)
    asked, app, known = (
        client_view(request(client=itself), "vi"),
        client_view(request(client=itself, target=ResponseTarget("com.example.app:/cb", "query", None)), "vi"),
        client_view(request(), "vi"),
    )
    assert asked
    assert app
    assert known
    assert (asked.registered_itself, asked.leads_to) == (True, "rp.example")
    assert app.leads_to == "com.example.app:"
    assert (known.registered_itself, known.leads_to) == (False, None)
    assert named_client(itself, "vi").registered_itself


@pytest.mark.parametrize(
    ("logo", "redirect_uri", "is_shown"),
    [
        ("https://rp.example/logo.png", "https://rp.example/cb", True),
        ("https://gov.example/logo.png", "https://rp.example/cb", False),
        ("https://gov.example/logo.png", "com.example.app:/cb", False),
        ("https://other.example/logo.png", "https://rp.example/cb", False),
    ],
)
def test_a_service_that_registered_itself_shows_no_logo_of_another(
    logo: str, redirect_uri: str, *, is_shown: bool
) -> None:
    target = ResponseTarget(redirect_uri, "query", None)
    uris = ("https://rp.example/cb", "https://other.example/cb")
    client = replace(CLIENT, logo_uri=logo, redirect_uris=uris)
    known = client_view(request(client=client, target=target), "vi")
    itself = client_view(request(client=replace(client, registration=ITSELF), target=target), "vi")
    assert known
    assert itself
    assert known.logo_uri == logo
    assert (itself.logo_uri == logo) is is_shown
