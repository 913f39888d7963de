"""Services whose callback sends people on to another host: brokers, and portals with a sign-in host of their own."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Page

from tests.server import PASSWORD, ProviderProcess, provider, provider_process

__all__ = ["provider", "provider_process"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Redirecting(BaseHTTPRequestHandler):
    """Known as `localhost`; whoever comes to the callback is sent on to the same port of another host and site."""

    def do_GET(self) -> None:
        is_callback = urlsplit(self.path).path == "/callback"
        self.send_response(302 if is_callback else 200)
        if is_callback:
            self.send_header("location", f"http://127.0.0.1:{self.server.server_port}/home")  # type: ignore[attr-defined]
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>.</title>")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def records(port: int) -> str:
    return f"""
people:
  - {{personal_number: "001099000001", name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2,
      email: an@example.vn, password: {PASSWORD}}}
clients:
  - {{client_id: broker, client_secret: broker-secret-broker-secret-broker, client_name: Cổng trung gian,
      redirect_uris: ["http://localhost:{port}/callback"], scope: openid profile}}
"""


@pytest.mark.parametrize("response_mode", ["query", "form_post"])
def test_the_way_goes_on_after_each_form(page: Page, provider: ProviderProcess, port: int, response_mode: str) -> None:
    request = {
        "client_id": "broker",
        "redirect_uri": f"http://localhost:{port}/callback",
        "response_type": "code",
        "response_mode": response_mode,
        "scope": "openid profile",
        "prompt": "login consent",
    }
    page.goto(f"{provider.url}/authorize?{urlencode(request)}")
    page.fill("#sign-in [name=username]", "001099000001")
    page.fill("#sign-in [name=password]", PASSWORD)
    page.click("#submit")
    page.click("#allow")
    page.wait_for_url(f"http://127.0.0.1:{port}/home")
