"""The room of locks: an authority's request from letter to lock, and a person's own lock ended at a counter."""

from datetime import datetime

import pytest

from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.country_time import COUNTRY_TIME
from idp.domain.ids import AccountId
from idp.domain.offices.administration import Role
from tests.flows.console import COLLEAGUES, USERNAMES, api_of, at_the_desk
from tests.flows.provider import Browser, Page, Provider
from tests.ports.samples import EVENT

CITIZEN = "001099000001"
IDENTITY, COLLEAGUE = USERNAMES[Role.IDENTITY_ADMIN], COLLEAGUES[Role.IDENTITY_ADMIN]
LETTER = {
    "direction": "lock",
    "authority": "Cơ quan Cảnh sát điều tra",
    "reason": "proceedings",
    "legal_reference": "Công văn 12/CV-CQĐT ngày 20/9/2026",
    "document_digest": "0A" * 32,
}


async def account_of(provider: Provider, identifier: str = CITIZEN) -> AccountId:
    account_id = await provider.stores.records.account_of(identifier)
    assert account_id is not None
    return account_id


async def is_active(provider: Provider) -> bool:
    account = await provider.stores.accounts.get(await account_of(provider))
    assert account is not None
    return account.is_active


async def entered(provider: Provider, **changes: str) -> tuple[Browser, Page]:
    """A request in the console, entered by an identity administrator."""
    browser, page = await at_the_desk(provider, IDENTITY, "/admin/locks")
    page = await browser.submit(page, "find", identifier=CITIZEN)
    return browser, await browser.submit(page, "request", **{**LETTER, **changes})


async def carried_out(provider: Provider, browser: Browser, page: Page) -> Page:
    """Forward a request, ask that it is carried out, and let a colleague agree."""
    page = await browser.submit(page, "forward", step="forward")
    page = await browser.submit(page, "carry-out", step="carry_out")
    place = page.path.partition("?")[0]
    # A one-time code is good once.
    provider.clock.advance(60)
    deciding, shown = await at_the_desk(provider, COLLEAGUE, place)
    return await deciding.submit(shown, "decide", decision="approve")


@pytest.fixture(autouse=True)
def monday_morning(provider: Provider) -> None:
    provider.clock.at = int(datetime(2026, 9, 28, 9, tzinfo=COUNTRY_TIME).timestamp())


async def test_an_authority_s_request_locks_once_two_administrators_agree(provider: Provider) -> None:
    person = provider.browser()
    await person.signed_in("portal")
    browser, page = await entered(provider)
    assert page.status == 200
    assert "29 tháng 9" in page.text
    page = await browser.submit(page, "forward", step="forward")
    assert "30 tháng 9" in page.text
    assert not page.has_form("forward")
    request = page.path.partition("?")[0]
    page = await browser.submit(page, "carry-out", step="carry_out")
    assert not page.has_form("decide")
    assert await is_active(provider)

    deciding, shown = await at_the_desk(provider, COLLEAGUE, page.path.partition("?")[0])
    assert "Cơ quan Cảnh sát điều tra" in shown.text
    await deciding.submit(shown, "decide", decision="approve")
    assert not await is_active(provider)
    assert (await person.get("/account")).has_form("sign-in")
    page = await browser.get(request)
    assert not page.has_form("refuse")
    records = [record.name async for record in provider.stores.audit_log.records()]
    assert records.count("lock_request.moved") == 3


async def test_an_unlock_is_asked_for_and_agreed_in_the_same_way(provider: Provider) -> None:
    browser, page = await entered(provider)
    await carried_out(provider, browser, page)
    reference = page.path.partition("?")[0].rpartition("/")[2]
    page = await browser.get(f"/admin/locks/accounts/{await account_of(provider)}")
    unlock = {**LETTER, "direction": "unlock", "reason": "ground_ended"}
    refused = await browser.submit(page, "request", **unlock, lock_reference="another")
    assert refused.status == 422
    page = await browser.submit(page, "request", **unlock, lock_reference=reference)
    await carried_out(provider, browser, page)
    assert await is_active(provider)


async def test_a_refusal_is_in_writing_and_kept(provider: Provider) -> None:
    browser, page = await entered(provider)
    page = await browser.submit(page, "forward", step="forward")
    empty = await browser.submit(page, "refuse", step="refuse", refusal="  ")
    assert empty.status == 422
    page = await browser.submit(page, "refuse", step="refuse", refusal="Văn bản không nêu căn cứ pháp luật")
    assert "Văn bản không nêu căn cứ pháp luật" in page.text
    assert not page.has_form("carry-out")
    listed = await browser.get("/admin/locks", closed="yes")
    assert "Cơ quan Cảnh sát điều tra" in listed.text
    assert await is_active(provider)
    trail = [record.payload async for record in provider.stores.audit_log.records()]
    assert not any("căn cứ".encode() in payload for payload in trail)


async def test_a_step_that_is_not_done_in_time_is_marked_as_late(provider: Provider) -> None:
    browser, page = await entered(provider)
    place = page.path.partition("?")[0]
    provider.clock.at = int(datetime(2026, 9, 29, 23, 59, 59, tzinfo=COUNTRY_TIME).timestamp())
    browser, page = await at_the_desk(provider, COLLEAGUE, place)
    assert 'id="late"' not in page.text
    provider.clock.advance(1)
    assert 'id="late"' in (await browser.get(place)).text
    assert await provider.stores.lock_requests.late(provider.clock.now()) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("authority", ""),
        ("authority", "x" * 201),
        ("legal_reference", " "),
        ("document_digest", ""),
        ("document_digest", "z" * 64),
        ("reason", "mood"),
        ("direction", "sideways"),
        ("until", "soon"),
        ("until", "2026-09-27"),
    ],
)
async def test_a_letter_that_is_not_entered_whole_is_refused(provider: Provider, field: str, value: str) -> None:
    _, page = await entered(provider, **{field: value})
    assert page.status == 422
    assert page.refusal
    assert await provider.stores.lock_requests.late(provider.clock.now()) == 0


async def test_nobody_is_found_by_what_nobody_has(provider: Provider) -> None:
    browser, page = await at_the_desk(provider, IDENTITY, "/admin/locks")
    for identifier in ("001099000999", "?"):
        page = await browser.submit(page, "find", identifier=identifier)
        assert page.status == 422


async def test_a_person_s_own_lock_is_ended_at_a_counter_and_no_other(provider: Provider) -> None:
    account_id = await account_of(provider)
    for ground in (LockGround.PERSON, LockGround.DEATH):
        await provider.stores.account_locks.open(account_id, NewLock(ground=ground), provider.clock.now(), EVENT)
    browser, page = await at_the_desk(provider, IDENTITY, f"/admin/locks/accounts/{account_id}")
    page = await browser.submit(page, "end-own")
    assert not page.has_form("end-own")
    held = await provider.stores.account_locks.of_account(account_id)
    assert [lock.ground for lock in held if lock.ended is None] == [LockGround.DEATH]
    assert not await is_active(provider)


async def test_an_auditor_sees_and_does_nothing(provider: Provider) -> None:
    account_id = await account_of(provider)
    _, page = await at_the_desk(provider, USERNAMES[Role.AUDITOR], f"/admin/locks/accounts/{account_id}")
    assert page.status == 200
    assert not page.has_form("request")


async def test_the_json_api_does_the_same(provider: Provider) -> None:
    api, other = await api_of(provider, IDENTITY), await api_of(provider, COLLEAGUE)
    _, found = await api.call("POST", "/locks/accounts", {"identifier": CITIZEN})
    account = f"/locks/accounts/{found['account_id']}"
    status, request = await api.call("POST", f"{account}/requests", LETTER)
    assert (status, request["state"], request["late"]) == (201, "entered", False)
    place = f"/locks/requests/{request['request_id']}"
    assert (await api.call("POST", f"{place}/carry-out"))[0] == 409
    assert (await api.call("POST", f"{place}/forward"))[1]["state"] == "forwarded"
    status, asked = await api.call("POST", f"{place}/carry-out")
    assert status == 202
    _, change = await other.call("GET", f"/changes/{asked['change_id']}")
    decision = {"decision": "approve", "digest": change["digest"]}
    assert (await api.call("POST", f"/changes/{asked['change_id']}", decision))[0] == 403
    assert (await other.call("POST", f"/changes/{asked['change_id']}", decision))[0] == 200
    _, locks = await api.call("GET", account)
    assert [(lock["ground"], lock["reference"], lock["ended"]) for lock in locks] == [
        ("authority", request["request_id"], None)
    ]
    assert (await api.call("POST", f"{account}/end-own"))[0] == 409
    _, listed = await api.call("GET", "/locks/requests?closed=true")
    assert [each["state"] for each in listed["requests"]] == ["carried_out"]
    assert (await api.call("POST", f"{place}/refuse", {"refusal": "no"}))[0] == 409
    assert (await api.call("GET", "/locks/requests/none"))[0] == 404


async def test_a_letter_is_kept_as_it_is_read(provider: Provider) -> None:
    api = await api_of(provider, IDENTITY)
    _, found = await api.call("POST", "/locks/accounts", {"identifier": CITIZEN})
    letter = {**LETTER, "authority": "Toà án\0 Hà Nội", "legal_reference": "12\u202e/CV"}
    status, request = await api.call("POST", f"/locks/accounts/{found['account_id']}/requests", letter)
    assert (status, request["authority"], request["legal_reference"]) == (201, "Toà án  Hà Nội", "12/CV")
