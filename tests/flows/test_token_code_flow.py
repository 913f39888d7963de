"""Codes, tokens and claims as relying parties get them; tokens are verified by another implementation than ours."""

from asyncio import gather
from typing import Any

import pytest
from jose import jwt

from tests.flows.provider import ISSUER, SECRET, Browser, Provider

EVERYTHING = "openid profile email phone address"
STANDARD_CLAIMS = {
    *("name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
    *("website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"),
    *("email", "email_verified", "phone_number", "phone_number_verified", "address"),
}


async def verified(browser: Browser, token: str, audience: str, access_token: str | None = None) -> dict[str, Any]:
    """The claims of a token, by python-jose and the published keys."""
    header = jwt.get_unverified_header(token)
    published = (await browser.http.get("/jwks")).json()["keys"]
    (key,) = [key for key in published if key["kid"] == header["kid"]]
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[key["alg"]],
        audience=audience,
        issuer=ISSUER,
        access_token=access_token,
        # The test's clock stands elsewhere than the library's, and the hash is checked where the token is at hand.
        options={"verify_exp": False, "verify_iat": False, "verify_at_hash": access_token is not None},
    )
    return claims


@pytest.mark.parametrize(("client_id", "algorithm"), [("portal", "RS256"), ("gateway", "ES256")])
async def test_an_id_token_verifies_with_the_published_keys(browser: Browser, client_id: str, algorithm: str) -> None:
    page = await browser.signed_in(client_id)
    if page.has_form("consent"):
        page = await browser.submit(page, "consent", decision="allow")
    tokens = (await browser.redeem(page, client_id)).json()

    claims = await verified(browser, tokens["id_token"], client_id, access_token=tokens["access_token"])

    assert jwt.get_unverified_header(tokens["id_token"])["alg"] == algorithm
    assert claims["nonce"] == "nonce-1"
    assert claims["at_hash"]
    assert claims.keys() & STANDARD_CLAIMS == set()


async def test_userinfo_tells_every_standard_claim_of_a_person_who_has_them(browser: Browser) -> None:
    tokens = await browser.tokens(scope=EVERYTHING)

    claims = (await browser.userinfo(tokens["access_token"])).json()

    assert claims.keys() >= STANDARD_CLAIMS
    assert claims["sub"] == (await verified(browser, tokens["id_token"], "portal"))["sub"]
    assert claims["address"]["country"] == "VN"
    assert claims["email_verified"] is True
    assert "personal_number" not in claims


async def test_a_claim_asked_for_at_userinfo_is_told_there_and_not_in_the_id_token(browser: Browser) -> None:
    tokens = await browser.tokens(claims='{"userinfo":{"name":{"essential":true}}}')

    assert (await browser.userinfo(tokens["access_token"])).json()["name"] == "Nguyễn Văn An"
    assert "name" not in await verified(browser, tokens["id_token"], "portal")


async def test_a_claim_asked_for_in_the_id_token_is_told_there(browser: Browser) -> None:
    tokens = await browser.tokens(claims='{"id_token":{"name":{"essential":true},"auth_time":{"essential":true}}}')

    claims = await verified(browser, tokens["id_token"], "portal")

    assert claims["name"] == "Nguyễn Văn An"
    assert claims["auth_time"] == browser.provider.clock.at


async def test_without_nonce_and_state_none_come_back(browser: Browser) -> None:
    page = await browser.signed_in(nonce=None, state=None)
    tokens = (await browser.redeem(page)).json()

    assert "state" not in page.answer
    assert "nonce" not in await verified(browser, tokens["id_token"], "portal")


async def test_a_client_that_posts_its_secret_is_served(browser: Browser) -> None:
    page = await browser.signed_in("posting")
    fields = {
        "grant_type": "authorization_code",
        "code": page.answer["code"],
        "redirect_uri": "http://localhost:9001/callback",
        "client_id": "posting",
        "client_secret": SECRET,
    }

    assert (await browser.http.post("/token", data=fields)).status_code == 200


@pytest.mark.parametrize("seconds", [0, 30])
async def test_a_code_used_again_is_refused_and_everything_issued_from_it_stops_working(
    browser: Browser, provider: Provider, seconds: int
) -> None:
    page = await browser.signed_in(scope="openid offline_access")
    tokens = (await browser.redeem(page)).json()
    provider.clock.advance(seconds)

    again = await browser.redeem(page)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refreshed = await browser.http.post("/token", data=refresh, auth=("portal", SECRET))
    assert refreshed.json()["error"] == "invalid_grant"


async def test_of_fifty_redemptions_of_one_code_one_succeeds_and_its_tokens_are_dead(browser: Browser) -> None:
    page = await browser.signed_in()

    answers = await gather(*(browser.redeem(page) for _ in range(50)))

    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.json()["error"] for answer in answers if answer is not won[0]} == {"invalid_grant"}
    assert (await browser.userinfo(won[0].json()["access_token"])).status_code == 401


async def test_people_cannot_be_joined_across_sectors_and_keep_their_subject_within_one(
    browser: Browser, provider: Provider
) -> None:
    first = await verified(browser, (await browser.tokens())["id_token"], "portal")
    provider.clock.advance(3600)
    other = provider.browser()
    again = await verified(browser, (await other.tokens())["id_token"], "portal")

    assert first["sub"] == again["sub"]
    assert first["sid"] != again["sid"]


async def test_an_officer_s_place_is_told_to_the_officers_portal(browser: Browser, provider: Provider) -> None:
    page = await browser.authorize("officers", scope="openid officer")
    page = await browser.submit(
        page, "sign-in", username="cuong@g10.example.vn", password="another horse battery staple"
    )
    page = await browser.submit(page, "otp", code=provider.one_time_code())
    tokens = (await browser.redeem(page, "officers")).json()

    claims = (await browser.userinfo(tokens["access_token"])).json()

    assert claims["agency"] == {"code": "G10", "name": "Bộ Tài nguyên và Môi trường"}
    assert claims["roles"] == ["proofing_officer"]
    assert claims["position"] == "Chuyên viên"
    assert claims["officer_id"]
