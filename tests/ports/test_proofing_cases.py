"""The contract of `ProofingCases`."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account, Authenticator, AuthenticatorKind
from idp.domain.enrolment.proofing import (
    CASE_LIFETIME,
    CaseState,
    CounterCheck,
    ExceptionGround,
    Findings,
    ProofingCase,
    ProofingRefusal,
)
from idp.domain.events import AccountBegunAnew, ProofingDecided, ProofingOpened
from idp.domain.ids import AccountId, AuthenticatorId, Seconds
from idp.domain.people.identity_record import IdentityCard
from idp.domain.records import AgencyRecord, Records
from idp.ports.identity_records import RecordChangedError
from idp.ports.proofing_cases import CaseDecision
from tests.ports.samples import EVENT, NOW, ORIGIN, person

OFFICER = AccountId("officer")
FINDINGS = Findings(
    checks=frozenset({CounterCheck.CARD, CounterCheck.FINGERPRINT}),
    card=IdentityCard("001099000001", "2022-05-06", "2037-05-06"),
    attachments=({"url": "https://archive.example.vn/1", "digest": {"alg": "sha-256", "value": "x"}},),
    ground=ExceptionGround.DAMAGED_CARD,
)
OPENED = ProofingOpened(
    origin=ORIGIN, account_id=OFFICER, agency_code="G10", case_id="case-1", subject=AccountId("somebody")
)
DECIDED = ProofingDecided(
    origin=ORIGIN,
    account_id=OFFICER,
    agency_code="G10",
    case_id="case-1",
    subject=AccountId("somebody"),
    outcome="passed",
)


def case(account: Account, number: int = 1, **changes: Any) -> ProofingCase:
    made = ProofingCase(
        case_id=f"case-{number}",
        person_id=account.person_id,
        account_id=account.account_id,
        agency_code="G10",
        opened_by=OFFICER,
        opened_at=Seconds(NOW),
        expires_at=Seconds(NOW + CASE_LIFETIME),
    )
    return replace(made, **changes)


def decision(after: CaseState, **changes: Any) -> CaseDecision:
    made = CaseDecision(before=CaseState.OPEN, after=after, by=OFFICER, at=Seconds(NOW + 60))
    return replace(made, **changes)


async def names(stores: Stores) -> list[str]:
    return [record.name async for record in stores.audit_log.records()]


async def test_a_case_is_kept_with_what_was_found(stores: Stores, account: Account) -> None:
    opened = await stores.proofing_cases.open(case(account), OPENED)
    assert opened == case(account) == await stores.proofing_cases.get("case-1")
    assert await stores.proofing_cases.get("unknown") is None
    asked = decision(CaseState.WAITING, findings=FINDINGS, change_id="change-1")
    assert await stores.proofing_cases.decide("case-1", asked, DECIDED)
    waiting = await stores.proofing_cases.get("case-1")
    assert waiting is not None
    assert (waiting.state, waiting.findings, waiting.change_id) == (CaseState.WAITING, FINDINGS, "change-1")
    assert (waiting.decided_by, waiting.decided_at) == (OFFICER, None)
    last = decision(CaseState.REFUSED, before=CaseState.WAITING, reason=ProofingRefusal.SECOND_OFFICER)
    assert await stores.proofing_cases.decide("case-1", last, DECIDED)
    refused = await stores.proofing_cases.get("case-1")
    assert refused is not None
    assert (refused.state, refused.reason, refused.findings) == (
        CaseState.REFUSED,
        ProofingRefusal.SECOND_OFFICER,
        FINDINGS,
    )
    assert refused.decided_at == NOW + 60
    assert (await names(stores))[-3:] == ["proofing.opened", "proofing.decided", "proofing.decided"]


async def test_a_person_has_one_case_at_a_time_whoever_opens_how_many_at_once(stores: Stores, account: Account) -> None:
    opened = await asyncio.gather(*(stores.proofing_cases.open(case(account, n), OPENED) for n in range(50)))
    assert len({each.case_id for each in opened}) == 1
    assert (await names(stores)).count("proofing.opened") == 1


@pytest.mark.parametrize("over", ["decided", "expired"])
async def test_after_a_case_is_over_there_may_be_another(stores: Stores, account: Account, over: str) -> None:
    await stores.proofing_cases.open(case(account), OPENED)
    if over == "decided":
        await stores.proofing_cases.decide("case-1", decision(CaseState.REFUSED), DECIDED)
    later = Seconds(NOW + CASE_LIFETIME)
    second = case(account, 2, opened_at=later, expires_at=Seconds(later + CASE_LIFETIME))
    assert (await stores.proofing_cases.open(second, OPENED)).case_id == "case-2"
    first = await stores.proofing_cases.get("case-1")
    assert first is not None
    assert first.state is (CaseState.REFUSED if over == "decided" else CaseState.EXPIRED)


async def test_of_fifty_decisions_at_once_one_counts_and_raises_the_record(stores: Stores, account: Account) -> None:
    await stores.proofing_cases.open(case(account), OPENED)
    record = await stores.identity_records.of_person(account.person_id)
    assert record is not None
    raised = replace(record, card=IdentityCard("001099000001"))
    passed = decision(CaseState.PASSED, findings=FINDINGS)

    outcomes = await asyncio.gather(
        *(stores.proofing_cases.decide("case-1", passed, DECIDED, raised) for _ in range(50)), return_exceptions=True
    )

    assert outcomes.count(True) == 1
    assert outcomes.count(False) == 49
    after = await stores.identity_records.of_person(account.person_id)
    assert after is not None
    assert after.card == IdentityCard("001099000001")
    assert (await names(stores)).count("proofing.decided") == 1


async def test_an_expired_case_and_a_record_that_changed_leave_everything_as_it_was(
    stores: Stores, account: Account
) -> None:
    await stores.proofing_cases.open(case(account), OPENED)
    late = decision(CaseState.PASSED, at=Seconds(NOW + CASE_LIFETIME))
    assert not await stores.proofing_cases.decide("case-1", late, DECIDED)
    record = await stores.identity_records.of_person(account.person_id)
    assert record is not None
    with pytest.raises(RecordChangedError):
        await stores.proofing_cases.decide(
            "case-1", decision(CaseState.PASSED), DECIDED, replace(record, seal=b"another", identity_level=2)
        )
    kept = await stores.proofing_cases.get("case-1")
    assert kept is not None
    assert kept.state is CaseState.OPEN
    assert "proofing.decided" not in await names(stores)


async def test_the_one_code_of_a_passed_case_is_handed_over_once(stores: Stores, account: Account) -> None:
    await stores.proofing_cases.open(case(account), OPENED)
    assert not await stores.proofing_cases.give_code("case-1", Seconds(NOW), DECIDED)
    await stores.proofing_cases.decide("case-1", decision(CaseState.PASSED), DECIDED)
    given = await asyncio.gather(
        *(stores.proofing_cases.give_code("case-1", Seconds(NOW + 90), DECIDED) for _ in range(50))
    )
    assert sum(given) == 1


async def test_undecided_cases_are_listed_newest_first_for_an_agency_and_those_under_it(stores: Stores) -> None:
    agencies = [("G10", None), ("G10.01", "G10"), ("G10.01.05", "G10.01"), ("H01", None)]
    await stores.records.load(
        Records(
            agencies=tuple(AgencyRecord(code, code, "ministry", parent) for code, parent in agencies),
            people=tuple(person(number) for number in range(6)),
        ),
        EVENT,
    )
    for number, (code, _) in enumerate([*agencies, agencies[2], agencies[2]]):
        account = await stores.accounts.find(person(number).personal_number)
        assert account is not None
        await stores.proofing_cases.open(case(account, number, agency_code=code), OPENED)
    await stores.proofing_cases.decide("case-4", decision(CaseState.WAITING), DECIDED)
    await stores.proofing_cases.decide("case-5", decision(CaseState.REFUSED), DECIDED)

    async def listed(code: str | None, before: str = "", limit: int = 10, at: int = NOW) -> list[str]:
        states = (CaseState.OPEN, CaseState.WAITING)
        found = await stores.proofing_cases.listed(code, states, Seconds(at), before, limit)
        return [each.case_id for each in found]

    assert await listed(None) == ["case-4", "case-3", "case-2", "case-1", "case-0"]
    assert await listed("G10") == ["case-4", "case-2", "case-1", "case-0"]
    assert await listed("G10.01") == ["case-4", "case-2", "case-1"]
    assert await listed("H01") == ["case-3"]
    assert await listed("unknown") == []
    assert await listed("G10", limit=2) == ["case-4", "case-2"]
    assert await listed("G10", before="case-2") == ["case-1", "case-0"]
    # What waits for a second officer waits as long as the change does.
    assert await listed("G10", at=NOW + CASE_LIFETIME) == ["case-4"]


async def test_with_a_passed_case_an_account_may_begin_anew(stores: Stores, account: Account) -> None:
    await stores.proofing_cases.open(case(account), OPENED)
    record = await stores.identity_records.of_person(account.person_id)
    assert record is not None
    assert account.password_hash
    anew = AccountBegunAnew(origin=ORIGIN, account_id=account.account_id, case_id="case-1")
    stale = replace(record, seal=b"another")
    passed = decision(CaseState.PASSED, anew=anew)
    with pytest.raises(RecordChangedError):
        await stores.proofing_cases.decide("case-1", passed, DECIDED, stale)
    assert await stores.accounts.get(account.account_id) == account
    assert await stores.proofing_cases.decide("case-1", passed, DECIDED, record)

    after = await stores.accounts.get(account.account_id)
    assert after is not None
    assert (after.password_hash, after.sessions_valid_from) == (None, NOW + 61)
    assert await stores.accounts.contacts(account.account_id) == ()
    assert await stores.authenticators.enrolled(account.account_id) == ()
    assert (await stores.accounts.find(record.personal_number)) == after
    assert (await names(stores))[-2:] == ["proofing.decided", "account.begun_anew"]
    factor = Authenticator(
        AuthenticatorId("f"), account.account_id, AuthenticatorKind.ONE_TIME_CODE, "JBSWY3DPEHPK3PXP", Seconds(NOW)
    )
    assert await stores.authenticators.enrol_totp(factor, (b"code",), EVENT)
