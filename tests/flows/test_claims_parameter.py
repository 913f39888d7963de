"""The `claims` parameter over HTTP: who must be signed in and how, and what is told where."""

import json
from typing import Any

import pytest

from tests.flows.provider import Browser, unverified_claims

TWO, THREE = "urn:vn:loa:2", "urn:vn:loa:3"


def claims(**places: Any) -> str:
    return json.dumps(places)


def acr(**demand: object) -> str:
    return claims(id_token={"acr": demand})


async def id_token(browser: Browser, **parameters: str) -> dict[str, Any]:
    return unverified_claims((await browser.tokens(**parameters))["id_token"])


@pytest.mark.parametrize("demand", [{"essential": True, "value": TWO}, {"essential": True, "values": [THREE, TWO]}])
async def test_an_essential_level_in_reach_is_reached_and_asserted(browser: Browser, demand: dict[str, object]) -> None:
    token = await id_token(browser, claims=acr(**demand))

    assert token["acr"] == TWO
    assert {"pwd", "otp"} <= set(token["amr"])


async def test_an_essential_level_in_reach_steps_a_session_up(browser: Browser) -> None:
    await browser.signed_in()

    page = await browser.authorize(claims=acr(essential=True, value=TWO))

    assert page.has_form("otp")


async def test_an_essential_level_cannot_be_reached_silently(browser: Browser) -> None:
    await browser.signed_in()

    page = await browser.authorize(claims=acr(essential=True, value=TWO), prompt="none")

    assert page.answer["error"] == "login_required"


async def test_an_essential_level_out_of_reach_must_be_refused(browser: Browser) -> None:
    # Section 5.5.1.1: "the Authorization Server MUST treat that outcome as a failed authentication attempt."
    page = await browser.authorize(claims=acr(essential=True, value="urn:vn:loa:4"))

    assert page.answer["error"] == "unmet_authentication_requirements"


@pytest.mark.parametrize("demand", [{"value": "urn:vn:loa:4"}, {"essential": False, "values": ["unknown"]}, {}])
async def test_a_voluntary_level_out_of_reach_is_passed_over(browser: Browser, demand: dict[str, object]) -> None:
    assert (await id_token(browser, claims=acr(**demand)))["acr"] == "urn:vn:loa:1"


async def test_a_lower_level_than_was_proved_is_asserted_by_the_name_that_was_asked_for(browser: Browser) -> None:
    await browser.signed_in(acr_values=TWO)

    token = await id_token_of_silent(browser, claims=acr(essential=True, value="urn:vn:loa:1"))

    assert token["acr"] == "urn:vn:loa:1"


async def id_token_of_silent(browser: Browser, **parameters: str) -> dict[str, Any]:
    page = await browser.authorize(prompt="none", **parameters)
    return unverified_claims((await browser.redeem(page)).json()["id_token"])


async def test_each_place_tells_what_was_asked_for_there(browser: Browser) -> None:
    asked = claims(id_token={"nickname": None, "unknown": None}, userinfo={"email": {"essential": True}})
    tokens = await browser.tokens(claims=asked)

    assert unverified_claims(tokens["id_token"])["nickname"] == "An"
    told = (await browser.userinfo(tokens["access_token"])).json()
    assert told.keys() == {"sub", "email"}


async def test_a_claim_that_the_registration_does_not_cover_is_told_nowhere(browser: Browser) -> None:
    asked = claims(id_token={"personal_number": None}, userinfo={"personal_number": {"essential": True}})
    page = await browser.authorize("post-office", claims=asked)
    page = await browser.sign_in(page)
    page = await browser.submit(page, "consent", decision="allow") if page.has_form("consent") else page
    tokens = (await browser.redeem(page, "post-office")).json()

    assert "personal_number" not in unverified_claims(tokens["id_token"])
    assert (await browser.userinfo(tokens["access_token"])).json().keys() == {"sub"}


async def test_what_was_asked_for_outlives_a_refresh(browser: Browser) -> None:
    asked = claims(id_token={"nickname": None}, userinfo={"email": None})
    tokens = await browser.tokens(claims=asked, scope="openid offline_access")

    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refreshed = (
        await browser.http.post("/token", data=fields, auth=("portal", "a-client-secret-for-tests-only"))
    ).json()

    assert unverified_claims(refreshed["id_token"])["nickname"] == "An"
    assert "email" in (await browser.userinfo(refreshed["access_token"])).json()
