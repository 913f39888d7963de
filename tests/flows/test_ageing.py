"""Proofs that end: what is told of a person is what holds at that moment, in tokens and on pages."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from idp.domain.ids import Seconds
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, IdentityCard
from tests.flows.logout_receiver import background_jobs
from tests.flows.provider import Browser, Provider, unverified_claims
from tests.ports.samples import EVENT

AN = "001099000001"
VERIFIED = {
    "verification": {"trust_framework": None, "assurance_level": None},
    "claims": {"name": None, "gender": None},
}
ASKED = json.dumps(
    {
        "userinfo": {"verified_claims": VERIFIED, "identity_level": None, "gender": None},
        "id_token": {"verified_claims": VERIFIED, "identity_level": None},
    }
)


async def change(provider: Provider, **changes: Any) -> None:
    record = await provider.stores.identity_records.of_number(AN)
    assert record is not None
    await provider.stores.identity_records.save(replace(record, **changes), EVENT)


async def told(browser: Browser) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a sign-in tells now: in the ID token, and at userinfo."""
    page = await browser.authorize("portal", scope="openid profile identity", claims=ASKED)
    if page.has_form("sign-in"):
        page = await browser.sign_in(page)
    tokens = (await browser.redeem(page)).json()
    return unverified_claims(tokens["id_token"]), (await browser.userinfo(tokens["access_token"])).json()


async def test_a_level_that_ended_is_asserted_nowhere(provider: Provider, browser: Browser) -> None:
    start = provider.clock.at
    await change(provider, level_expires_at=Seconds(start + 100))
    for claims in await told(browser):
        assert claims["identity_level"] == 2
        assert claims["verified_claims"]["verification"]["assurance_level"] == "level_2"
    provider.clock.at = start + 100
    for claims in await told(browser):
        assert claims["identity_level"] == 1
        assert claims["verified_claims"]["verification"]["assurance_level"] == "level_1"


async def test_a_claim_whose_proof_is_over_is_told_as_recorded_and_not_as_verified(
    provider: Provider, browser: Browser
) -> None:
    start = provider.clock.at
    facts = AttributeFacts(POPULATION_REGISTER, Seconds(start), Seconds(start + 100))
    await change(provider, attributes={"gender": facts})
    for claims in await told(browser):
        assert set(claims["verified_claims"]["claims"]) == {"name", "gender"}
    provider.clock.at = start + 100
    for claims in await told(browser):
        assert set(claims["verified_claims"]["claims"]) == {"name"}
    _, userinfo = await told(browser)
    assert userinfo["gender"] == "male"


async def test_nothing_is_verified_of_whom_nobody_could_identify_any_more(provider: Provider, browser: Browser) -> None:
    start = provider.clock.at
    await change(provider, attributes={"name": AttributeFacts(POPULATION_REGISTER, Seconds(start), Seconds(start + 9))})
    provider.clock.at = start + 9
    for claims in await told(browser):
        assert "identity_level" not in claims
        assert "verified_claims" not in claims


async def test_the_person_sees_the_level_of_now_and_what_ended(provider: Provider, browser: Browser) -> None:
    start = provider.clock.at
    facts = AttributeFacts(POPULATION_REGISTER, Seconds(start), Seconds(start + 100))
    await change(provider, attributes={"gender": facts}, card=IdentityCard(AN, expires="2026-09-21"))
    await browser.signed_in("portal")
    page = await browser.get("/account/identity")
    assert "đến 21 tháng 9" in " ".join(page.text.split())
    provider.clock.advance(5 * 3600)
    page = await browser.sign_in(await browser.get("/account/identity"))
    assert "<dd>1</dd>" in page.text.replace(" <", "<")
    assert "được coi là đã xác minh đến hết" in page.text


async def test_the_job_tells_the_person_and_follows_the_card(provider: Provider) -> None:
    # Jobs stand still where the clock is not the database's.
    now = datetime.now(UTC)
    provider.clock.at = int(now.timestamp())
    await change(provider, card=IdentityCard(AN, expires=f"{now + timedelta(days=9):%Y-%m-%d}"))
    async with background_jobs(provider.app):
        await told_by_mail(provider)
        (mail,) = provider.mails()
        assert "an@example.vn" in mail
        names = [record.name async for record in provider.stores.audit_log.records()]
        assert names.count("identity.ageing_notice") == 1


async def told_by_mail(provider: Provider) -> None:
    """Wait until the application's own job has looked at the record."""
    for _ in range(200):
        if provider.mails() and not await provider.stores.ageing_records.due(provider.clock.now(), None, 1):
            return
        await asyncio.sleep(0.02)
