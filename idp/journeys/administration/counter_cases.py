"""Cases of proofing at counters as officers see them, each within reach, and the one step that each takes."""

from contextlib import suppress
from typing import Final

from idp.domain.accounts.account import Account
from idp.domain.enrolment.proofing import CASE_LIFETIME, CaseState, Findings, ProofingCase, ProofingRefusal
from idp.domain.events import AccountBegunAnew, ProofingDecided
from idp.domain.ids import PersonId, Seconds
from idp.domain.offices.administration import Action, Reach
from idp.domain.offices.change_request import ChangeState
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.people.likeness import Likeness
from idp.domain.people.record_access import Purpose, Seen
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import ChangedMeanwhileError, NotFoundError
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.record_looks import Occasion, RecordLooks
from idp.ports.accounts import Accounts
from idp.ports.agency_tree import AgencyTree
from idp.ports.audit import AuditTrail
from idp.ports.change_requests import ChangeRequests
from idp.ports.clock import Clock
from idp.ports.duplicates import Duplicates
from idp.ports.identity_records import IdentityRecords, RecordChangedError
from idp.ports.population_registry import PopulationRegistry
from idp.ports.proofing_cases import CaseDecision, ProofingCases

PAGE: Final = 50
_HOUR: Final = 3600
_SEEN: Final = (Seen.RECORD, Seen.ACCOUNT)
UNDECIDED: Final = (CaseState.OPEN, CaseState.WAITING)
_NOT_AGREED: Final = frozenset({ChangeState.REFUSED, ChangeState.WITHDRAWN, ChangeState.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSight:
    """A case with what the officer compares: the record, and records that are like it."""

    case: ProofingCase
    record: IdentityRecord
    account: Account
    likenesses: tuple[Likeness, ...]
    may_decide: bool
    may_hand_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofingStores:
    """What proofing reads and writes."""

    cases: ProofingCases
    records: IdentityRecords
    accounts: Accounts
    duplicates: Duplicates
    changes: ChangeRequests
    agencies: AgencyTree
    audit: AuditTrail
    looks: RecordLooks
    budget: LookUpBudget
    register: PopulationRegistry | None = None
    """Asked by the counter itself where there is one; else what the officer ticks counts alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where a case goes, and what is kept of why."""

    after: CaseState
    findings: Findings | None = None
    reason: ProofingRefusal | None = None
    change_id: str | None = None
    anew: AccountBegunAnew | None = None
    record: IdentityRecord | None = None


def may_hand_over(case: ProofingCase, now: Seconds) -> bool:
    """Return whether a code may be handed over at the end of the case: once, and on the day of the decision."""
    passed_at = case.decided_at if case.state is CaseState.PASSED else None
    return passed_at is not None and case.code_given_at is None and now < passed_at + CASE_LIFETIME


class CounterCases:
    """Reads cases and moves them."""

    def __init__(self, stores: ProofingStores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    async def queue(self, admin: Administrator, before: str = "") -> tuple[ProofingCase, ...]:
        """A page of the cases that are not decided, the newest first, of the agencies within reach."""
        reach = admin.must(Action.PROOFING_VIEW)
        root = None if reach is Reach.EVERYWHERE else admin.agency_code
        return await self._stores.cases.listed(root, UNDECIDED, self._clock.now(), before, PAGE)

    async def find(self, admin: Administrator, case_id: str) -> ProofingCase:
        """One case within reach. Raises `NotFoundError`."""
        case = await self._stores.cases.get(case_id)
        if case is None or not await self.is_within(admin, case):
            raise NotFoundError
        return await self.settled(admin, case)

    async def see(self, admin: Administrator, case_id: str) -> CaseSight:
        """One case with the person's record; the look leaves a trace. Raises `NotFoundError`."""
        case = await self.find(admin, case_id)
        record = await self._stores.records.of_person(case.person_id)
        account = await self._stores.accounts.get(case.account_id)
        if record is None or account is None:
            raise NotFoundError
        await self.look(admin, case, case.person_id)
        now = self._clock.now()
        is_here = case.agency_code == admin.agency_code and admin.may(Action.PROOFING_WORK)
        return CaseSight(
            case=case,
            record=record,
            account=account,
            likenesses=await self._stores.duplicates.like(record),
            may_decide=is_here and case.is_open(now),
            may_hand_over=is_here and may_hand_over(case, now),
        )

    async def look(
        self, admin: Administrator, case: ProofingCase, person_id: PersonId, purpose: Purpose = Purpose.PROOFING
    ) -> None:
        """Leave the trace of a look, which the person sees: one for each officer and hour of a case."""
        now = self._clock.now()
        at = Seconds(max(case.opened_at, now - now % _HOUR))
        occasion = Occasion(f"{case.case_id} {admin.account_id}", purpose, case.case_id, at)
        await self._stores.looks.leave(admin, [person_id], occasion, _SEEN)

    async def is_within(self, admin: Administrator, case: ProofingCase) -> bool:
        """Whether the administrator may know of the case."""
        if admin.must(Action.PROOFING_VIEW) is Reach.EVERYWHERE:
            return True
        return await self._stores.agencies.is_within(case.agency_code, admin.agency_code)

    async def settled(self, admin: Administrator, case: ProofingCase) -> ProofingCase:
        """Return the case as it stands after the second officer's answer: what was not agreed to is refused."""
        if case.state is not CaseState.WAITING or case.change_id is None:
            return case
        change = await self._stores.changes.get(case.change_id)
        is_late = change is None or (change.state is ChangeState.WAITING and not change.is_open(self._clock.now()))
        if not is_late and change is not None and change.state not in _NOT_AGREED:
            return case
        with suppress(ChangedMeanwhileError):
            step = Step(after=CaseState.REFUSED, reason=ProofingRefusal.SECOND_OFFICER)
            await self._take(
                case,
                step,
                ProofingDecided(
                    origin=admin.origin,
                    account_id=None,
                    agency_code=case.agency_code,
                    case_id=case.case_id,
                    subject=case.account_id,
                    outcome=step.after.value,
                    reason=ProofingRefusal.SECOND_OFFICER.value,
                ),
            )
        return await self._stores.cases.get(case.case_id) or case

    async def move(self, admin: Administrator, case: ProofingCase, step: Step) -> None:
        """Take the step, with its event. Raises `ChangedMeanwhileError` when somebody took one, or the record changed.

        An open case that expired takes none.
        """
        event = ProofingDecided(
            origin=admin.origin,
            account_id=admin.account_id,
            agency_code=admin.agency_code,
            case_id=case.case_id,
            subject=case.account_id,
            outcome=step.after.value,
            reason=None if step.reason is None else step.reason.value,
            ground=step.findings.ground.value if step.findings and step.findings.ground else None,
        )
        await self._take(case, step, event)

    async def _take(self, case: ProofingCase, step: Step, event: ProofingDecided) -> None:
        decision = CaseDecision(
            before=case.state,
            after=step.after,
            by=event.account_id,
            at=self._clock.now(),
            findings=step.findings,
            reason=step.reason,
            change_id=step.change_id,
            anew=step.anew,
        )
        try:
            moved = await self._stores.cases.decide(case.case_id, decision, event, step.record)
        except RecordChangedError as changed:
            raise ChangedMeanwhileError from changed
        if not moved:
            raise ChangedMeanwhileError
