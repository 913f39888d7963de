from dataclasses import replace
from datetime import date, timedelta

import pytest

from idp.domain.country_time import day_of
from idp.domain.offices.administration import Role
from idp.domain.offices.agency import AgencyKind
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.agencies import PAGE, AgencyEntry
from idp.journeys.administration.errors import (
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
)
from tests.journeys.administration.office import Office, admin

SECURITY = admin("security", "G10", Role.SECURITY_ADMIN)
AGENCY = admin("agency", "G10", Role.AGENCY_ADMIN)
SMALL = admin("small", "G10.01", Role.AGENCY_ADMIN)
AUDITOR = admin("auditor", "G10", Role.AUDITOR)


def entry(code: str = "G10.03", **changes: object) -> AgencyEntry:
    told = {"name": "Vụ mới", "kind": AgencyKind.DEPARTMENT, "parent": "G10", **changes}
    return AgencyEntry(code=code, **told)  # type: ignore[arg-type]


async def refused(office: Office, who: Administrator, told: AgencyEntry) -> tuple[str, str]:
    with pytest.raises(InvalidEntryError) as error:
        await office.agencies.found(who, told)
    return error.value.field, error.value.reason


async def test_an_agencys_administrator_begins_at_the_own_agency_and_sees_nothing_above(office: Office) -> None:
    place = await office.agencies.place(SMALL, None)
    assert place.agency
    assert (place.agency.code, place.above) == ("G10.01", ())
    with pytest.raises(NotAllowedError):
        await office.agencies.place(SMALL, "G10")
    with pytest.raises(NotAllowedError):
        await office.agencies.place(AGENCY, "G11")


async def test_whoever_reaches_everywhere_begins_at_the_top(office: Office) -> None:
    place = await office.agencies.place(AUDITOR, None)
    assert [each.code for each in place.below] == ["G10", "G11"]
    assert not place.may_manage
    below = await office.agencies.place(AUDITOR, "G10.01")
    assert [each.code for each in below.above] == ["G10"]
    with pytest.raises(NotFoundError):
        await office.agencies.place(AUDITOR, "G99")


async def test_a_long_list_comes_in_pages(office: Office) -> None:
    for number in range(PAGE):
        await office.agencies.found(AGENCY, entry(f"G10.5{number:02}"))
    first = await office.agencies.place(AGENCY, "G10")
    assert len(first.below) == PAGE
    assert first.next
    second = await office.agencies.place(AGENCY, "G10", first.next)
    assert (len(second.below), second.next) == (2, None)


async def test_an_agency_is_founded_under_one_within_reach(office: Office) -> None:
    assert await office.agencies.found(AGENCY, entry("g10.03")) == "G10.03"
    assert await office.agencies.found(SECURITY, entry("H26", parent=None, kind=AgencyKind.PROVINCE)) == "H26"
    for told in (entry("G11.01", parent="G11"), entry("G12", parent=None)):
        with pytest.raises(NotAllowedError):
            await office.agencies.found(AGENCY, told)
    with pytest.raises(NotAllowedError):
        await office.agencies.found(AUDITOR, entry("G10.04"))
    assert await refused(office, AGENCY, entry()) == ("code", "taken")
    assert await refused(office, AGENCY, entry("?")) == ("code", "malformed")
    assert await refused(office, AGENCY, entry("G10.04", name=" ")) == ("name", "malformed")
    assert await refused(office, AGENCY, entry("G10.04", kind=AgencyKind.DISTRICT)) == ("kind", "districts_ended")
    assert await refused(office, AGENCY, entry("G10.04", parent="G10.02")) == ("parent", "unknown")


@pytest.mark.parametrize("code", ["G11.TTRA", "G11", "G10", "G10.01.09", "G10.01", "G12"])
async def test_an_agencys_administrator_founds_codes_of_the_agency_above_and_no_other(
    office: Office, code: str
) -> None:
    parent = "G10.01" if code == "G10.01" else "G10"
    assert await refused(office, AGENCY, entry(code, parent=parent)) == ("code", "not_under_parent")


async def test_an_agencys_administrator_moves_none_under_another_code(office: Office) -> None:
    await office.agencies.found(SECURITY, entry("G11.TTRA"))
    for code, parent in (("G11.TTRA", "G10.01"), ("G10.03", "G10.01")):
        if code == "G10.03":
            await office.agencies.found(AGENCY, entry(code))
        seen = await office.agencies.seen(AGENCY, code)
        with pytest.raises(InvalidEntryError) as error:
            await office.agencies.change(AGENCY, seen, entry(parent=parent))
        assert (error.value.field, error.value.reason) == ("parent", "not_under_parent")
        # What stands where it does already is renamed there; who reaches everywhere moves it.
        await office.agencies.change(AGENCY, seen, entry(name="Tên khác"))
        seen = await office.agencies.seen(AGENCY, code)
        await office.agencies.change(SECURITY, seen, entry(parent=parent))
        assert (await office.agencies.seen(SECURITY, code)).parent == parent


async def test_an_agency_goes_back_to_where_its_code_belongs(office: Office) -> None:
    await office.agencies.found(SECURITY, entry("G10.01.07"))
    seen = await office.agencies.seen(AGENCY, "G10.01.07")
    await office.agencies.change(AGENCY, seen, entry(parent="G10.01"))
    assert (await office.agencies.seen(AGENCY, "G10.01.07")).parent == "G10.01"


async def test_an_agency_is_renamed_and_moved_and_never_in_a_circle(office: Office) -> None:
    seen = await office.agencies.seen(AGENCY, "G10.01")
    await office.agencies.change(AGENCY, seen, entry(name="Cục Đất đai"))
    changed = await office.agencies.seen(AGENCY, "G10.01")
    assert changed == replace(seen, name="Cục Đất đai")
    with pytest.raises(ChangedMeanwhileError):
        await office.agencies.change(AGENCY, seen, entry(name="Khác"))
    await office.agencies.found(AGENCY, entry("G10.01.01", parent="G10.01"))
    for parent in ("G10.01", "G10.01.01"):
        with pytest.raises(InvalidEntryError):
            await office.agencies.change(AGENCY, changed, entry(parent=parent))
    with pytest.raises(NotAllowedError):
        await office.agencies.change(AGENCY, changed, entry(parent="G11"))
    with pytest.raises(NotAllowedError):
        await office.agencies.seen(SMALL, "G10")


async def test_an_agency_ends_once_nobody_works_there_and_says_who_follows(office: Office) -> None:
    await office.agencies.found(AGENCY, entry())
    seen = await office.agencies.seen(AGENCY, "G10.03")
    tomorrow = day_of(office.now) + timedelta(days=1)
    await office.agencies.end(AGENCY, seen, tomorrow, ("G10.01",))
    ended = await office.agencies.seen(AGENCY, "G10.03")
    assert (ended.valid_to, ended.successors) == (tomorrow, ("G10.01",))


async def test_an_agency_does_not_end_under_those_who_are_in_it(office: Office) -> None:
    today = day_of(office.now)
    await office.agencies.found(AGENCY, entry("G10.03", valid_from=date(2026, 1, 1)))
    await office.agencies.found(AGENCY, entry("G10.03.01", parent="G10.03"))
    for code, day, successors, reason in (
        ("G10.03", date(2025, 1, 1), (), "order"),
        ("G10.03", today, ("G99",), "unknown"),
        ("G10.03", today, ("G10.03",), "unknown"),
        ("G10.03", today, (), "agencies_below"),
        ("G10.01", today, (), "officers_in_office"),
    ):
        seen = await office.agencies.seen(AGENCY, code)
        with pytest.raises(InvalidEntryError) as error:
            await office.agencies.end(AGENCY, seen, day, successors)
        assert error.value.reason == reason
