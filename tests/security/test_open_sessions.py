"""Whoever finds a session open, or an attempt under way, makes no key of an account that is not his or hers."""

from typing import Any

import pytest

from idp.domain.ids import Seconds
from tests.authenticator import SoftwareAuthenticator
from tests.flows.conftest import prepared, provider, shared_templates
from tests.flows.provider import Browser, Page, Provider
from tests.flows.test_passkeys import make, options_of
from tests.ports.samples import event

__all__ = ["prepared", "provider", "shared_templates"]

AN = "001099000001"


async def about_to_enrol(provider: Provider, browser: Browser) -> Page:
    """A sign-in with two factors that a service leads on to a passkey."""
    page = await browser.sign_in(await browser.authorize("gateway", acr_values="phr"))
    assert page.path.endswith("/enrol-passkey")
    return page


async def passkeys_of_an(provider: Provider) -> tuple[Any, ...]:
    account = await provider.stores.accounts.find(AN)
    assert account is not None
    return await provider.stores.passkeys.of_account(account.account_id)


async def test_an_open_session_is_asked_who_it_is_before_a_key_is_made(provider: Provider) -> None:
    browser = provider.browser()
    await browser.signed_in("gateway")
    provider.clock.advance(301)
    page = await browser.authorize("portal", acr_values="phr")
    assert page.has_form("sign-in")
    assert (await browser.get(f"{page.path}/enrol-passkey")).has_form("sign-in")
    provider.clock.advance(30)
    page = await browser.sign_in(page)
    assert page.path.endswith("/enrol-passkey")
    assert (await make(browser, page, SoftwareAuthenticator())).status in {200, 303}
    assert len(await passkeys_of_an(provider)) == 1


async def test_a_session_just_begun_goes_on_to_the_key(provider: Provider) -> None:
    browser = provider.browser()
    await browser.signed_in("gateway")
    provider.clock.advance(200)
    assert (await browser.authorize("portal", acr_values="phr")).path.endswith("/enrol-passkey")


async def test_an_old_session_of_one_factor_is_asked_for_its_password_before_codes_are_enrolled(
    provider: Provider,
) -> None:
    browser = provider.browser()
    await browser.sign_in(await browser.authorize(), "binh@example.vn")
    provider.clock.advance(301)
    assert (await browser.authorize("gateway")).has_form("sign-in")


@pytest.mark.parametrize("ending", ["everywhere", "lock", "password"])
async def test_what_ends_sessions_ends_an_enrolment_under_way(provider: Provider, ending: str) -> None:
    thief, authenticator = provider.browser(), SoftwareAuthenticator()
    page = await about_to_enrol(provider, thief)
    sent = authenticator.register(options_of(page))
    provider.clock.advance(10)
    await ended(provider, ending)
    provider.clock.advance(10)

    assert (await thief.submit(page, "add-passkey", credential=sent, name="key")).status == 410
    assert (await thief.get(page.path)).status == 410
    assert await passkeys_of_an(provider) == ()


async def ended(provider: Provider, ending: str, at: Seconds | None = None) -> None:
    stores, now = provider.stores, at or provider.clock.now()
    account = await stores.accounts.find(AN)
    assert account is not None
    if ending == "everywhere":
        await stores.accounts.end_all_sessions(account.account_id, now, event(account.account_id))
    elif ending == "password":
        await stores.accounts.change_password(
            account.account_id, "another", now, event(account.account_id), valid_from=account.sessions_valid_from
        )
    else:
        await provider.lock(AN, at=now)


@pytest.mark.parametrize("ending", ["everywhere", "lock", "password"])
async def test_a_code_of_the_instants_before_an_ending_can_be_seen_goes_with_it(
    provider: Provider, ending: str
) -> None:
    thief = provider.browser()
    began = provider.clock.now()
    await thief.signed_in("gateway")
    provider.clock.advance(2)
    page = await thief.authorize("gateway")
    # The ending read the time two seconds earlier, and is seen only now.
    await ended(provider, ending, began)
    if ending == "lock":
        await provider.lock(AN, locked=False)

    answer = await thief.redeem(page, "gateway")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_ending_the_session_that_an_attempt_builds_on_ends_the_attempt(provider: Provider) -> None:
    thief, authenticator = provider.browser(), SoftwareAuthenticator()
    await thief.signed_in("gateway")
    page = await thief.authorize("portal", acr_values="phr")
    sent = authenticator.register(options_of(page))
    provider.clock.advance(10)
    out = await thief.get("/logout")
    await thief.submit(out, "sign-out", decision="yes")

    assert (await thief.submit(page, "add-passkey", credential=sent, name="key")).status == 410
    assert await passkeys_of_an(provider) == ()
