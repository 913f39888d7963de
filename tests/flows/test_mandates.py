"""`/account/mandates`: giving a mandate, agreeing, taking it back; children and wards."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from idp.domain.country_time import day_of
from tests.flows.acting import AN, BINH, OTHER, TAX_CODE, acting_records
from tests.flows.provider import Browser, Page, Provider, running_provider
from tests.ports.samples import EVENT

LIST = "/account/mandates"


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with running_provider(tmp_path, acting_records(AN, OTHER)) as running:
        yield running


async def signed_in(provider: Provider, number: str, path: str = LIST) -> tuple[Browser, Page]:
    """Somebody's browser at a page of the account, with both factors where it takes them."""
    browser = provider.browser()
    return browser, await browser.sign_in(await browser.get(path), number)


def typed(provider: Provider, **changes: str) -> dict[str, str]:
    today = day_of(provider.clock.at).isoformat()
    draft = {
        "giver": "self",
        "holder_number": BINH,
        "holder_name": "trần thị bình",
        "service.portal": "on",
        "function.submit": "on",
        "first": today,
        "last": "2027-01-01",
    }
    return draft | changes


async def give(provider: Provider, **changes: str) -> tuple[Browser, Page]:
    """An gives a mandate."""
    browser, page = await signed_in(provider, AN, f"{LIST}/new")
    return browser, await browser.submit(page, "mandate", **typed(provider, **changes))


async def test_a_mandate_is_given_accepted_used_and_taken_back(provider: Provider) -> None:
    an, page = await give(provider)
    assert page.path == f"{LIST}?notice=proposed"
    assert "Trần Thị Bình" in page.text
    binh, page = await signed_in(provider, BINH)
    assert "Nguyễn Văn An" in page.text
    # Bình has no second factor: agreeing leads to enrolling one, declining does not.
    assert page.has_form("agree-received-1")
    assert not (await binh.submit(page, "agree-received-1")).path.startswith(LIST)
    page = await binh.submit(await binh.get(LIST), "end-received-1")
    assert page.path == f"{LIST}?notice=ended"
    assert not (await an.get(LIST)).has_form("end-given-1")


async def test_who_holds_a_mandate_may_act_and_may_not_once_it_was_taken_back(provider: Provider) -> None:
    an, _ = await give(provider, holder_number=OTHER, holder_name="Phạm Văn Dũng")
    other, page = await signed_in(provider, OTHER, f"{LIST}/new")
    page = await other.submit(await other.get(LIST), "agree-received-1")
    assert page.path == f"{LIST}?notice=agreed"
    chooser = await other.authorize(scope="openid profile authority")
    assert "Nguyễn Văn An" in chooser.text
    await an.submit(await an.get(LIST), "end-given-1")
    chooser = await other.authorize(scope="openid profile authority")
    assert "Nguyễn Văn An" not in chooser.text


async def test_who_is_not_proved_at_level_two_any_more_is_told_so_when_agreeing(provider: Provider) -> None:
    await give(provider, holder_number=OTHER, holder_name="Phạm Văn Dũng")
    other, _ = await signed_in(provider, OTHER, f"{LIST}/new")
    page = await other.get(LIST)
    records = provider.stores.identity_records
    record = await records.of_number(OTHER)
    assert record is not None
    await records.save(replace(record, level_expires_at=provider.clock.now()), EVENT)
    page = await other.submit(page, "agree-received-1")
    assert page.path == f"{LIST}?notice=level"
    assert "mức 2" in page.text or "mức độ 2" in page.text
    assert page.has_form("agree-received-1")


async def test_a_mandate_of_an_organisation_waits_for_the_other_representative(provider: Provider) -> None:
    an, page = await give(provider, giver=TAX_CODE)
    assert "Công ty Bình Minh" in page.text
    other, page = await signed_in(provider, OTHER, f"{LIST}/new")
    page = await other.get(LIST)
    assert page.has_form("agree-given-1")
    assert not (await an.get(LIST)).has_form("agree-given-1")
    page = await other.submit(page, "agree-given-1")
    assert page.path == f"{LIST}?notice=agreed"
    again = await other.get(LIST)
    assert not again.has_form("agree-given-1")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"holder_name": "Ai Đó"}, "Không tìm thấy"),
        ({"holder_number": "001099000099"}, "Không tìm thấy"),
        ({"holder_number": "12"}, "số định danh"),
        ({"holder_number": AN, "holder_name": "Nguyễn Văn An"}, "chính bạn"),
        ({"last": "2020-01-01"}, "Ngày cuối"),
        ({"first": "tomorrow"}, "Ngày cuối"),
        ({"giver": "0100109107"}, "tổ chức"),
    ],
)
async def test_a_mandate_that_cannot_be_is_refused_with_its_reason(
    provider: Provider, changes: dict[str, str], reason: str
) -> None:
    _, page = await give(provider, **changes)
    assert page.status == 400
    assert reason in (page.refusal or "")
    assert page.has_form("mandate")


async def test_services_and_functions_have_to_be_named(provider: Provider) -> None:
    browser, page = await signed_in(provider, AN, f"{LIST}/new")
    for left_out in ("service.portal", "function.submit"):
        fields = {name: value for name, value in typed(provider).items() if name != left_out}
        assert (await browser.submit(page, "mandate", **fields)).status == 400
    unasked = typed(provider) | {"service.officers": "on"}
    assert (await browser.submit(page, "mandate", **unasked)).status == 400


async def test_somebody_who_tries_many_numbers_is_slowed_down(provider: Provider) -> None:
    browser, page = await signed_in(provider, AN, f"{LIST}/new")
    for _ in range(10):
        refused = await browser.submit(page, "mandate", **typed(provider, holder_name="Ai Đó"))
        assert refused.status == 400
    assert (await browser.submit(page, "mandate", **typed(provider))).status == 429


async def test_nobody_touches_a_mandate_of_others(provider: Provider) -> None:
    _, page = await give(provider)
    action, _ = page.form("end-given-1")
    binh, _ = await signed_in(provider, OTHER, f"{LIST}/new")
    page = await binh.get(LIST)
    assert "Trần Thị Bình" not in page.text
    form = await binh.get("/account/mandates/new")
    hidden = form.form("mandate")[1]
    answer = await binh.http.post(action, data=hidden)
    assert answer.headers["location"].endswith("notice=too_late")


async def test_who_is_not_proved_at_level_two_gives_no_mandate(provider: Provider) -> None:
    binh, page = await signed_in(provider, BINH)
    assert page.status == 200
    page = await binh.get(f"{LIST}/new")
    assert not page.has_form("mandate")


async def test_a_child_is_asked_for_and_waits_for_an_office(provider: Provider) -> None:
    browser, page = await signed_in(provider, AN, "/account/wards/new")
    ward = {"kind": "minor", "personal_number": "001320000001", "name": "Nguyễn Văn Tí", "birthdate": "2020-05-06"}
    asked = await browser.submit(page, "ward", **ward)
    assert asked.path == f"{LIST}?notice=asked"
    assert "Nguyễn Văn Tí" in asked.text
    over = await browser.submit(asked, "end-ward-1")
    assert over.path == f"{LIST}?notice=ended"


@pytest.mark.parametrize(
    "changes", [{"birthdate": "1990-01-01"}, {"birthdate": "x"}, {"personal_number": "1"}, {"personal_number": AN}]
)
async def test_a_ward_that_cannot_be_is_refused(provider: Provider, changes: dict[str, str]) -> None:
    browser, page = await signed_in(provider, AN, "/account/wards/new")
    ward = {"kind": "minor", "personal_number": "001320000001", "name": "Nguyễn Văn Tí", "birthdate": "2020-05-06"}
    refused = await browser.submit(page, "ward", **(ward | changes))
    assert refused.status == 400
    assert refused.refusal


async def test_no_name_or_number_stands_in_the_audit_trail(provider: Provider) -> None:
    await give(provider)
    payloads = [record.payload async for record in provider.stores.audit_log.records()]
    assert not any(BINH.encode() in payload or "Bình".encode() in payload for payload in payloads)


@pytest.mark.parametrize("last", ["9999-12-31", "31/12/9999", "01/01/99999999999999999999", "x"])
async def test_a_mandate_has_a_last_day_that_is_near(provider: Provider, last: str) -> None:
    _, page = await give(provider, last=last)
    assert (page.status, page.has_form("mandate")) == (400, True)
