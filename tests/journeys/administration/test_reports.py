import pytest

from idp.domain.accounts.account import AccountKind
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.levels.assurance import Level, Resistance
from idp.domain.offices.administration import Role
from idp.domain.sign_ins.journey_count import HOUR, FormFactor, JourneyKey, JourneyStage, Way, hour_of
from idp.domain.sign_ins.sign_in_fact import Outcome, Shape, SignInFact
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import NotAllowedError
from idp.journeys.administration.reports import MOST_CLIENTS, OTHERS, Completion, Reports, Share, Span
from tests.journeys.stage import ORIGIN, Stage


def officer(role: Role) -> Administrator:
    return Administrator(
        account_id=AccountId("officer"), officer_id="1", agency_code="G10", roles=frozenset({role}), origin=ORIGIN
    )


AUDITOR = officer(Role.AUDITOR)
SHAPE = Shape(
    AccountKind.CITIZEN, ("openid",), (), Level.ONE, Resistance.NONE, Level.TWO, Resistance.NONE, None, silent=False
)


@pytest.fixture
def reports(stage: Stage) -> Reports:
    return Reports(stage.stores.sign_in_facts, stage.stores.journey_counts, stage.clock)


async def happened(stage: Stage, *facts: SignInFact) -> None:
    seen = await stage.stores.sign_in_facts.position("main")
    assert await stage.stores.sign_in_facts.add("main", seen, seen + len(facts), facts)


def granted(number: int, at: int, client: str = "portal") -> SignInFact:
    return SignInFact(f"main-{number}", Seconds(at), Outcome.GRANTED, ClientId(client), level=Level.TWO, shape=SHAPE)


async def test_hours_without_sign_ins_are_there_too(stage: Stage, reports: Reports) -> None:
    now = stage.clock.now()
    await happened(stage, granted(1, now), granted(2, now), granted(3, now - 2 * HOUR), granted(4, now - 40 * HOUR))
    report = await reports.make(AUDITOR, Span.DAY)
    assert [count for _, count in report.hours[-3:]] == [1, 0, 2]
    assert len(report.hours) == 24
    assert report.hours[-1][0] == hour_of(now)
    assert (await reports.make(AUDITOR, Span.WEEK)).clients == (Share("portal", 4),)


async def test_services_beyond_the_most_frequent_are_told_together(stage: Stage, reports: Reports) -> None:
    now = stage.clock.now()
    facts = [granted(number, now, f"client-{number % (MOST_CLIENTS + 3):02d}") for number in range(2 * MOST_CLIENTS)]
    await happened(stage, *facts)
    clients = (await reports.make(AUDITOR, Span.DAY)).clients
    assert len(clients) == MOST_CLIENTS + 1
    assert clients[-1].name == OTHERS
    assert sum(share.count for share in clients) == 2 * MOST_CLIENTS


async def test_refusals_tell_what_was_refused(stage: Stage, reports: Reports) -> None:
    now = stage.clock.now()
    await happened(
        stage,
        SignInFact("main-1", now, Outcome.PASSWORD_REFUSED),
        SignInFact("main-2", now, Outcome.PASSWORD_REFUSED),
        SignInFact("main-3", now, Outcome.REFUSED, ClientId("portal"), error="access_denied"),
    )
    refusals = (await reports.make(AUDITOR, Span.DAY)).refusals
    assert refusals == (Share("password_refused", 2), Share("refused:access_denied", 1))


async def test_what_was_completed_is_told_by_device_and_language(stage: Stage, reports: Reports) -> None:
    hour = hour_of(stage.clock.now())
    counts = {
        JourneyKey(hour, JourneyStage.BEGUN, FormFactor.PHONE, "vi"): 8,
        JourneyKey(hour, JourneyStage.COMPLETED, FormFactor.PHONE, "vi"): 5,
        JourneyKey(hour, JourneyStage.COMPLETED, FormFactor.PHONE, "vi", Way.RECOVERY_CODE): 1,
        JourneyKey(hour, JourneyStage.COMPLETED, FormFactor.COMPUTER, "en"): 2,
    }
    await stage.stores.journey_counts.add(counts, Seconds(0))
    report = await reports.make(AUDITOR, Span.DAY)
    assert report.by_device == (Completion("phone", 8, 6), Completion("computer", 0, 2))
    assert [each.rate for each in report.by_language] == [0.75, None]
    assert report.by_way == (Share("usual", 7), Share("recovery_code", 1))


@pytest.mark.parametrize("role", [Role.PROOFING_OFFICER, Role.AGENCY_ADMIN])
async def test_others_see_no_reports(reports: Reports, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        await reports.make(officer(role), Span.DAY)
