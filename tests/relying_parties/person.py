"""A person in front of a browser without script: follows redirects, fills in forms, stops where the service answers."""

from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx
import pyotp

from tests.flows.provider import Page
from tests.server import CITIZEN, PASSWORD, TOTP_SECRET

LONGEST_WAY = 15


class Person:
    """One browser with its cookies."""

    def __init__(self, *, stops_at: str) -> None:
        """`stops_at` begins the address at which somebody else reads on."""
        self.http = httpx.Client(timeout=30)
        self.stops_at = stops_at

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def open(self, url: str) -> Page:
        """Open an address."""
        return self._follow(self.http.get(url))

    def submit(self, page: Page, form_id: str, **fields: str) -> Page:
        """Fill in a form and send it."""
        action, hidden = page.form(form_id)
        return self._follow(self.http.post(urljoin(str(page.response.url), action), data={**hidden, **fields}))

    def sign_in(self, page: Page, username: str = CITIZEN) -> Page:
        """Give user name and password, a one-time code if it is asked, and agree to what is shared."""
        page = self.submit(page, "sign-in", username=username, password=PASSWORD)
        if page.has_form("otp"):
            page = self.submit(page, "otp", code=pyotp.TOTP(TOTP_SECRET).now())
        if page.has_form("consent"):
            page = self.submit(page, "consent", decision="allow")
        return page

    def answer(self, page: Page) -> str:
        """The address that the service gets its answer at."""
        place = page.response.headers.get("location", "")
        assert place.startswith(self.stops_at), f"{page.status} {page.path}: {page.error_code or page.text[:400]}"
        return str(place)

    def _follow(self, response: httpx.Response) -> Page:
        for _ in range(LONGEST_WAY):
            place = response.headers.get("location")
            if not place or place.startswith(self.stops_at):
                return Page(response)
            response = self.http.get(urljoin(str(response.url), place))
        raise AssertionError(f"redirected in a circle at {response.url}")
