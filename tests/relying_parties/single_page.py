"""A service that is one page with script: oidc-client-ts in it, as published, from a server of its own."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Page

from tests.relying_parties.installed import browser_library
from tests.server import CITIZEN, PASSWORD

PAGE = """<!doctype html>
<html lang="en"><title>One page</title><h1>One page</h1>
<script src="/oidc-client-ts.js"></script>
<script>
const settings = {settings};
if (settings.proofs) settings.dpop = {{ bind_authorization_code: true, store: new oidc.IndexedDbDPoPStore() }};
window.manager = new oidc.UserManager(settings);
</script></html>
"""


@dataclass
class SinglePage:
    """The page's server; `settings` are those of the library's `UserManager`."""

    port: int
    settings: dict[str, Any]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def document(self) -> bytes:
        addresses = {"redirect_uri": f"{self.url}/callback", "post_logout_redirect_uri": f"{self.url}/signed-out"}
        # Tokens are renewed when a test says so, not by a timer; the library asks userinfo as a bearer only.
        bearer = not self.settings.get("proofs")
        chosen = {**addresses, "automaticSilentRenew": False, "loadUserInfo": bearer, **self.settings}
        return PAGE.format(settings=json.dumps(chosen)).encode()


@contextmanager
def served(single_page: SinglePage) -> Iterator[None]:
    """Serve the page until the block ends."""
    library = browser_library()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path == "/oidc-client-ts.js"
            body = library if script else single_page.document()
            self.send_response(200)
            self.send_header("content-type", "text/javascript" if script else "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", single_page.port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def sign_in(page: Page, single_page: SinglePage) -> dict[str, Any]:
    """Sign in by redirect: the user as the library keeps him."""
    page.goto(single_page.url)
    page.evaluate("void manager.signinRedirect()")
    page.wait_for_selector("#sign-in")
    page.fill("#sign-in [name=username]", CITIZEN)
    page.fill("#sign-in [name=password]", PASSWORD)
    page.click("#submit")
    page.wait_for_url(f"{single_page.url}/callback?*")
    user: dict[str, Any] = page.evaluate(
        "manager.signinRedirectCallback().then(user => ({...user, access_token: user.access_token}))"
    )
    return user
