"""An answer to a guess costs the same processor time whether or not somebody is there.

Compared is the processor time of this process and not the clock, try by try in turns: so other work on the machine
takes from all of them alike.
"""

import re
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from statistics import median

import pytest

from tests.authenticator import SoftwareAuthenticator
from tests.flows.conftest import prepared, provider, shared_templates
from tests.flows.provider import Page, Provider, running_provider
from tests.flows.test_passkeys import options_of, with_passkey

__all__ = ["prepared", "provider", "shared_templates"]

AN = "001099000001"
BINH = "binh@example.vn"
LOCKED = "001085000003"
NO_PASSWORD = "001180000101"
NOBODY = "001099999999"
ROUNDS = 12
NEAR = 0.10
MEASURED = 4


Tries = dict[str, Callable[[], Awaitable[Page]]]


async def assert_near(prepared_tries: Callable[[], Awaitable[Tries]]) -> None:
    """The dearest kind of try is within a tenth of the cheapest; a machine that stutters is measured again."""
    found: dict[str, float] = {}
    for _ in range(MEASURED):
        found = await medians(await prepared_tries())
        if max(found.values()) <= min(found.values()) * (1 + NEAR):
            return
    pytest.fail(f"milliseconds of processor time: {found}")


async def medians(tries: Tries) -> dict[str, float]:
    """The median processor time of each kind of try, in milliseconds, the kinds in turns."""
    for one in tries.values():
        await one()
    spent: dict[str, list[float]] = {kind: [] for kind in tries}
    for turn in range(ROUNDS):
        kinds = [*tries] if turn % 2 else [*reversed(tries)]
        for kind in kinds:
            begun = time.process_time()
            await tries[kind]()
            spent[kind].append((time.process_time() - begun) * 1000)
    return {kind: median(each) for kind, each in spent.items()}


def alike(pages: list[tuple[str, Page]]) -> None:
    """Status, headers and body are the same but for what is new in every answer."""
    first, *others = (_plain(typed, page) for typed, page in pages)
    for other in others:
        assert other == first


def _plain(typed: str, page: Page) -> tuple[int, list[str], str]:
    body = re.sub(r"[A-Za-z0-9_-]{20,}", "X", page.text.replace(typed, "TYPED"))
    return page.status, sorted(page.response.headers), re.sub(r"(value|content|data-options)=\"[^\"]*\"", r"\1", body)


@pytest.fixture
async def costly(prepared: Path, tmp_path: Path) -> AsyncIterator[Provider]:
    """A provider whose hashes are most of what a try costs; those of its people are of that kind."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with running_provider(tmp_path, argon2="m=4096,t=2,p=1") as running:
        for name in (AN, BINH, LOCKED):
            browser = running.browser()
            assert "code" in (await browser.sign_in(await browser.authorize(), name)).answer
        yield running


async def test_a_wrong_password_is_answered_alike_and_as_fast_for_whoever_is_named(costly: Provider) -> None:
    provider = costly
    await with_passkey(provider, SoftwareAuthenticator())
    await provider.lock(LOCKED)
    names = {"known": AN, "known too": BINH, "locked": LOCKED, "without password": NO_PASSWORD, "unknown": NOBODY}

    async def tries() -> Tries:
        # Every bucket is full again, so that each try is looked at.
        provider.clock.advance(24 * 3600)
        browser = provider.browser()
        page = await browser.authorize()

        def guess(name: str) -> Callable[[], Awaitable[Page]]:
            async def guessed() -> Page:
                answer = await browser.submit(page, "sign-in", username=name, password="surely wrong")
                assert answer.status == 400
                return answer

            return guessed

        return {kind: guess(name) for kind, name in names.items()}

    alike([(names[kind], await one()) for kind, one in (await tries()).items()])
    await assert_near(tries)


async def test_whoever_has_lost_a_password_learns_nothing_about_others(provider: Provider) -> None:
    browser = provider.browser()
    page = await browser.get("/recover")
    names = {"known": AN, "unknown": NOBODY}

    async def tries() -> Tries:
        def ask(name: str) -> Callable[[], Awaitable[Page]]:
            async def asked() -> Page:
                provider.clock.advance(3600)
                answer = await browser.submit(page, "recover", username=name, lost="password")
                assert answer.status == 200
                return answer

            return asked

        return {kind: ask(name) for kind, name in names.items()}

    alike([(names[kind], await one()) for kind, one in (await tries()).items()])
    await assert_near(tries)


async def test_a_page_that_takes_passkeys_names_none_before_somebody_is_known(provider: Provider) -> None:
    await with_passkey(provider, SoftwareAuthenticator())
    page = await provider.browser().authorize("portal", login_hint=AN)

    assert "allowCredentials" not in options_of(page) or '"allowCredentials": []' in options_of(page)
