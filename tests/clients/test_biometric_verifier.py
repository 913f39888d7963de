"""The simulated verifier's pages; its interface is tested where the provider asks it (`tests/adapters/registry`)."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from clients.biometric_verifier.checks import FINDINGS, LIFETIME, Checks
from idp.cli.demo_certificates import ServiceKeys
from tests.adapters.registry.verifier import ISSUER, SECRET, URL, simulated_verifier

WANTED = {"portrait": "portrait-1", "return_to": f"{ISSUER}/back?state=1"}


@pytest.fixture
def keys(tmp_path: Path) -> ServiceKeys:
    made = ServiceKeys(tmp_path)
    made.make()
    return made


@pytest.fixture
async def browser(keys: ServiceKeys) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(simulated_verifier(keys))
    async with httpx.AsyncClient(transport=transport, base_url=URL) as opened:
        yield opened


async def begin(browser: httpx.AsyncClient, **changes: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {SECRET}"}
    return await browser.post("/api/checks", json={**WANTED, **changes}, headers=headers)


@pytest.mark.parametrize(("locale", "word"), [("vi", "mô phỏng"), ("en", "simulation")])
async def test_every_page_says_that_it_is_a_simulation(browser: httpx.AsyncClient, locale: str, word: str) -> None:
    started = (await begin(browser, locale=locale)).json()
    for page in (await browser.get(started["address"]), await browser.get("/", params={"lang": locale})):
        assert page.status_code == 200
        assert f'lang="{locale}"' in page.text
        assert word in page.text


async def test_the_page_offers_every_finding_and_leads_back_to_the_provider(browser: httpx.AsyncClient) -> None:
    started = (await begin(browser)).json()
    page = await browser.get(started["address"])
    for finding in FINDINGS:
        assert f'value="{finding}"' in page.text
    assert f"form-action 'self' {ISSUER}" in page.headers["content-security-policy"]
    # What the page is called tells nobody what the provider calls the check.
    assert started["check_id"] not in started["address"]


async def test_an_unknown_check_or_finding_is_not_found(browser: httpx.AsyncClient) -> None:
    started = (await begin(browser)).json()
    path = started["address"].partition("?")[0]
    assert (await browser.get("/checks/unknown")).status_code == 404
    assert (await browser.post("/checks/unknown", data={"finding": "match"})).status_code == 404
    assert (await browser.post(path, data={"finding": "certainly"})).status_code == 404


async def test_a_check_ends(keys: ServiceKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = Checks(URL, ISSUER, keys.outcomes_key)
    check = checks.begin("portrait-1", ISSUER)
    assert checks.at(check.page) == check
    monkeypatch.setattr("clients.biometric_verifier.checks.time.time", lambda: check.begun_at + LIFETIME)
    assert checks.at(check.page) is None
