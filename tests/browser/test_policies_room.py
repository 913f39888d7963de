"""The room of policies in a real browser: two administrators change a rule after a dry run, by keyboard alone."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemClock, SystemEntropy
from idp.adapters.sql.stores import open_stores
from idp.domain.ids import ClientId, Seconds
from idp.domain.levels.assurance import Level
from tests.browser.walking import focus, look
from tests.chosen_engines import database_url
from tests.ports.test_sign_in_facts import SHAPE, fact
from tests.server import PASSWORD, TOTP_SECRET, ProviderProcess, provider_process

__all__ = ["provider_process"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

"""A folder for a picture of every page, for whoever wants to look."""

ASKER, DECIDER, THIRD = "lan@g10.example.vn", "minh@g10.example.vn", "hoa@g10.example.vn"
# Each signs in once: a one-time code is good once, and tests do not wait for the next.
RECORDS = f"""
agencies: [{{code: G10, name: Bộ Thử nghiệm, kind: ministry}}]
people:
  - {{personal_number: "001185000002", name: Trần Thị Lan, birthdate: 1985-03-04, gender: female, level: 2}}
  - {{personal_number: "001085000003", name: Lê Văn Minh, birthdate: 1985-07-08, gender: male, level: 2}}
  - {{personal_number: "001185000004", name: Phạm Thị Hoa, birthdate: 1985-01-02, gender: female, level: 2}}
officers:
  - {{personal_number: "001185000002", agency: G10, position: Chuyên viên, roles: [security_admin], username: {ASKER},
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001085000003", agency: G10, position: Chuyên viên, roles: [security_admin],
      username: {DECIDER}, password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
  - {{personal_number: "001185000004", agency: G10, position: Chuyên viên, roles: [security_admin], username: {THIRD},
      password: {PASSWORD}, totp_secret: {TOTP_SECRET}}}
clients:
  - {{client_id: portal, client_secret: {"p" * 32}, redirect_uris: ["http://localhost:9999/callback"],
      client_name: {{vi: Cổng Dịch vụ công quốc gia, en: National public-service portal}}}}
  - {{client_id: gateway, client_secret: {"p" * 32}, redirect_uris: ["http://localhost:9999/callback"],
      client_name: {{vi: Cổng thanh toán quốc gia, en: National payment gateway}}}}
"""


@pytest.fixture(scope="module")
def provider(provider_process: Callable[..., ProviderProcess]) -> ProviderProcess:
    made = provider_process()
    made.load(RECORDS)
    asyncio.run(sign_ins(made))
    made.start()
    return made


async def sign_ins(provider: ProviderProcess) -> None:
    """Forty at the portal, a quarter of them with a password alone; five at the gateway without a page."""
    clock, folder = SystemClock(), provider.folder
    keystore = FileKeystore(folder / "keys", load_secret(folder / "secret", create=False), clock)
    stores = open_stores(database_url(folder), keystore.vault(), clock, SystemEntropy())
    weak = replace(SHAPE, scopes=("openid",), details=(), level=Level.ONE)
    strong, at = replace(weak, level=Level.TWO), Seconds(clock.now() - 3600)
    shapes = [("portal", weak)] * 10 + [("portal", strong)] * 30 + [("gateway", replace(strong, silent=True))] * 5
    facts = [
        replace(fact(place, shape=shape, client_id=ClientId(client_id)), fact_id=f"seeded:{place}", at=at)
        for place, (client_id, shape) in enumerate(shapes)
    ]
    assert await stores.sign_in_facts.add("seeded", 0, len(facts), facts)
    await stores.close()


@pytest.fixture
def desk(chrome: Browser, provider: ProviderProcess) -> Iterator[Callable[[str], Page]]:
    contexts = []

    def opened(username: str) -> Page:
        contexts.append(chrome.new_context(locale="vi-VN", viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.goto(f"{provider.url}/admin/policies")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.fill("#code", pyotp.TOTP(TOTP_SECRET).now())
        page.press("#code", "Enter")
        page.wait_for_selector("main.console")
        return page

    yield opened
    for context in contexts:
        context.close()


def look_in_place(page: Page, name: str) -> None:
    """As it is looked at everywhere, and the page stays where it is."""
    address = page.url
    look(page, name)
    assert page.url == address


def test_two_administrators_change_a_rule_after_a_dry_run(
    provider: ProviderProcess, desk: Callable[[str], Page]
) -> None:
    page = desk(ASKER)
    look_in_place(page, "policies-vi")
    page.goto(f"{provider.url}/admin/policies?lang=en")
    look_in_place(page, "policies-en")
    page.goto(f"{provider.url}/admin/policies?lang=vi")

    focus(page, 'a[href="/admin/policies/change"]')
    page.keyboard.press("Enter")
    page.wait_for_selector("#policy")
    look_in_place(page, "rule-vi")
    focus(page, "#name")
    page.keyboard.type("portal")
    focus(page, "#try")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dry-run")
    told = page.inner_text("#dry-run")
    assert "45" in told
    assert "22,2 %" in told
    assert "Cổng Dịch vụ công quốc gia" in told
    look_in_place(page, "dry-run-vi")
    focus(page, "#ask")
    page.keyboard.press("Enter")
    page.wait_for_selector("#withdraw")
    look_in_place(page, "change-vi")
    change = urlsplit(page.url).path

    second = desk(DECIDER)
    second.goto(provider.url + change)
    focus(second, "#approve")
    second.keyboard.press("Enter")
    second.wait_for_selector("#decide", state="detached")
    second.goto(f"{provider.url}/admin/policies")
    assert "Cổng Dịch vụ công quốc gia" in second.inner_text("table")
    look_in_place(second, "policies-changed-vi")


def test_what_is_refused_is_shown_where_it_is_wrong(provider: ProviderProcess, desk: Callable[[str], Page]) -> None:
    page = desk(THIRD)
    page.goto(f"{provider.url}/admin/policies/change?lang=en")
    page.fill("#name", "nobody")
    page.click("#ask")
    assert page.locator("#error").inner_text()
    assert page.get_attribute("#name", "aria-invalid") == "true"
    look_in_place(page, "refused-en")
