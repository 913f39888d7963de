"""The store of short-lived state comes back empty in the middle of a journey: a plain answer, nobody is shut out."""

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
import redis

from tests.authenticator import SoftwareAuthenticator
from tests.flows.provider import PASSWORD, Browser, Page, Provider, import_records, running_provider
from tests.flows.test_approvals import ask, links, listed
from tests.flows.test_approvals import poll as poll_ciba
from tests.flows.test_consent import consenting
from tests.flows.test_contacts import NEW as NEW_ADDRESS
from tests.flows.test_contacts import at_form, last_code
from tests.flows.test_device import codes, poll, typed
from tests.flows.test_enrolment import at_activation, at_enrolment, at_recovery_codes, mailed_code, shown_secret
from tests.flows.test_passkeys import NEW as NEW_PASSKEY
from tests.flows.test_passkeys import make, options_of, use, with_passkey
from tests.flows.test_phone_sign_in import asked, number, on_the_phone, shown
from tests.flows.test_pushed_requests import opened, push
from tests.flows.test_recovery import at_proof, choose
from tests.flows.test_recovery import begin as begin_recovery
from tests.valkey import valkey_url

AN, BINH = "001099000001", "binh@example.vn"
CLIENTS = """
clients:
  - {client_id: kiosk, client_secret: a-client-secret-for-tests-only, client_name: Counter screen,
     grant_types: ["urn:ietf:params:oauth:grant-type:device_code"], scope: openid profile}
  - {client_id: counter, client_secret: a-client-secret-for-tests-only, client_name: One-stop counter,
     grant_types: ["urn:openid:params:grant-type:ciba"], backchannel_token_delivery_mode: poll, scope: openid profile}
"""


@pytest.fixture
async def provider(prepared: Path, tmp_path: Path) -> AsyncIterator[Provider]:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with running_provider(tmp_path, state_url=valkey_url(tmp_path)) as running:
        await import_records(running.stores, CLIENTS, running.settings)
        yield running


def lose(provider: Provider) -> None:
    """The server of short-lived state is emptied."""
    with redis.Redis.from_url(provider.settings.state_url) as client:
        client.flushdb()


Step = Callable[[], Awaitable[Page]]
Journey = Callable[[Browser], Awaitable[Step]]


async def password(browser: Browser) -> Step:
    page = await browser.authorize()
    return partial(browser.submit, page, "sign-in", username=BINH, password=PASSWORD)


async def second_factor(browser: Browser) -> Step:
    page = await browser.authorize("gateway")
    page = await browser.submit(page, "sign-in", username=AN, password=PASSWORD)
    return partial(browser.submit, page, "otp", code=browser.provider.one_time_code())


async def pushed(browser: Browser) -> Step:
    reference = await push(browser)
    return partial(opened, browser, reference)


async def pushed_and_opened(browser: Browser) -> Step:
    page = await opened(browser, await push(browser))
    return partial(browser.submit, page, "sign-in", username=BINH, password=PASSWORD)


async def consent(browser: Browser) -> Step:
    page = await consenting(browser)
    return partial(browser.submit, page, "consent", decision="allow")


async def refusal(browser: Browser) -> Step:
    page = await consenting(browser)
    return partial(browser.submit, page, "consent", decision="deny")


async def device_code_typed(browser: Browser) -> Step:
    told = await codes(browser)
    return partial(typed, browser, told)


async def device_question(browser: Browser) -> Step:
    page = await browser.sign_in(await typed(browser, await codes(browser)))
    return partial(browser.submit, page, "consent", decision="allow")


async def approval(browser: Browser) -> Step:
    await ask(browser)
    (link,) = links(await listed(browser))
    page = await browser.get(link)
    return partial(browser.submit, page, "approval", decision="allow")


async def passkey_sign_in(browser: Browser) -> Step:
    authenticator = SoftwareAuthenticator()
    await with_passkey(browser.provider, authenticator)
    page = await browser.authorize("gateway")
    return partial(use, browser, page, authenticator)


async def passkey_made(browser: Browser) -> Step:
    await browser.sign_in(await browser.authorize("gateway"))
    page = await browser.get(NEW_PASSKEY)
    assert options_of(page)
    return partial(make, browser, page, SoftwareAuthenticator())


async def activation(browser: Browser) -> Step:
    page = await at_activation(browser)
    code = mailed_code(browser.provider)
    return partial(browser.submit, page, "activate", code=code)


async def enrolment(browser: Browser) -> Step:
    page = await at_enrolment(browser)
    code = browser.provider.one_time_code(shown_secret(page))
    return partial(browser.submit, page, "enrol-otp", code=code)


async def recovery_codes(browser: Browser) -> Step:
    page, _ = await at_recovery_codes(browser)
    return partial(browser.submit, page, "recovery-codes", saved="yes")


async def contact_form(browser: Browser) -> Step:
    page = await at_form(browser)
    return partial(browser.submit, page, "contact", address=NEW_ADDRESS)


async def contact_code(browser: Browser) -> Step:
    page = await browser.submit(await at_form(browser), "contact", address=NEW_ADDRESS)
    code = last_code(browser.provider, NEW_ADDRESS)
    return partial(browser.submit, page, "contact-code", code=code)


async def phone_computer(browser: Browser) -> Step:
    phone = await on_the_phone(browser.provider)
    page = await shown(browser)
    await asked(phone, page)
    return partial(browser.get, page.path)


async def phone_question(browser: Browser) -> Step:
    phone = await on_the_phone(browser.provider)
    page = await shown(browser)
    question = await asked(phone, page)
    page = await browser.get(page.path)
    return partial(phone.submit, question, "approval", number=number(page), decision="allow")


async def recovery_way(browser: Browser) -> Step:
    return partial(browser.submit, await begin_recovery(browser), "recover-way", way="proof")


async def recovery_proof(browser: Browser) -> Step:
    page = await at_proof(browser)
    return partial(browser.submit, page, "recover-proof", code=browser.provider.one_time_code())


async def recovery_password(browser: Browser) -> Step:
    page = await browser.submit(await at_proof(browser), "recover-proof", code=browser.provider.one_time_code())
    return partial(choose, browser, page)


GONE = ("sign_in_expired", 410)
OVER = ("recovery_over", 410)
JOURNEYS: dict[Journey, tuple[str, int]] = {
    **dict.fromkeys((password, second_factor, pushed_and_opened, consent, refusal, passkey_sign_in), GONE),
    **dict.fromkeys((activation, enrolment, recovery_codes, phone_computer), GONE),
    **dict.fromkeys((recovery_way, recovery_proof, recovery_password), OVER),
    pushed: ("invalid_request_uri", 400),
    device_question: ("device_request_over", 410),
}
"""What the page says."""
OF_SESSIONS = (approval, passkey_made, contact_form, contact_code, phone_question)
"""The session is gone with the store: whoever was signed in signs in anew."""
GIVING = (
    *("session.started", "consent.given", "authorization.granted", "tokens.issued", "passkey.added"),
    *("authenticator.enrolled", "contact.changed", "password.changed", "account.recovered"),
)


async def given(provider: Provider) -> Counter[str]:
    """How often anything was given, by the record."""
    await provider.stores.database.settle_events()
    streams = await provider.stores.audit_log.heads()
    return Counter(
        [
            record.name
            for stream in streams
            async for record in provider.stores.audit_log.records(stream.stream, 0)
            if record.name in GIVING
        ]
    )


async def lost_before(browser: Browser, journey: Journey) -> Page:
    """What the last step of a journey is answered once the store is empty; nothing comes of it."""
    provider = browser.provider
    step = await journey(browser)
    before = await given(provider)
    lose(provider)
    page = await step()
    assert await given(provider) == before
    return page


async def is_let_in(provider: Provider, journey: Journey) -> bool:
    """Whether the person, whose app shows another code by now, signs in with whatever is asked."""
    provider.clock.advance(60)
    browser = provider.browser()
    # Whoever has a passkey is asked for it as the second factor; the password does for the first.
    page = await browser.signed_in("portal" if journey is passkey_sign_in else "gateway")
    return "code" in page.answer


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
async def test_what_was_begun_is_over_and_says_so(browser: Browser, journey: Journey) -> None:
    page = await lost_before(browser, journey)
    assert (page.error_code, page.status) == JOURNEYS[journey]
    assert await is_let_in(browser.provider, journey)


@pytest.mark.parametrize("journey", OF_SESSIONS, ids=lambda journey: journey.__name__)
async def test_whoever_was_signed_in_signs_in_anew(browser: Browser, journey: Journey) -> None:
    page = await lost_before(browser, journey)
    assert (page.status, page.has_form("sign-in")) == (200, True)
    assert await is_let_in(browser.provider, journey)


async def test_a_device_s_code_is_as_good_as_mistyped(browser: Browser) -> None:
    page = await lost_before(browser, device_code_typed)
    assert (page.status, page.has_form("device")) == (400, True)
    assert page.refusal


@pytest.mark.parametrize("journey", [activation, enrolment, recovery_codes])
async def test_whoever_was_enrolling_goes_on_with_what_was_made_or_begins_anew(
    browser: Browser, journey: Journey
) -> None:
    await lost_before(browser, journey)
    provider = browser.provider
    provider.clock.advance(600)
    again = provider.browser()
    page = await again.submit(await again.authorize("gateway"), "sign-in", username=BINH, password=PASSWORD)
    assert page.has_form("otp" if journey is recovery_codes else "activate")


async def test_clients_hear_that_what_they_hold_is_no_grant_and_ask_anew(browser: Browser) -> None:
    answer = await browser.signed_in()
    assert (await browser.redeem(answer)).status_code == 200
    device, request, unused = await codes(browser), await ask(browser), await browser.authorize()
    before = await given(browser.provider)
    lose(browser.provider)
    refused = [await poll(browser, device), await poll_ciba(browser, request)]
    # The code that was used is not redeemed twice, though nobody remembers that it was.
    refused += [await browser.redeem(unused), await browser.redeem(answer)]
    assert [(each.status_code, each.json()["error"]) for each in refused] == [(400, "invalid_grant")] * 4
    assert await given(browser.provider) == before
    for told, ask_again in ((await codes(browser), poll), (await ask(browser), poll_ciba)):
        assert (await ask_again(browser, told)).json()["error"] == "authorization_pending"


async def test_tokens_outlive_the_store(browser: Browser) -> None:
    tokens = await browser.tokens(scope="openid offline_access")
    lose(browser.provider)
    assert (await browser.userinfo(tokens["access_token"])).status_code == 200
