"""Acting for others: the choice at sign-in, what tokens say of it, and what becomes of them when the authority ends."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from idp.domain.events import GuardianshipEnded, MandateEnded, Origin
from idp.domain.ids import ClientId, RequestId, Seconds
from idp.domain.records import OrganisationRecord, Records
from idp.domain.representation.guardianship import Guardianship, GuardianshipEnd, GuardianshipKind
from idp.domain.representation.mandate import Function, Mandate, MandateEnd
from idp.domain.representation.principal import PrincipalKind
from idp.ports.authorities import WardDetails
from tests.flows.acting import AN, BINH, CHILD, ELSEWHERE, TAX_CODE, acting_records
from tests.flows.provider import Browser, Page, Provider, running_provider, unverified_claims

ORGANISATION = f"organisation:{TAX_CODE}"
SCOPE = "openid profile authority"
ORIGIN = Origin(RequestId("request"), "test")
GUARDIANSHIP_ENDED = GuardianshipEnded(origin=ORIGIN, guardianship_id="ward-1", end="withdrawn")
MANDATE_ENDED = MandateEnded(origin=ORIGIN, mandate_id="mandate-1", principal="", end="revoked")


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with running_provider(tmp_path, acting_records()) as running:
        yield running


async def account(provider: Provider, number: str) -> Any:
    found = await provider.stores.accounts.find(number)
    assert found is not None
    return found


async def give_mandate(provider: Provider, **changes: Any) -> None:
    """Bình's mandate for An, at the portal."""
    giver, holder, now = await account(provider, BINH), await account(provider, AN), provider.clock.now()
    mandate = Mandate(
        mandate_id="mandate-1",
        giver_kind=PrincipalKind.PERSON,
        giver=giver.person_id,
        holder=holder.person_id,
        services=frozenset({ClientId("portal")}),
        functions=frozenset({Function.SUBMIT}),
        valid_from=now,
        valid_to=Seconds(now + 10 * 24 * 3600),
        created_by=giver.person_id,
        created_at=now,
        agreed_at=now,
    )
    await provider.stores.mandates.propose(replace(mandate, **changes), MANDATE_ENDED)
    await provider.stores.mandates.accept("mandate-1", holder.person_id, now, MANDATE_ENDED)


async def make_guardian(provider: Provider) -> None:
    """An becomes the child's guardian."""
    guardian, child = await account(provider, AN), await account(provider, CHILD)
    asked = Guardianship("ward-1", GuardianshipKind.MINOR, guardian.person_id, provider.clock.now())
    details = WardDetails(CHILD, "Nguyễn Thị Bé", date(2015, 3, 4))
    await provider.stores.guardianships.ask(asked, details, GUARDIANSHIP_ENDED)
    await provider.stores.guardianships.confirm("ward-1", child.person_id, provider.clock.now(), GUARDIANSHIP_ENDED)


async def asked(browser: Browser, client_id: str = "portal", **parameters: str) -> Page:
    """The page "act for"."""
    page = await browser.signed_in(client_id, **{"scope": SCOPE, **parameters})
    assert page.has_form("principal")
    return page


async def acting(browser: Browser, principal: str, **parameters: str) -> dict[str, Any]:
    """The tokens of a sign-in for `principal`."""
    answer = await browser.submit(await asked(browser, **parameters), "principal", principal=principal)
    response = await browser.redeem(answer)
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    return tokens


async def refresh(browser: Browser, tokens: dict[str, Any]) -> Any:
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    return await browser.http.post("/token", data=fields, auth=("portal", "a-client-secret-for-tests-only"))


async def introspect(browser: Browser, token: str) -> dict[str, Any]:
    auth = ("portal", "a-client-secret-for-tests-only")
    told: dict[str, Any] = (await browser.http.post("/introspect", data={"token": token}, auth=auth)).json()
    return told


async def test_whoever_has_nobody_to_act_for_is_not_asked(browser: Browser) -> None:
    page = await browser.sign_in(await browser.authorize(scope=SCOPE), BINH)
    assert "code" in page.answer


async def test_a_client_that_does_not_want_to_know_gets_no_page_in_between(browser: Browser) -> None:
    tokens = await browser.tokens(scope="openid profile")
    assert "authority" not in unverified_claims(tokens["id_token"])


async def test_an_organisation_is_named_by_its_tax_code_everywhere_and_sub_stays_the_human(browser: Browser) -> None:
    tokens = await acting(browser, ORGANISATION)
    id_token = unverified_claims(tokens["id_token"])
    told = {
        "applies_to": {
            "organization_name": "Công ty Bình Minh",
            "registration_number": TAX_CODE,
            "registration_authority_code": "VN-TAX",
        },
        "permission": [{"role": "legal_representative", "may_delegate": True}],
        "granted_by": {"method": "appointed"},
    }
    assert id_token["authority"] == told
    assert unverified_claims(tokens["access_token"])["authority"] == told
    userinfo = (await browser.userinfo(tokens["access_token"])).json()
    assert (userinfo["authority"], userinfo["sub"], userinfo["name"]) == (told, id_token["sub"], "Nguyễn Văn An")
    assert (await introspect(browser, tokens["access_token"]))["authority"] == told
    assert (await introspect(browser, tokens["refresh_token"]))["authority"] == told


async def test_who_acts_for_nobody_else_has_no_claim(browser: Browser) -> None:
    tokens = await acting(browser, "self")
    assert "authority" not in unverified_claims(tokens["id_token"])
    assert "authority" not in (await browser.userinfo(tokens["access_token"])).json()


async def test_the_claims_parameter_asks_as_the_scope_does(browser: Browser) -> None:
    page = await browser.signed_in(scope="openid", claims='{"id_token": {"authority": null}}')
    assert page.has_form("principal")


async def test_a_client_that_serves_organisations_always_asks(tmp_path: Path) -> None:
    records = acting_records().replace(
        "  - client_id: post-office\n", "  - client_id: post-office\n    serves_organisations: true\n"
    )
    async with running_provider(tmp_path, records) as provider:
        page = await provider.browser().signed_in("post-office", scope="openid")
        assert page.has_form("principal")


async def test_the_choice_belongs_to_one_authorization(browser: Browser) -> None:
    await acting(browser, ORGANISATION)
    again = await browser.authorize(scope=SCOPE)
    assert again.has_form("principal")
    answer = await browser.submit(again, "principal", principal="self")
    tokens = (await browser.redeem(answer)).json()
    assert "authority" not in unverified_claims(tokens["id_token"])


async def test_choosing_is_offered_again_when_the_client_wants_an_account_selected(browser: Browser) -> None:
    await acting(browser, ORGANISATION)
    page = await browser.sign_in(await browser.authorize(scope=SCOPE, prompt="select_account"))
    assert page.has_form("principal")


async def test_without_a_page_nobody_is_acted_for(browser: Browser) -> None:
    await acting(browser, ORGANISATION)
    page = await browser.authorize(scope=SCOPE, prompt="none")
    assert page.answer["error"] == "interaction_required"


@pytest.mark.parametrize(
    "principal", ["organisation:0100109107", "ward:ward-2", "person:x", "nonsense", "organisation:"]
)
async def test_nothing_is_taken_that_was_not_offered(browser: Browser, principal: str) -> None:
    page = await browser.submit(await asked(browser), "principal", principal=principal)
    assert (page.status, page.has_form("principal")) == (400, True)
    assert page.refusal


async def test_an_unanswered_question_is_asked_again(browser: Browser) -> None:
    page = await browser.submit(await asked(browser), "principal")
    assert page.status == 400


async def test_a_ward_has_the_subject_that_it_would_have_itself_and_another_at_every_client(
    provider: Provider, browser: Browser
) -> None:
    await make_guardian(provider)
    tokens = await acting(browser, "ward:ward-1")
    claim = unverified_claims(tokens["id_token"])["authority"]
    assert claim["permission"] == [{"role": "guardian", "may_delegate": False}]
    assert claim["applies_to"]["name"] == "Nguyễn Thị Bé"
    assert claim["applies_to"]["sub"] != unverified_claims(tokens["id_token"])["sub"]
    in_token = unverified_claims(tokens["access_token"])["authority"]["applies_to"]
    assert in_token == {"sub": claim["applies_to"]["sub"]}
    page = await browser.authorize("gateway", scope=SCOPE, redirect_uri=ELSEWHERE)
    page = await browser.submit(page, "otp", code=provider.one_time_code())
    page = await browser.submit(page, "principal", principal="ward:ward-1")
    assert "Nguyễn Thị Bé" in page.text
    answer = await browser.submit(page, "consent", decision="allow")
    other = (await browser.redeem(answer, "gateway", redirect_uri=ELSEWHERE)).json()
    assert unverified_claims(other["id_token"])["authority"]["applies_to"]["sub"] != claim["applies_to"]["sub"]


async def test_the_fourteenth_birthday_ends_everything_by_itself(provider: Provider, browser: Browser) -> None:
    await make_guardian(provider)
    provider.clock.at = 1_867_251_600 - 60  # a minute before 2029-03-04 begins in Viet Nam
    tokens = await acting(browser, "ward:ward-1", scope=f"{SCOPE} offline_access")
    assert (await browser.userinfo(tokens["access_token"])).status_code == 200
    provider.clock.advance(60)
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    assert await introspect(browser, tokens["access_token"]) == {"active": False}
    assert await introspect(browser, tokens["refresh_token"]) == {"active": False}
    assert (await refresh(browser, tokens)).json()["error"] == "invalid_grant"


async def test_a_mandate_is_told_with_its_days_and_functions_and_counts_where_it_was_given(
    provider: Provider, browser: Browser
) -> None:
    await give_mandate(provider)
    tokens = await acting(browser, "person:mandate-1")
    claim = unverified_claims(tokens["id_token"])["authority"]
    (permission,) = claim["permission"]
    assert (permission["role"], permission["function"]) == ("mandate_holder", ["submit"])
    assert permission["validity"] == {"start": "2026-09-21", "end": "2026-10-01"}
    assert claim["granted_by"] == {"method": "delegated"}
    page = await browser.authorize("gateway", scope=SCOPE, redirect_uri=ELSEWHERE)
    page = await browser.submit(page, "otp", code=provider.one_time_code())
    assert page.has_form("principal")
    assert "person:mandate-1" not in page.text


async def test_a_payment_is_offered_only_for_whom_the_person_may_pay(provider: Provider, browser: Browser) -> None:
    await give_mandate(provider, services=frozenset({ClientId("gateway")}))
    details = (
        '[{"type": "payment_initiation", "actions": ["initiate"], "instructedAmount": {"currency": "VND", "amount": '
        '"1000"}, "creditorName": "Kho bạc", "creditorAccount": {"bank": "X", "accountNumber": "1"}}]'
    )
    page = await asked(browser, "gateway", redirect_uri=ELSEWHERE, authorization_details=details)
    assert ORGANISATION in page.text
    assert "person:mandate-1" not in page.text


async def test_a_revoked_mandate_refuses_refresh_ends_the_family_and_tells_the_client(
    provider: Provider, browser: Browser
) -> None:
    await give_mandate(provider)
    tokens = await acting(browser, "person:mandate-1", scope=f"{SCOPE} offline_access")
    turned = (await refresh(browser, tokens)).json()
    assert unverified_claims(turned["access_token"])["authority"]["granted_by"] == {"method": "delegated"}
    await provider.stores.mandates.end("mandate-1", MandateEnd.REVOKED, provider.clock.now(), MANDATE_ENDED)
    assert (await browser.userinfo(turned["access_token"])).status_code == 401
    assert (await refresh(browser, turned)).json()["error"] == "invalid_grant"
    assert await provider.stores.outbox.pending() == 1


async def test_a_mandate_that_ran_out_ends_the_family_at_the_next_refresh_and_tells_the_client(
    provider: Provider, browser: Browser
) -> None:
    await give_mandate(provider)
    tokens = await acting(browser, "person:mandate-1", scope=f"{SCOPE} offline_access")
    provider.clock.advance(10 * 24 * 3600)
    assert (await refresh(browser, tokens)).json()["error"] == "invalid_grant"
    assert await provider.stores.outbox.pending() == 1
    names = [record.name async for record in provider.stores.audit_log.records()]
    assert "authority.lapsed" in names


async def test_a_representative_who_is_not_proved_at_level_two_any_more_acts_for_nobody(
    provider: Provider, browser: Browser
) -> None:
    tokens = await acting(browser, ORGANISATION, scope=f"{SCOPE} offline_access")
    record = await provider.stores.identity_records.of_number(AN)
    assert record is not None
    ends = Seconds(provider.clock.now() + 60)
    await provider.stores.identity_records.save(replace(record, level_expires_at=ends), MANDATE_ENDED)
    assert (await browser.userinfo(tokens["access_token"])).status_code == 200
    provider.clock.advance(60)
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    assert await introspect(browser, tokens["access_token"]) == {"active": False}
    assert (await refresh(browser, tokens)).json()["error"] == "invalid_grant"


async def test_nobody_acts_for_oneself_unasked_when_the_only_principal_ended_before_the_answer(
    provider: Provider, browser: Browser
) -> None:
    page = await browser.submit(
        await asked(browser, "gateway", redirect_uri=ELSEWHERE), "principal", principal=ORGANISATION
    )
    assert page.has_form("consent")
    gone = OrganisationRecord(TAX_CODE, "Công ty Bình Minh", ())
    await provider.stores.records.load(Records(organisations=(gone,)), MANDATE_ENDED)
    page = await browser.submit(page, "consent", decision="allow")
    assert page.has_form("principal")
    answer = await browser.submit(page, "principal", principal="self")
    tokens = (await browser.redeem(answer, "gateway", redirect_uri=ELSEWHERE)).json()
    assert "authority" not in unverified_claims(tokens["id_token"])


async def test_a_code_for_a_principal_is_worth_nothing_once_the_authority_ended(
    provider: Provider, browser: Browser
) -> None:
    await make_guardian(provider)
    answer = await browser.submit(await asked(browser), "principal", principal="ward:ward-1")
    await provider.stores.guardianships.end(
        "ward-1", GuardianshipEnd.WITHDRAWN, provider.clock.now(), GUARDIANSHIP_ENDED
    )
    assert (await browser.redeem(answer)).json()["error"] == "invalid_grant"


async def test_discovery_tells_of_the_extension(browser: Browser) -> None:
    document = (await browser.http.get("/.well-known/openid-configuration")).json()
    assert "authority" in document["scopes_supported"]
    assert "authority" in document["claims_supported"]
    assert document["authority_claims_supported"] is True
    assert document["authority_permissions_supported"] == ["legal_representative", "mandate_holder", "guardian"]
    assert document["authority_granted_methods_supported"] == ["appointed", "delegated"]


async def test_the_audit_trail_names_the_principal_and_nobody_by_name(provider: Provider, browser: Browser) -> None:
    await make_guardian(provider)
    await acting(browser, "ward:ward-1")
    records = {record.name: record.payload async for record in provider.stores.audit_log.records()}
    for name in ("principal.chosen", "authorization.granted", "tokens.issued"):
        assert b"ward:ward-1" in records[name]
    assert not any("Bé".encode() in payload or CHILD.encode() in payload for payload in records.values())
