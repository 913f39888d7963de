"""What a stranger with the right password meets, and what an owner with a new telephone does not."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.domain.abuse.risk_signals import MANY_FAILURES
from tests.flows.provider import PASSWORD, Browser, Page, Provider, running_provider

PLACES = """network,country,province,name,latitude,longitude
192.0.2.0/24,VN,HN,Hà Nội,21.03,105.85
198.51.100.0/24,VN,SG,Thành phố Hồ Chí Minh,10.78,106.70
203.0.113.0/24,FR,,Pháp,48.86,2.35
"""
HANOI, SAIGON, PARIS = "192.0.2.7", "198.51.100.7", "203.0.113.7"
BINH = "binh@example.vn"


@pytest.fixture
async def placed(prepared: Path, tmp_path: Path) -> AsyncIterator[Provider]:
    """A provider that knows where these networks are, behind a proxy that says who calls."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    (tmp_path / "places.csv").write_text(PLACES, encoding="utf-8")
    places = tmp_path / "places.csv"
    async with running_provider(tmp_path, network_places=places, trusted_proxies="127.0.0.1") as running:
        yield running


def at(provider: Provider, address: str) -> Browser:
    """A new browser somewhere."""
    browser = provider.browser()
    move(browser, address)
    return browser


def move(browser: Browser, address: str) -> None:
    browser.http.headers["x-forwarded-for"] = address


async def with_password(browser: Browser, username: str = "001099000001", password: str = PASSWORD) -> Page:
    return await browser.submit(await browser.authorize("portal"), "sign-in", username=username, password=password)


async def test_a_new_telephone_takes_the_password_and_nothing_else(placed: Provider) -> None:
    assert "code" in (await with_password(at(placed, HANOI))).answer
    placed.clock.advance(3600)
    assert "code" in (await with_password(at(placed, HANOI))).answer


async def test_nobody_is_in_saigon_ten_minutes_after_hanoi_without_a_second_factor(placed: Provider) -> None:
    browser = at(placed, HANOI)
    assert "code" in (await with_password(browser)).answer
    placed.clock.advance(600)
    stranger = at(placed, SAIGON)
    page = await with_password(stranger)
    assert page.has_form("otp")
    page = await stranger.submit(page, "otp", code=placed.one_time_code())
    assert "code" in page.answer


async def test_who_flies_for_two_hours_is_asked_nothing(placed: Provider) -> None:
    assert "code" in (await with_password(at(placed, HANOI))).answer
    placed.clock.advance(2 * 3600)
    assert "code" in (await with_password(at(placed, SAIGON))).answer


async def test_after_many_guesses_a_stranger_far_away_needs_a_code_that_went_to_the_owner(placed: Provider) -> None:
    assert "code" in (await with_password(at(placed, HANOI), BINH)).answer
    placed.clock.advance(60)
    stranger = at(placed, PARIS)
    for _ in range(MANY_FAILURES + 1):
        assert (await with_password(stranger, BINH, "wrong")).refusal
    assert (await with_password(stranger, BINH)).has_form("activate")


async def test_guesses_from_elsewhere_cost_the_owner_nothing(placed: Provider) -> None:
    owner = at(placed, HANOI)
    assert "code" in (await with_password(owner, BINH)).answer
    for _ in range(MANY_FAILURES + 1):
        await with_password(at(placed, PARIS), BINH, "wrong")
    await owner.get("/account")
    owner.http.cookies.delete("session", domain="localhost.local")
    page = await owner.authorize("portal", prompt="login")
    assert "code" in (await owner.submit(page, "sign-in", username=BINH, password=PASSWORD)).answer
