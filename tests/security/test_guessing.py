"""Guessing passwords is slow, costs the guesser the same for nobody as for somebody, and locks no owner out."""

from collections.abc import Callable

import pytest

from bench.connection import Answer
from bench.machine import usage_of
from bench.visitor import Visitor, query_of
from tests.relying_party import authorize_url, connect
from tests.server import CITIZEN, PASSWORD, RECORDS, ProviderProcess

pytestmark = pytest.mark.slow

GUESSES = 24


@pytest.fixture(scope="module")
def behind_a_proxy(provider_process: Callable[..., ProviderProcess]) -> ProviderProcess:
    """Every visitor has an address of his own, and hashing costs what it costs in operation."""
    provider = provider_process(IDP_TRUSTED_PROXIES="127.0.0.1", IDP_ARGON2="m=19456,t=2,p=1")
    provider.load(RECORDS)
    provider.start()
    return provider


async def _browser(provider: ProviderProcess, address: str) -> Visitor:
    return Visitor(await connect(provider), provider.url, address=address)


async def _try(browser: Visitor, username: str, password: str) -> Answer:
    page = await browser.follow(await browser.get(authorize_url(prompt="login")))
    return await browser.submit(page, "sign-in", {"username": username, "password": password})


async def _cost(provider: ProviderProcess, username: str, network: str) -> float:
    """CPU seconds of the server for some wrong guesses, each from another address."""
    assert provider.process is not None
    browsers = [await _browser(provider, f"{network}.{number}") for number in range(1, 5)]
    before = usage_of(provider.process.pid).cpu
    for browser in browsers:
        assert 400 <= (await _try(browser, username, "surely wrong")).status < 500
    return usage_of(provider.process.pid).cpu - before


async def test_an_unknown_person_costs_as_much_as_a_wrong_password(behind_a_proxy: ProviderProcess) -> None:
    await _cost(behind_a_proxy, "001099000778", "198.51.99")
    known = await _cost(behind_a_proxy, "001185000002", "198.51.100")
    unknown = await _cost(behind_a_proxy, "001099000777", "198.51.101")
    print(f"known {known:.2f} s, unknown {unknown:.2f} s of CPU")
    assert 0.6 < unknown / known < 1.7


async def test_guessing_from_one_address_is_slowed_down_and_told_when_to_come_back(
    behind_a_proxy: ProviderProcess,
) -> None:
    guesser = await _browser(behind_a_proxy, "203.0.113.1")
    answers = [await _try(guesser, "001099000779", f"guess {number}") for number in range(GUESSES)]
    assert answers[0].status != 429
    slowed = [answer for answer in answers if answer.status == 429]
    assert slowed
    assert all(int(answer.header("retry-after") or 0) > 0 for answer in slowed)


async def test_the_owner_is_not_locked_out_by_a_guesser(behind_a_proxy: ProviderProcess) -> None:
    owner = await _browser(behind_a_proxy, "203.0.113.50")
    assert "code" in query_of(await _try(owner, CITIZEN, PASSWORD))
    for number in range(GUESSES):
        guesser = await _browser(behind_a_proxy, f"203.0.113.{100 + number}")
        await _try(guesser, CITIZEN, f"guess {number}")
    assert "code" in query_of(await _try(owner, CITIZEN, PASSWORD))
