"""The person's side in a real browser: what left and why, a receipt, a correction by two officials, a copy, closing."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.server import PASSWORD, TOTP_SECRET, ProviderProcess, provider_process

__all__ = ["provider_process"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOTS = os.environ.get("SCREENSHOTS")
"""A folder for a picture of every page, for whoever wants to look."""

AN, CALLBACK, SECRET = "001099000001", "http://localhost:9/callback", "a-client-secret-for-tests-only"
RECORDS = f"""
agencies: [{{code: H26, name: Công an thành phố Thử nghiệm, kind: province}}]
people:
  - {{personal_number: "{AN}", name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2, email: an@example.vn,
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001185000002", name: Lê Thị Hoa, birthdate: 1985-03-04, gender: female, level: 2}}
  - {{personal_number: "001085000003", name: Lê Văn Minh, birthdate: 1985-07-08, gender: male, level: 2}}
officers:
  - {{personal_number: "001185000002", agency: H26, position: Cán bộ, roles: [identity_admin], username: hoa@h26.vn,
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001085000003", agency: H26, position: Cán bộ, roles: [identity_admin], username: minh@h26.vn,
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
clients:
  - client_id: cinema
    client_secret: {SECRET}
    client_name: Rạp chiếu phim
    redirect_uris: ["{CALLBACK}"]
    scope: openid profile
    claims:
      name: {{purpose: Để in vé, legal_basis: consent}}
      age_over_18: {{purpose: Để bán vé phim người lớn, legal_basis: law}}
"""


@pytest.fixture(scope="module")
def provider(provider_process: Callable[..., ProviderProcess]) -> ProviderProcess:
    made = provider_process()
    made.load(RECORDS)
    made.start()
    return made


@pytest.fixture
def opened(chrome: Browser) -> Iterator[Callable[[], Page]]:
    contexts = []

    def made() -> Page:
        contexts.append(chrome.new_context(locale="vi-VN"))
        return contexts[-1].new_page()

    yield made
    for context in contexts:
        context.close()


def sign_in(page: Page, username: str) -> None:
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_load_state()
    if page.locator("#code").count():
        page.fill("#code", pyotp.TOTP(TOTP_SECRET).now())
        page.press("#code", "Enter")
        page.wait_for_load_state()


def looked_at(page: Page, name: str) -> None:
    """No page is left without axe's word on it, on a phone and on a desk; pictures on request."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == [], (name, width)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), name
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"own-data-{name}-{width}.png", full_page=True)


def agreed(page: Page, provider: ProviderProcess) -> None:
    """Agree at the cinema, which then asks for what it may have."""
    page.route("http://localhost:9/**", lambda route: route.fulfill(body="ok"))
    request = httpx.QueryParams(
        client_id="cinema",
        redirect_uri=CALLBACK,
        response_type="code",
        scope="openid profile",
        state="s",
        claims=json.dumps({"userinfo": {"age_over_18": None}}),
    )
    page.goto(f"{provider.url}/authorize?{request}")
    sign_in(page, AN)
    looked_at(page, "consent")
    expect(page.get_by_text("Để bán vé phim người lớn")).to_be_visible()
    page.click("#allow")
    page.wait_for_url(f"{CALLBACK}*")
    code = httpx.URL(page.url).params["code"]
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    token = httpx.post(f"{provider.url}/token", data=fields, auth=("cinema", SECRET)).json()["access_token"]
    told = httpx.get(f"{provider.url}/userinfo", headers={"authorization": f"Bearer {token}"}).json()
    assert told.keys() == {"sub", "name", "age_over_18"}


def test_a_person_sees_what_left_asks_for_a_correction_takes_a_copy_and_thinks_better_of_closing(
    provider: ProviderProcess, opened: Callable[[], Page]
) -> None:
    person = opened()
    agreed(person, provider)
    person.goto(f"{provider.url}/account/services")
    looked_at(person, "services")
    person.click('a[href^="/account/receipts/"]')
    looked_at(person, "receipt")
    expect(person.get_by_text("Để in vé")).to_be_visible()

    person.goto(f"{provider.url}/account/corrections")
    if person.locator("#code").count():
        person.fill("#code", pyotp.TOTP(TOTP_SECRET).now())
        person.press("#code", "Enter")
    looked_at(person, "corrections")
    person.fill("#name", "Nguyễn Văn Ân")
    person.fill("#reason", "Giấy khai sinh ghi Ân")
    person.press("#correct button", "Enter")
    expect(person.get_by_role("status")).to_be_visible()

    _corrected(provider, opened)
    person.goto(f"{provider.url}/account/looks")
    looked_at(person, "looks")
    expect(person.get_by_text("Công an thành phố Thử nghiệm").first).to_be_visible()
    person.goto(f"{provider.url}/account/identity")
    expect(person.get_by_text("Nguyễn Văn Ân")).to_be_visible()
    looked_at(person, "identity")

    person.goto(f"{provider.url}/account/export")
    with person.expect_download() as download:
        person.click("#export button")
    copy = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert copy["identity_record"]["claims"]["name"] == "Nguyễn Văn Ân"
    assert copy["looks_by_staff"]

    person.goto(f"{provider.url}/account/closing")
    person.check("input[name=understood]")
    person.click("#close button")
    looked_at(person, "closing")
    person.click("#keep button")
    expect(person.get_by_role("status")).to_be_visible()
    _released(person, provider)


def _corrected(provider: ProviderProcess, opened: Callable[[], Page]) -> None:
    first, second = opened(), opened()
    first.goto(f"{provider.url}/admin/requests")
    sign_in(first, "hoa@h26.vn")
    looked_at(first, "admin-requests")
    first.click("table a")
    looked_at(first, "admin-request")
    first.fill("#answer", "Đúng theo giấy khai sinh")
    first.click("button[value=accept]")
    first.wait_for_url("**/admin/changes/**")
    second.goto(first.url)
    sign_in(second, "minh@h26.vn")
    looked_at(second, "admin-change")
    expect(second.get_by_text("Nguyễn Văn An → Nguyễn Văn Ân")).to_be_visible()
    second.click("#approve")
    second.wait_for_url("**?notice=approved")


def _released(person: Page, provider: ProviderProcess) -> None:
    """What left stands there once the job has read the audit trail on, which it does every ten seconds."""
    for _ in range(15):
        person.goto(f"{provider.url}/account/activity")
        if person.locator("details").count():
            break
        person.wait_for_timeout(1000)
    person.press("summary", "Enter")
    expect(person.get_by_text("Để bán vé phim người lớn")).to_be_visible()
    looked_at(person, "activity")
