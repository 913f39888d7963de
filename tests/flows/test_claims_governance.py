"""Claims governance over HTTP: allow-lists, predicates, the national portal's names, consent to purposes."""

import json
from dataclasses import replace
from typing import Any

from idp.domain.events import ClientChanged
from tests.flows.provider import Browser, Page, Provider, unverified_claims
from tests.ports.samples import ORIGIN

ASKED = json.dumps(
    {
        "userinfo": {"birthdate": None, "age_over_18": {"essential": True}, "resident_of": {"values": ["01", "79"]}},
        "id_token": {"age_over_18": {"value": True}, "age_over_21": None, "resident_of": {"value": "79"}},
    }
)


async def told(browser: Browser, page: Page, client_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The claims of userinfo and of the ID token."""
    tokens = (await browser.redeem(page, client_id)).json()
    return (await browser.userinfo(tokens["access_token"])).json(), unverified_claims(tokens["id_token"])


async def asked(browser: Browser, **parameters: str) -> Page:
    page = await browser.signed_in("cinema", **{"scope": "openid profile", "claims": ASKED, **parameters})
    assert page.has_form("consent")
    return page


async def test_nothing_leaves_that_the_allow_list_does_not_name(browser: Browser) -> None:
    page = await browser.submit(await asked(browser), "consent", decision="allow")
    userinfo, id_token = await told(browser, page, "cinema")

    assert userinfo.keys() == {"sub", "name", "nickname", "age_over_18", "resident_of"}
    assert (userinfo["age_over_18"], userinfo["resident_of"]) == (True, True)
    assert id_token["age_over_18"] is True
    assert id_token["resident_of"] is False
    assert not id_token.keys() & {"age_over_21", "birthdate", "name"}


async def test_the_person_reads_for_what_and_by_which_right(browser: Browser) -> None:
    page = await asked(browser, ui_locales="en")

    for text in ("To print the ticket", "To sell tickets for adults", "A law requires it", "Needed for a contract"):
        assert text in page.text
    assert "1999" not in page.text


async def test_verified_claims_hold_predicates_and_keep_to_the_list(browser: Browser) -> None:
    element = {
        "verification": {"trust_framework": None},
        "claims": {"age_over_18": None, "birthdate": None, "name": None, "resident_of": {"value": "00199"}},
    }
    request = json.dumps({"userinfo": {"verified_claims": element}})
    page = await browser.submit(await asked(browser, scope="openid", claims=request), "consent", decision="allow")
    userinfo, _ = await told(browser, page, "cinema")

    assert userinfo["verified_claims"]["claims"] == {"age_over_18": True, "name": "Nguyễn Văn An", "resident_of": True}


async def test_a_longer_list_tells_nothing_more_under_what_was_agreed_to_before(
    provider: Provider, browser: Browser
) -> None:
    page = await browser.submit(await asked(browser), "consent", decision="allow")
    token = (await browser.redeem(page, "cinema")).json()["access_token"]
    client = await provider.stores.client_registry.find("cinema")
    assert client is not None
    more = {
        "gender": {"purpose": {"": "Để gửi quà"}, "legal_basis": "consent"},
        "family_name": {"purpose": {"": "Để thống kê"}, "legal_basis": "law"},
    }
    claims = {**client.metadata["claims"], **more}
    longer = replace(client, metadata={**client.metadata, "claims": claims})
    assert longer.claims_policy != client.claims_policy
    event = ClientChanged(origin=ORIGIN, client_id=client.client_id, change="updated")
    assert await provider.stores.client_registry.replace(client, longer, event)

    provider.clock.advance(1)
    before = {"sub", "name", "nickname", "age_over_18", "resident_of"}
    assert (await browser.userinfo(token)).json().keys() == {*before, "family_name"}
    page = await browser.submit(
        await browser.authorize("cinema", scope="openid profile", claims=ASKED), "consent", decision="allow"
    )
    userinfo, _ = await told(browser, page, "cinema")
    assert userinfo.keys() == {*before, "family_name", "gender"}


async def test_a_birthday_in_the_country_changes_the_answer(provider: Provider, browser: Browser) -> None:
    # 1 January 2017 in the country: eighteen the day after.
    provider.clock.at = 1_483_203_600 - 1 + 24 * 3600
    request = json.dumps({"userinfo": {"age_over_18": None}})
    page = await browser.submit(await asked(browser, scope="openid", claims=request), "consent", decision="allow")
    tokens = (await browser.redeem(page, "cinema")).json()

    before = (await browser.userinfo(tokens["access_token"])).json()
    provider.clock.advance(1)
    after = (await browser.userinfo(tokens["access_token"])).json()

    assert (before["age_over_18"], after["age_over_18"]) == (False, True)


async def test_a_system_in_service_is_told_by_the_names_that_it_knows(browser: Browser) -> None:
    request = json.dumps({"id_token": {"SoDinhDanh": None}})
    page = await browser.signed_in("old-portal", scope="openid profile identity", acr_values="LoA1", claims=request)
    userinfo, id_token = await told(browser, page, "old-portal")

    assert userinfo.keys() == {"sub", "SoDinhDanh", "HoVaTen"}
    assert (userinfo["SoDinhDanh"], userinfo["HoVaTen"]) == ("001099000001", "Nguyễn Văn An")
    assert (id_token["SoDinhDanh"], id_token["acr"]) == ("001099000001", "LoA1")


async def test_predicates_stand_in_the_metadata(browser: Browser) -> None:
    metadata = (await browser.http.get("/.well-known/openid-configuration")).json()
    assert {"age_over_14", "age_over_16", "age_over_18", "age_over_21", "resident_of"} <= set(
        metadata["claims_supported"]
    )
    assert "age_over_18" in metadata["claims_in_verified_claims_supported"]


async def test_introspection_and_access_tokens_tell_nothing_about_the_person(browser: Browser) -> None:
    page = await browser.submit(await asked(browser), "consent", decision="allow")
    token = (await browser.redeem(page, "cinema")).json()["access_token"]
    answer = (
        await browser.http.post("/introspect", data={"token": token}, auth=("cinema", "a-client-secret-for-tests-only"))
    ).json()

    assert answer["active"]
    listed = {"name", "nickname", "age_over_18", "resident_of", "birthdate"}
    assert not listed & (answer.keys() | unverified_claims(token).keys())
