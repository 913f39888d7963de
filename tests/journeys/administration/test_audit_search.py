import pytest

from idp.domain.audit.audit_query import AuditQuery
from idp.domain.events import AccountLocked
from idp.domain.ids import AccountId
from idp.domain.offices.administration import Role
from idp.journeys.administration import audit_search
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.audit_search import PAGE, AuditSearch
from idp.journeys.administration.errors import InvalidEntryError, NotAllowedError, NotFoundError
from tests.journeys.stage import ORIGIN, Stage


def officer(role: Role) -> Administrator:
    return Administrator(
        account_id=AccountId("officer"), officer_id="1", agency_code="G10", roles=frozenset({role}), origin=ORIGIN
    )


AUDITOR = officer(Role.AUDITOR)


@pytest.fixture
def search(stage: Stage) -> AuditSearch:
    return AuditSearch(stage.stores.audit_history, stage.stores.audit_trail)


async def record(stage: Stage, count: int, account: str = "a") -> None:
    for _ in range(count):
        stage.clock.advance(1)
        event = AccountLocked(origin=ORIGIN, account_id=AccountId(account), locked=True, reason="")
        await stage.stores.audit_trail.record(event)


async def test_records_come_newest_first_and_pages_follow_each_other(stage: Stage, search: AuditSearch) -> None:
    await record(stage, PAGE + 5)
    query = AuditQuery(name="account.lock")
    first = await search.find(AUDITOR, query)
    assert first.before is not None
    second = await search.find(AUDITOR, query, first.stream, first.before)
    places = [each.sequence for each in (*first.records, *second.records)]
    assert len(first.records) == PAGE
    assert len(second.records) == 5
    assert places == sorted(places, reverse=True)


async def test_a_stretch_that_was_looked_at_in_vain_says_how_far(
    stage: Stage, search: AuditSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_search, "STRETCH", 20)
    monkeypatch.setattr(audit_search, "_AT_A_TIME", 10)
    await record(stage, 1, account="wanted")
    await record(stage, 40)
    query = AuditQuery(fields=(("account_id", "wanted"),))
    found = await search.find(AUDITOR, query)
    assert found.records == ()
    looked = 0
    while found.before is not None and not found.records:
        found, looked = await search.find(AUDITOR, query, found.stream, found.before), looked + 1
    assert [each.name for each in found.records] == ["account.lock"]
    assert looked > 1


async def test_only_the_days_asked_for_are_looked_at(stage: Stage, search: AuditSearch) -> None:
    await record(stage, 3, account="early")
    middle = stage.clock.milliseconds() + 1
    await record(stage, 3, account="late")
    before = await search.find(AUDITOR, AuditQuery(name="account.lock", until=middle))
    after = await search.find(AUDITOR, AuditQuery(name="account.lock", since=middle))
    assert {str(b"early" in each.payload) for each in before.records} == {"True"}
    assert {str(b"late" in each.payload) for each in after.records} == {"True"}
    assert (len(before.records), len(after.records)) == (3, 3)


async def test_who_searched_is_recorded_and_what_for_only_by_name(stage: Stage, search: AuditSearch) -> None:
    await search.find(AUDITOR, AuditQuery(fields=(("account_id", "somebody"),)))
    (event,) = await stage.events("audit.searched")
    assert "account_id" in event
    assert "somebody" not in event


@pytest.mark.parametrize("role", [Role.IDENTITY_ADMIN, Role.AGENCY_ADMIN, Role.PROOFING_OFFICER, Role.CLIENT_ADMIN])
async def test_others_may_not_search(search: AuditSearch, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        await search.find(officer(role), AuditQuery())


async def test_a_search_that_cannot_be_is_refused(stage: Stage, search: AuditSearch) -> None:
    await record(stage, 1)
    with pytest.raises(InvalidEntryError):
        await search.find(AUDITOR, AuditQuery(name="x" * 200))
    with pytest.raises(InvalidEntryError):
        await search.find(AUDITOR, AuditQuery(fields=(("password", "x"),)))
    with pytest.raises(NotFoundError):
        await search.find(AUDITOR, AuditQuery(), stream="unknown")
