from dataclasses import replace
from pathlib import Path

import pytest

from idp.adapters.crypto.password_hasher import Argon2PasswordHasher
from idp.journeys import refusals
from idp.journeys.passkeys import refusals as passkeys
from idp.ports.keys import BusyError
from idp.web.pages.signing_in.journey import REFUSALS, refusal_view
from idp.web.wording import REFUSALS as WORDS
from tests.flows.provider import PASSWORD, Browser, Provider, import_records

AN = "001099000001"


def test_every_refusal_has_its_words() -> None:
    told = {refusals.__name__, passkeys.__name__}
    kinds = [kind for kind in refusals.RefusedError.__subclasses__() if kind.__module__ in told]

    assert {kind for kind, _ in REFUSALS} == set(kinds)
    assert all(refusal_view(kind()).refusal in WORDS for kind in kinds)


async def test_a_busy_hasher_asks_to_come_back_and_keeps_what_was_typed(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await browser.authorize()

    async def busy(*_: object, **__: object) -> bool:
        raise BusyError

    monkeypatch.setattr(Argon2PasswordHasher, "verify", busy)
    page = await browser.submit(page, "sign-in", username=AN, password=PASSWORD)

    assert page.status == 503
    assert page.has_form("sign-in")
    assert f'value="{AN}"' in page.text
    assert int(page.response.headers["retry-after"]) >= 1
    monkeypatch.undo()
    assert "code" in (await browser.submit(page, "sign-in", username=AN, password=PASSWORD)).answer


async def test_no_password_is_ever_sent_back(browser: Browser) -> None:
    page = await browser.submit(await browser.authorize(), "sign-in", username=AN, password="my mistyped secret")

    assert "my mistyped secret" not in page.text


@pytest.mark.parametrize("username", ['"><script>', "x" * 5000, "\u202e", "a\r\nb"])
async def test_a_typed_username_is_escaped_and_cut(browser: Browser, username: str) -> None:
    page = await browser.submit(await browser.authorize(), "sign-in", username=username, password="x")

    assert page.status == 400
    assert "<script>" not in page.text
    assert "x" * 321 not in page.text


async def test_a_client_out_of_reach_is_told_so(provider: Provider, browser: Browser) -> None:
    records = (
        "clients: [{client_id: vault, client_secret: a-client-secret-for-tests-only, minimum_acr: 'urn:vn:loa:3',"
        " redirect_uris: ['http://localhost:9001/callback'], scope: openid}]"
    )
    await import_records(provider.stores, records, provider.settings)
    provider.clock.advance(2)

    answer = (await browser.authorize("vault")).answer

    assert answer["error"] == "unmet_authentication_requirements"


async def test_what_is_stored_survives_a_restart(provider: Provider, browser: Browser, tmp_path: Path) -> None:
    from idp.app import build_app

    page = await browser.authorize("gateway")
    page = await browser.submit(page, "sign-in", username=AN, password=PASSWORD)

    restarted = replace(provider, app=build_app(provider.settings, clock=provider.clock)).browser()
    restarted.http.cookies = browser.http.cookies

    assert "code" in (await restarted.submit(page, "otp", code=provider.one_time_code())).answer
