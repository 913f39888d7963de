"""Front-channel logout and session management in a real browser: frames that load, a page that goes on by itself."""

import base64
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page

from tests.server import PASSWORD, ProviderProcess, provider, provider_process

__all__ = ["provider", "provider_process"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECRET = "portal-secret-portal-secret-portal"
# What section 3.1 of Session Management has a relying party do, once instead of every few seconds.
WATCHING = """<!doctype html><title>Watching</title><p id="answer"></p><iframe id="op" src="%(frame)s"></iframe>
<script>
addEventListener('message', function (event) {
  if (event.origin === %(origin)s) document.getElementById('answer').textContent = event.data;
});
document.getElementById('op').onload = function () {
  this.contentWindow.postMessage(%(message)s, %(origin)s);
};
</script>"""


class RelyingParty:
    """A website on loopback: it keeps what it was asked, and watches the provider through a frame.

    The frame of its sign-out is answered when `signing_out` is set: the page around it stays while a test looks at it.
    """

    def __init__(self) -> None:
        party = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                party.asked.append(self.path)
                if self.path.startswith("/out"):
                    party.signing_out.wait(timeout=30)
                page = party.watching.encode() if self.path.startswith("/watch") else b"<!doctype html><title>.</title>"
                self.send_response(200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        self.asked: list[str] = []
        self.watching = ""
        self.signing_out = threading.Event()
        self.signing_out.set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self.port: int = self.server.server_address[1]
        self.url = f"http://localhost:{self.port}"

    def of(self, path: str) -> list[dict[str, list[str]]]:
        """The queries that came to a path."""
        return [parse_qs(urlsplit(asked).query) for asked in self.asked if urlsplit(asked).path == path]


@contextmanager
def serving() -> Iterator[RelyingParty]:
    party = RelyingParty()
    thread = threading.Thread(target=party.server.serve_forever)
    thread.start()
    try:
        yield party
    finally:
        party.server.shutdown()
        thread.join()
        party.server.server_close()


@pytest.fixture(scope="module")
def party() -> Iterator[RelyingParty]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def records(party: RelyingParty) -> str:
    return f"""
people:
  - {{personal_number: "001099000001", name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2,
      email: an@example.vn, password: {PASSWORD}}}
clients:
  - {{client_id: portal, client_secret: {SECRET}, client_name: Cổng thử, redirect_uris: ["{party.url}/callback"],
      post_logout_redirect_uris: ["{party.url}/signed-out"], frontchannel_logout_uri: "{party.url}/out?tenant=1",
      scope: openid profile, skip_consent: true, id_token_signed_response_alg: ES256}}
"""


def sign_in(page: Page, provider: ProviderProcess, party: RelyingParty) -> tuple[str, str]:
    """Sign in at the relying party: the ID token, and the session state."""
    request = {
        "client_id": "portal",
        "redirect_uri": f"{party.url}/callback",
        "response_type": "code",
        "scope": "openid",
    }
    page.goto(f"{provider.url}/authorize?{urlencode(request)}")
    page.fill("#sign-in [name=username]", "001099000001")
    page.fill("#sign-in [name=password]", PASSWORD)
    page.click("#submit")
    page.wait_for_url(f"{party.url}/callback**")
    answer = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": request["redirect_uri"]}
    redeem = urllib.request.Request(f"{provider.url}/token", urlencode(form).encode())
    redeem.add_header("authorization", f"Basic {base64.b64encode(f'portal:{SECRET}'.encode()).decode()}")
    with urllib.request.urlopen(redeem, timeout=10) as response:
        return str(json.load(response)["id_token"]), answer["session_state"]


def frame_says(page: Page, provider: ProviderProcess, party: RelyingParty, state: str, host: str = "localhost") -> str:
    """What the provider's frame answers a page of the relying party."""
    parts = {"origin": json.dumps(provider.url), "message": json.dumps(f"portal {state}")}
    party.watching = WATCHING % {"frame": f"{provider.url}/check-session", **parts}
    page.goto(f"http://{host}:{party.port}/watch")
    page.wait_for_function("document.getElementById('answer').textContent !== ''")
    return page.inner_text("#answer")


def test_a_sign_out_loads_the_frames_and_then_goes_on_to_the_service(
    page: Page, provider: ProviderProcess, party: RelyingParty
) -> None:
    breaches: list[str] = []
    page.on("console", lambda message: breaches.append(message.text) if "Content Security" in message.text else None)
    id_token, _ = sign_in(page, provider, party)

    query = urlencode(
        {"id_token_hint": id_token, "post_logout_redirect_uri": f"{party.url}/signed-out", "state": "s&1"}
    )
    party.signing_out.clear()
    page.goto(f"{provider.url}/logout?{query}", wait_until="domcontentloaded")
    assert page.get_attribute("main", "data-state") == "signed-out"
    party.signing_out.set()
    page.wait_for_url(f"{party.url}/signed-out**")

    assert page.url == f"{party.url}/signed-out?state=s%261"
    ((loaded,), (arrived,)) = party.of("/out"), party.of("/signed-out")
    assert loaded["tenant"] == ["1"]
    assert loaded["iss"] == [provider.url]
    assert loaded.keys() == {"tenant", "iss", "sid"}
    assert arrived == {"state": ["s&1"]}
    assert breaches == []


def test_a_frame_that_hangs_holds_nobody_back(page: Page, provider: ProviderProcess, party: RelyingParty) -> None:
    id_token, _ = sign_in(page, provider, party)
    query = urlencode({"id_token_hint": id_token, "post_logout_redirect_uri": f"{party.url}/signed-out"})
    party.signing_out.clear()
    try:
        page.goto(f"{provider.url}/logout?{query}", wait_until="domcontentloaded")
        page.wait_for_url(f"{party.url}/signed-out**", timeout=15_000)
    finally:
        party.signing_out.set()


def test_the_frame_says_unchanged_until_the_person_signs_out(
    page: Page, provider: ProviderProcess, party: RelyingParty
) -> None:
    id_token, state = sign_in(page, provider, party)
    assert frame_says(page, provider, party, state) == "unchanged"

    page.goto(f"{provider.url}/logout?{urlencode({'id_token_hint': id_token})}")

    assert frame_says(page, provider, party, state) == "changed"


def test_a_site_from_whose_frames_the_browser_keeps_cookies_is_told_an_error_and_no_change(
    page: Page, provider: ProviderProcess, party: RelyingParty
) -> None:
    _, state = sign_in(page, provider, party)

    assert frame_says(page, provider, party, state, host="127.0.0.1") == "error"
