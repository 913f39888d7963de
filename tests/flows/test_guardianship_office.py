"""Guardianships at an office: asked by a guardian, confirmed by two administrators, over when the child grows up."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.domain.offices.administration import Role
from tests.flows.acting import AN, CHILD, OTHER, TAX_CODE, acting_records
from tests.flows.console import COLLEAGUES, USERNAMES, api_of, at_the_desk
from tests.flows.provider import Browser, Page, Provider, running_provider

ROOM = "/admin/guardianships"
IDENTITY, COLLEAGUE = USERNAMES[Role.IDENTITY_ADMIN], COLLEAGUES[Role.IDENTITY_ADMIN]
KNOWN = {"kind": "minor", "personal_number": CHILD, "name": "Nguyễn Thị Bé", "birthdate": "2015-03-04"}
UNKNOWN = {"kind": "minor", "personal_number": "001320000001", "name": "Nguyễn Văn Tí", "birthdate": "2020-05-06"}


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with running_provider(tmp_path, acting_records(AN, OTHER)) as running:
        yield running


async def asked(provider: Provider, ward: dict[str, str]) -> Browser:
    browser = provider.browser()
    page = await browser.sign_in(await browser.get("/account/wards/new"), AN)
    page = await browser.submit(page, "ward", **ward)
    assert page.path.endswith("notice=asked")
    return browser


async def opened(provider: Provider, username: str = IDENTITY) -> tuple[Browser, Page]:
    """The only request that waits, at an administrator's desk."""
    browser, _ = await at_the_desk(provider, username, ROOM)
    (waiting,) = await provider.stores.guardianships.listed(waiting=True, after="", limit=2)
    return browser, await browser.get(f"{ROOM}/{waiting.guardianship.guardianship_id}")


async def confirmed(provider: Provider) -> None:
    """Two administrators agree to the only request that waits."""
    browser, page = await opened(provider)
    page = await browser.submit(page, "guardianship", decision="confirm")
    assert page.path.startswith("/admin/changes/"), page.text
    other, page = await at_the_desk(provider, COLLEAGUE, page.path.partition("?")[0])
    decided = await other.submit(page, "decide", decision="approve")
    assert "notice=approved" in decided.path, decided.text


async def test_a_known_child_is_confirmed_by_two_and_can_be_acted_for(provider: Provider) -> None:
    guardian = await asked(provider, KNOWN)
    await confirmed(provider)
    page = await guardian.authorize(scope="openid authority")
    assert page.has_form("principal")
    assert "Nguyễn Thị Bé" in page.text


async def test_a_child_nobody_knows_gets_an_account_of_level_one(provider: Provider) -> None:
    guardian = await asked(provider, UNKNOWN)
    await confirmed(provider)
    record = await provider.stores.identity_records.of_number(UNKNOWN["personal_number"])
    assert record is not None
    assert (record.identity_level, record.claims["birthdate"]) == (1, "2020-05-06")
    assert "Nguyễn Văn Tí" in (await guardian.authorize(scope="openid authority")).text


async def test_one_administrator_alone_confirms_nothing(provider: Provider) -> None:
    guardian = await asked(provider, KNOWN)
    browser, page = await opened(provider)
    page = await browser.submit(page, "guardianship", decision="confirm")
    assert not page.has_form("decide") or "approve" not in page.text
    assert "Nguyễn Thị Bé" not in (await guardian.authorize(scope="openid authority")).text


async def test_what_the_record_contradicts_cannot_be_asked(provider: Provider) -> None:
    await asked(provider, KNOWN | {"birthdate": "2015-03-05"})
    browser, page = await opened(provider)
    refused = await browser.submit(page, "guardianship", decision="confirm")
    assert refused.status == 422


async def test_a_guardian_is_told_that_the_number_is_of_somebody_born_in_another_year(provider: Provider) -> None:
    browser = provider.browser()
    page = await browser.sign_in(await browser.get("/account/wards/new"), AN)
    page = await browser.submit(page, "ward", **UNKNOWN | {"personal_number": "001099000555"})
    assert page.status == 400
    assert "là của người sinh năm khác" in page.text
    assert await provider.stores.guardianships.listed(waiting=True, after="", limit=2) == ()


async def test_a_request_is_refused_by_one(provider: Provider) -> None:
    guardian = await asked(provider, KNOWN)
    browser, page = await opened(provider)
    page = await browser.submit(page, "guardianship", decision="end")
    assert "notice=ended" in page.path
    assert "Nguyễn Thị Bé" not in (await guardian.authorize(scope="openid authority")).text
    assert await provider.stores.guardianships.listed(waiting=True, after="", limit=2) == ()


async def test_programs_do_the_same(provider: Provider) -> None:
    guardian = await asked(provider, KNOWN)
    api, colleague = await api_of(provider, IDENTITY), await api_of(provider, COLLEAGUE)
    status, waiting = await api.call("GET", "/guardianships")
    assert status == 200
    (line,) = waiting["guardianships"]
    place = f"/guardianships/{line['guardianship_id']}"
    status, seen = await api.call("GET", place)
    assert (seen["known"], seen["agrees"], seen["birthdate"]) == (True, True, "2015-03-04")
    status, change = await api.call("POST", f"{place}/confirm")
    assert status == 202
    status, shown = await colleague.call("GET", f"/changes/{change['change_id']}")
    approved = {"decision": "approve", "digest": shown["digest"]}
    status, told = await colleague.call("POST", f"/changes/{change['change_id']}", approved)
    assert status < 300, told
    assert "Nguyễn Thị Bé" in (await guardian.authorize(scope="openid authority")).text
    assert (await api.call("GET", "/guardianships?in_force=true"))[1]["guardianships"][0]["confirmed_at"]
    assert (await api.call("POST", f"{place}/end"))[0] == 204
    status, listed = await api.call("GET", "/organisations")
    assert [each["tax_code"] for each in listed["organisations"]] == [TAX_CODE]
    status, one = await api.call("GET", f"/organisations/{TAX_CODE}")
    assert one["representatives"] == ["Nguyễn Văn An", "Phạm Văn Dũng"]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PROOFING_OFFICER, Role.SECURITY_ADMIN])
async def test_nobody_else_sees_guardianships(provider: Provider, role: Role) -> None:
    browser, _ = await at_the_desk(provider, USERNAMES[role])
    assert (await browser.get(ROOM)).status == 403


async def test_organisations_show_their_representatives_and_mandates(provider: Provider) -> None:
    browser, page = await at_the_desk(provider, IDENTITY, "/admin/organisations")
    assert "Công ty Bình Minh" in page.text
    one = await browser.get("/admin/organisations", tax_code=TAX_CODE)
    assert one.path == f"/admin/organisations/{TAX_CODE}"
    assert "Phạm Văn Dũng" in one.text
    assert (await browser.get("/admin/organisations/0100109999")).status == 404
