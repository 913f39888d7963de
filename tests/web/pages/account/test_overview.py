import pytest

from tests.flows.provider import Browser, Provider


@pytest.mark.parametrize("path", ["/account", "/account/second-factor"])
async def test_a_page_of_ones_own_is_never_shown_to_nobody(browser: Browser, path: str) -> None:
    page = await browser.get(path)

    assert page.has_form("sign-in")
    assert page.path.startswith("/sign-in/")


async def test_the_page_tells_when_the_session_began_and_was_last_proved(provider: Provider, browser: Browser) -> None:
    await browser.signed_in()
    provider.clock.advance(600)
    page = await browser.authorize("gateway")
    await browser.submit(page, "otp", code=provider.one_time_code())

    text = (await browser.get("/account")).text

    assert "21:13" in text
    assert "21:23" in text


async def test_unused_recovery_codes_are_counted(browser: Browser) -> None:
    await browser.signed_in()

    assert "0 mã dự phòng" in (await browser.get("/account")).text
