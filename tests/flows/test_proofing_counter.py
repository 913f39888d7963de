"""The counter: from the search by card to level 2 that services are told, exceptions, merges, and the JSON API."""

import json
from typing import Any

import pytest

from idp.domain.offices.administration import Role
from idp.domain.records import PersonRecord, Records
from tests.flows.console import COLLEAGUES, USERNAMES, api_of, at_the_desk
from tests.flows.provider import PASSWORD, Browser, Page, Provider
from tests.flows.test_activation import activated
from tests.journeys.administration.counter import REMOTE, registered
from tests.ports.samples import EVENT

OFFICER = USERNAMES[Role.PROOFING_OFFICER]
COLLEAGUE = COLLEAGUES[Role.PROOFING_OFFICER]
IDENTITY_ADMIN = USERNAMES[Role.IDENTITY_ADMIN]
BINH = "001199000002"
ROOM = "/admin/proofing"
CARD = {"card_number": BINH, "card_issued": "2022-05-06", "card_expires": "2037-05-06"}
USUAL = {f"check_{check}": "yes" for check in ("card", "chip", "portrait", "register")}
DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SCANNED = {"page_1_kind": "front", "page_1_url": "https://archive.g10.example.vn/7f1e", "page_1_digest": DIGEST}


async def case_of(provider: Provider, number: str = BINH) -> tuple[Browser, Page]:
    browser, page = await at_the_desk(provider, OFFICER, ROOM)
    page = await browser.submit(page, "find", number=number)
    assert page.status == 200, page.refusal
    assert page.path.startswith(f"{ROOM}/")
    return browser, page


async def told(provider: Provider, **wanted: Any) -> dict[str, Any]:
    """What a service is told of how Bình was proved."""
    browser = provider.browser()
    element = {"verification": {"trust_framework": None, **wanted}, "claims": {"name": None}}
    claims = json.dumps({"userinfo": {"verified_claims": element}})
    page = await browser.authorize("portal", scope="openid profile", claims=claims)
    page = await browser.sign_in(page, "binh@example.vn")
    tokens = (await browser.redeem(page)).json()
    answer = await browser.http.get("/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"})
    verification: dict[str, Any] = answer.json()["verified_claims"]["verification"]
    return verification


async def test_a_person_comes_to_the_counter_and_services_are_told_level_2_with_its_evidence(
    provider: Provider,
) -> None:
    assert await told(provider, assurance_level=None) == {"trust_framework": "vn_eid", "assurance_level": "level_1"}
    browser, page = await case_of(provider)
    case_id = page.path.removeprefix(f"{ROOM}/")
    assert "Trần Thị Bình" in page.text
    assert BINH not in page.path

    page = await browser.submit(page, "proofing", decision="pass", **USUAL, **CARD, **SCANNED)

    assert (page.status, page.path) == (200, f"{ROOM}/{case_id}?notice=passed")
    assert not page.has_form("proofing")
    wanted = {"assurance_level": None, "verification_process": None, "time": None}
    evidence = [{"type": None, "document_details": {"type": None}, "check_details": [{"check_method": None}]}]
    verification = await told(provider, **wanted, evidence=[{**evidence[0], "attachments": None}])
    assert (verification["assurance_level"], verification["verification_process"]) == ("level_2", case_id)
    (proof,) = verification["evidence"]
    assert proof["document_details"] == {"type": "idcard"}
    assert [check["check_method"] for check in proof["check_details"]] == ["vpip", "vcrypt", "pvp", "data"]
    (attachment,) = proof["attachments"]
    assert attachment["url"] == SCANNED["page_1_url"]
    assert attachment["digest"] == {"alg": "sha-256", "value": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}


async def test_what_was_typed_is_kept_when_it_does_not_carry_the_level(provider: Provider) -> None:
    browser, page = await case_of(provider)
    wrong = {**CARD, "card_number": "001099000001"}
    page = await browser.submit(page, "proofing", decision="pass", **USUAL, **wrong, **SCANNED)

    assert page.status == 422
    assert page.refusal
    assert 'value="001099000001"' in page.text
    assert 'id="check_chip" name="check_chip" value="yes" checked' in page.text
    assert SCANNED["page_1_url"] in page.text
    page = await browser.submit(page, "proofing", decision="pass", **USUAL, **CARD, **SCANNED)
    assert page.path.endswith("notice=passed")


@pytest.mark.parametrize(
    "entry",
    [
        {"card_issued": "06/05/2022"},
        {"card_number": "", "card_issued": "2022-05-06"},
        {"card_number": "x" * 30},
        {"ground": "whatever"},
        {"page_1_url": "http://archive.g10.example.vn/7f1e"},
        {"page_1_digest": "abc"},
        {"page_1_kind": ""},
        {"decision": ""},
        {"decision": "refuse", "reason": "second_officer"},
    ],
)
async def test_an_entry_that_cannot_be_is_refused(provider: Provider, entry: dict[str, str]) -> None:
    browser, page = await case_of(provider)
    page = await browser.submit(page, "proofing", **{"decision": "pass", **USUAL, **CARD, **SCANNED, **entry})

    assert (page.status, bool(page.refusal)) == (422, True)


async def test_a_number_that_nobody_has_is_told_and_leaves_no_trace_of_itself(provider: Provider) -> None:
    browser, page = await at_the_desk(provider, OFFICER, ROOM)
    page = await browser.submit(page, "find", number="001199000099")

    assert (page.status, page.path) == (422, ROOM)
    assert page.refusal
    records = [record async for record in provider.stores.audit_log.records()]
    assert not any(b"001199000099" in record.payload for record in records)


async def test_a_case_is_closed_with_a_reason_and_stands_in_the_queue_no_more(provider: Provider) -> None:
    browser, page = await case_of(provider)
    queue = await browser.get(ROOM)
    assert page.path in queue.text
    page = await browser.submit(page, "refuse", decision="refuse", reason="left")
    assert page.path.endswith("notice=closed")
    assert page.path.partition("?")[0] not in (await browser.get(ROOM)).text


async def test_the_code_is_shown_once_and_proves_more_than_a_password(provider: Provider) -> None:
    browser, page = await case_of(provider)
    assert not page.has_form("code")
    page = await browser.submit(page, "proofing", decision="pass", **USUAL, **CARD)
    page = await browser.submit(page, "code")
    code = page.text.partition('<p id="activation-code"><code>')[2].partition("</code>")[0]
    assert len(code) == 8
    assert not page.has_form("code")
    again = await browser.get(page.path.removesuffix("/code"))
    assert code not in again.text
    assert not again.has_form("code")

    person = provider.browser()
    step = await person.authorize("gateway", scope="openid")
    step = await person.submit(step, "sign-in", username="binh@example.vn", password="correct horse battery staple")
    step = await person.submit(step, "activate", code=code)
    assert step.has_form("enrol-otp")


async def test_who_registered_in_anothers_name_is_out_and_the_owner_gets_in_by_the_link(provider: Provider) -> None:
    account = await provider.stores.accounts.find("binh@example.vn")
    assert account
    assert account.password_hash
    chi = registered(account.password_hash, provider.clock.now())
    await provider.stores.identity_records.create(chi, EVENT)
    thief = provider.browser()
    page = await thief.sign_in(await thief.authorize("portal"), "chi@example.vn")
    assert "code" in page.answer

    browser, page = await case_of(provider, REMOTE)
    assert 'id="begins-anew"' in page.text
    page = await browser.submit(page, "proofing", decision="pass", **USUAL, **{**CARD, "card_number": REMOTE})
    assert 'id="begins-anew"' not in page.text
    page = await browser.submit(page, "code")
    link = page.text.partition('<code id="activation-link">')[2].partition("</code>")[0]
    assert "/activate/" in link

    page = await thief.authorize("portal")
    assert page.has_form("sign-in"), "the session has ended"
    for identifier in ("chi@example.vn", REMOTE):
        page = await thief.submit(page, "sign-in", username=identifier, password=PASSWORD)
        assert page.refusal
    owner = provider.browser()
    page, _ = await activated(owner, f"/activate/{link.rpartition('/')[2]}")
    assert page.path == "/account"
    page = await owner.authorize("portal", scope="openid")
    assert "code" in page.answer


async def test_an_exception_passes_once_a_colleague_agrees(provider: Provider) -> None:
    browser, page = await case_of(provider)
    lost = {"check_register": "yes", "check_fingerprint": "yes", "ground": "no_card"}
    page = await browser.submit(page, "proofing", decision="pass", **lost)
    assert page.path.endswith("notice=second_officer")
    change = page.text.partition('href="/admin/changes/')[2].partition('"')[0]
    own = await browser.get(f"/admin/changes/{change}")
    assert not own.has_form("decide")

    colleague, page = await at_the_desk(provider, COLLEAGUE, f"/admin/changes/{change}")
    page = await colleague.submit(page, "decide", decision="approve")

    assert page.status == 200
    verification = await told(provider, assurance_level=None, evidence=[{"type": None}])
    assert verification["assurance_level"] == "level_2"
    assert verification["evidence"] == [{"type": "electronic_record"}]


async def test_officers_are_not_proved_by_themselves(provider: Provider) -> None:
    browser, page = await at_the_desk(provider, OFFICER, ROOM)
    account_id = await provider.stores.records.account_of(OFFICER)
    assert account_id
    record = await provider.stores.identity_records.of_account(account_id)
    assert record is not None
    page = await browser.submit(page, "find", number=record.personal_number)

    assert (page.status, page.error_code) == (403, "own_identity")


async def test_two_accounts_of_one_person_become_one_and_services_know_the_person_as_before(
    provider: Provider,
) -> None:
    await _second_binh(provider)
    before = await _subject(provider)
    browser, page = await case_of(provider)
    place = page.text.partition(f'href="{page.path}/merge/')[2].partition('"')[0]
    page = await browser.get(f"{page.path}/merge/{place}")
    assert "001199000022" in page.text
    page = await browser.submit(page, "merge", surviving="this", number="other")
    assert page.path.endswith("?notice=asked")
    assert not page.has_form("decide")

    admin, page = await at_the_desk(provider, IDENTITY_ADMIN, page.path.partition("?")[0])
    page = await admin.submit(page, "decide", decision="approve")

    assert page.status == 200
    assert await _subject(provider) == before
    browser = provider.browser()
    page = await browser.sign_in(await browser.authorize("portal"), BINH)
    assert page.refusal
    page = await browser.sign_in(page, "001199000022")
    assert "code" in page.answer


async def test_the_api_does_what_the_room_does(provider: Provider) -> None:
    officer = await api_of(provider, OFFICER)
    status, refused = await officer.call("POST", "/proofing", {"number": "001199000099"})
    assert (status, refused["field"], refused["reason"]) == (422, "number", "nobody")
    status, case = await officer.call("POST", "/proofing", {"number": BINH})
    assert (status, case["state"]) == (201, "open")
    place = f"/proofing/{case['case_id']}"
    assert (await officer.call("GET", "/proofing"))[1] == {"cases": [case], "next": None}
    status, seen = await officer.call("GET", place)
    assert (status, seen["record"]["identity_level"], seen["may_decide"], seen["found"]) == (200, 1, True, None)
    page = {"kind": "front", "url": "https://archive.g10.example.vn/7f1e", "digest": DIGEST}
    found: dict[str, Any] = {
        "decision": "pass",
        "checks": ["card", "chip", "portrait", "register"],
        "card": {"number": BINH, "issued": "2022-05-06", "expires": "2037-05-06"},
        "pages": [page],
    }
    bad_page = {**found, "pages": [{**page, "digest": "x"}]}
    assert (await officer.call("POST", place, bad_page))[1]["field"] == "pages.0.digest"
    assert (await officer.call("POST", place, {"decision": "refuse"}))[0] == 422
    status, passed = await officer.call("POST", place, found)
    assert (status, passed["state"]) == (200, "passed")
    _, seen = await officer.call("GET", place)
    assert seen["found"]["checks"] == found["checks"]
    assert seen["record"]["card"] == seen["found"]["card"] == found["card"]
    status, refused = await officer.call("POST", place, found)
    assert (status, refused["code"]) == (409, "changed_meanwhile")
    status, code = await officer.call("POST", f"{place}/code")
    assert (status, len(code["code"]), code["activation_link"]) == (200, 8, None)
    assert (await officer.call("POST", f"{place}/code"))[0] == 409
    auditor = await api_of(provider, USERNAMES[Role.AUDITOR])
    assert (await auditor.call("GET", "/proofing"))[0] == 403


async def test_the_api_hands_over_a_link_for_an_account_that_begins_anew(provider: Provider) -> None:
    await provider.stores.identity_records.create(registered("a hash", provider.clock.now()), EVENT)
    officer = await api_of(provider, OFFICER)
    _, case = await officer.call("POST", "/proofing", {"number": REMOTE})
    place = f"/proofing/{case['case_id']}"
    assert (await officer.call("GET", place))[1]["begins_anew"] is True
    card = {"number": REMOTE, "issued": "2022-05-06", "expires": "2037-05-06"}
    found = {"decision": "pass", "checks": ["card", "chip", "portrait", "register"], "card": card}
    assert (await officer.call("POST", place, found))[1]["state"] == "passed"
    assert (await officer.call("GET", place))[1]["begins_anew"] is False
    status, over = await officer.call("POST", f"{place}/code")
    assert (status, over["code"]) == (200, None)
    assert "/activate/" in over["activation_link"]


async def test_the_api_asks_for_a_merge(provider: Provider) -> None:
    await _second_binh(provider)
    officer = await api_of(provider, OFFICER)
    _, case = await officer.call("POST", "/proofing", {"number": BINH})
    place = f"/proofing/{case['case_id']}"
    _, seen = await officer.call("GET", place)
    (like,) = seen["like"]
    assert like["kinds"] == ["name_and_birthdate"]
    status, compared = await officer.call("GET", f"{place}/merge/{like['account_id']}")
    assert (status, compared["other"]["personal_number"]) == (200, "001199000022")
    status, asked = await officer.call(
        "POST", f"{place}/merge/{like['account_id']}", {"surviving": "this", "number": "this"}
    )
    assert status == 202
    status, change = await officer.call("GET", f"/changes/{asked['change_id']}")
    assert (status, change["kind"]) == (200, "people.merge")


async def _second_binh(provider: Provider) -> None:
    account = await provider.stores.accounts.find("binh@example.vn")
    assert account is not None
    second = PersonRecord(
        "001199000022",
        {"name": "Trần Thị Bình", "birthdate": "1999-05-06", "gender": "female"},
        level=1,
        password_hash=account.password_hash,
    )
    await provider.stores.records.load(Records(people=(second,)), EVENT)


async def _subject(provider: Provider) -> str:
    browser = provider.browser()
    page = await browser.sign_in(await browser.authorize("portal"), "binh@example.vn")
    tokens = (await browser.redeem(page)).json()
    answer = await browser.http.get("/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"})
    subject: str = answer.json()["sub"]
    return subject
