"""What a passed case does to a record, and the exceptions that a second officer agrees to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import msgspec

from idp.domain.country_time import COUNTRY_TIME, day_of
from idp.domain.enrolment.proofing import (
    COUNTER,
    COUNTER_LEVEL,
    CaseState,
    CounterCheck,
    Findings,
    ProofingCase,
    RefusedFindings,
    begins_anew,
    check_findings,
    evidence_of,
)
from idp.domain.events import AccountBegunAnew, Origin, ProofingDecided
from idp.domain.ids import Seconds
from idp.domain.offices.administration import Action
from idp.domain.offices.change_request import ChangeRequest
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, IdentityRecord
from idp.domain.people.verification import VERIFIABLE_CLAIMS
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import ChangedMeanwhileError, NotFoundError
from idp.journeys.administration.own_identity import OwnIdentity
from idp.ports.clock import Clock
from idp.ports.identity_records import IdentityRecords, RecordChangedError
from idp.ports.proofing_cases import CaseDecision, ProofingCases

KIND = "proofing.exception"


def raised_record(
    record: IdentityRecord, findings: Findings, organisation: str, case_id: str, now: Seconds
) -> IdentityRecord:
    """Return the record at level 2, with the evidence of a counter's case, and where each attribute now comes from."""
    moment = datetime.fromtimestamp(now, COUNTRY_TIME).isoformat()
    source = POPULATION_REGISTER if findings.card is None else COUNTER
    proved = {"personal_number", *(name for name in record.claims if name in VERIFIABLE_CLAIMS)}
    return replace(
        record,
        identity_level=max(COUNTER_LEVEL, record.identity_level),
        level_expires_at=None,
        verification={
            "time": moment,
            "verification_process": case_id,
            "evidence": list(evidence_of(findings, organisation, moment)),
        },
        attributes={**record.attributes, **dict.fromkeys(sorted(proved), AttributeFacts(source, now))},
        card=findings.card or record.card,
    )


def anew(case: ProofingCase, record: IdentityRecord, origin: Origin) -> AccountBegunAnew | None:
    """Return that the account begins anew with the passed case, where it does; `record` as it was before."""
    if not begins_anew(record):
        return None
    return AccountBegunAnew(origin=origin, account_id=case.account_id, case_id=case.case_id)


def findings_digest(findings: Findings) -> str:
    """Return what stands for findings where they are asked about: the findings themselves stay with the case."""
    return sha256(msgspec.json.encode(findings, order="sorted")).hexdigest()


class ProofingExceptions:
    """Implements `ChangeKind`: a case passes although a check could not be made as usual."""

    name = KIND
    asks = Action.PROOFING_WORK
    """Who works at a counter."""
    decides = Action.PROOFING_APPROVE
    """Another officer of the agency, or of one above it."""

    def __init__(self, cases: ProofingCases, records: IdentityRecords, own: OwnIdentity, clock: Clock) -> None:
        self._cases = cases
        self._records = records
        self._own = own
        self._clock = clock

    async def version(self, subject: str) -> str:
        """How the person's record stands. Raises `NotFoundError`."""
        _, record = await self._subject(subject)
        return sha256(record.seal).hexdigest()

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """What was checked and what was not, and why it should pass; whom it is about stands in the case."""
        case, _ = await self._subject(change.subject)
        findings = case.findings or Findings()
        checks = {f"check.{check.value}": "made" if check in findings.checks else "not_made" for check in CounterCheck}
        return {
            "proofing_case": change.subject,
            "exception_ground": findings.ground.value if findings.ground else "",
            **checks,
            "verified_by": str(change.payload["agency"]),
            "begins_anew": "made" if change.payload.get("anew") else "not_made",
        }

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        """Pass the case. Raises `ChangedMeanwhileError` when it waits for this no more, or the record changed."""
        case, record = await self._subject(change.subject)
        if case.state is CaseState.PASSED and case.change_id == change.change_id:
            return
        await self._own.refuse(decider.account_id, case.person_id)
        findings = case.findings
        if findings is None or findings_digest(findings) != change.payload["findings"]:
            raise ChangedMeanwhileError
        if case.change_id != change.change_id or sha256(record.seal).hexdigest() != change.version:
            raise ChangedMeanwhileError
        now = self._clock.now()
        try:
            check_findings(findings, record, day_of(now))
            raised = raised_record(record, findings, str(change.payload["agency"]), case.case_id, now)
            decision = CaseDecision(
                before=CaseState.WAITING,
                after=CaseState.PASSED,
                by=decider.account_id,
                at=now,
                anew=anew(case, record, decider.origin),
            )
            passed = await self._cases.decide(case.case_id, decision, _event(case, findings, decider), raised)
        except (RefusedFindings, RecordChangedError) as changed:
            raise ChangedMeanwhileError from changed
        if not passed:
            raise ChangedMeanwhileError

    async def _subject(self, case_id: str) -> tuple[ProofingCase, IdentityRecord]:
        case = await self._cases.get(case_id)
        record = await self._records.of_person(case.person_id) if case else None
        if case is None or record is None:
            raise NotFoundError
        return case, record


def _event(case: ProofingCase, findings: Findings, decider: Administrator) -> ProofingDecided:
    return ProofingDecided(
        origin=decider.origin,
        account_id=decider.account_id,
        agency_code=decider.agency_code,
        case_id=case.case_id,
        subject=case.account_id,
        outcome=CaseState.PASSED.value,
        ground=findings.ground.value if findings.ground else None,
    )
