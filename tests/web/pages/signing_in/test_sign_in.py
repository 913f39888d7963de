import re

import pytest

from tests.flows.provider import PASSWORD, Browser, Page

AN = "001099000001"


async def at_code(browser: Browser) -> Page:
    return await browser.submit(await browser.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)


async def at_methods(browser: Browser) -> Page:
    page = await browser.get((await at_code(browser)).path.removesuffix("/code") + "/methods")
    assert page.has_form("methods")
    return page


async def test_the_forms_are_those_of_the_contract(browser: Browser) -> None:
    sign_in = await browser.authorize("gateway")
    code = await browser.submit(sign_in, "sign-in", username=AN, password=PASSWORD)

    assert re.search(r'<input id="username" name="username"', sign_in.text)
    assert re.search(r'<input id="password" name="password" type="password"', sign_in.text)
    assert re.search(r'<input class="code" id="code" name="code"', code.text)
    for page in (sign_in, code):
        assert page.text.count('id="submit"') == 1
        assert page.text.count("<h1>") == page.text.count("<main") == 1


@pytest.mark.parametrize(("method", "form"), [("otp", "otp"), ("recovery_code", "recovery")])
async def test_a_chosen_way_has_its_own_page(browser: Browser, method: str, form: str) -> None:
    page = await browser.submit(await at_methods(browser), "methods", method=method)

    assert page.has_form(form)


@pytest.mark.parametrize("method", ["", "passkey", "biometric", "OTP", "<b>"])
async def test_a_way_that_is_not_there_is_refused(browser: Browser, method: str) -> None:
    page = await browser.submit(await at_methods(browser), "methods", method=method)

    assert page.status == 400
    assert page.refusal
    assert page.has_form("methods")


async def test_choosing_a_way_out_of_turn_leads_to_what_is_due(browser: Browser) -> None:
    start = await browser.authorize()
    _, hidden = start.form("sign-in")

    refused = await browser.http.post(f"{start.path}/methods", data={**hidden, "method": "otp"})
    assert refused.status_code == 400
    await browser.sign_in(start)
    response = await browser.http.post(f"{start.path}/methods", data={**hidden, "method": "otp"})
    assert "code" in (await browser.get(response.headers["location"])).answer


async def test_the_page_says_whose_accounts_sign_in_here(browser: Browser) -> None:
    citizens, officers = await browser.authorize("gateway"), await browser.authorize("officers")

    assert "/help#no-account" in citizens.text
    assert "/help#no-account" not in officers.text


async def test_whoever_is_asked_again_is_told_why(browser: Browser) -> None:
    assert 'role="status"' not in (await browser.authorize(prompt="login")).text
    await browser.signed_in()

    assert 'role="status"' in (await browser.authorize(prompt="login")).text


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６", "1" * 5000, "\u202e123456"])
async def test_a_code_that_is_none_is_refused(browser: Browser, code: str) -> None:
    page = await browser.submit(await at_code(browser), "otp", code=code)

    assert page.status == 400
    assert page.refusal
    assert page.has_form("otp")
