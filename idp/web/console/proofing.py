"""`/admin/proofing`: who stands at the counter, what was checked, and the decision."""

from dataclasses import field

from idp.domain.accounts.recovery import BOTH, NOTHING_LOST, PASSWORD
from idp.domain.enrolment.activation_link import LIFETIME as LINK_LIFETIME
from idp.domain.enrolment.attachment import PAGE_KINDS
from idp.domain.enrolment.proofing import (
    CaseState,
    CounterCheck,
    ExceptionGround,
    ProofingCase,
    ProofingRefusal,
    begins_anew,
)
from idp.domain.offices.administration import Action
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.counter_cases import PAGE, CaseSight, CounterCases
from idp.journeys.administration.errors import InvalidEntryError
from idp.journeys.administration.handing_over import HandedOver
from idp.journeys.administration.proofing import Proofing
from idp.journeys.recovery.counter import IssuedCode
from idp.web.console.changes import PATH as CHANGES
from idp.web.console.frame import Frame
from idp.web.console.person_facts import found_facts, person_facts
from idp.web.console.proofing_form import read_findings, typed_findings
from idp.web.console.rooms import Room
from idp.web.edge.body import Parameters
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.common import Problem
from idp.web.views.console.proofing import (
    CasePage,
    CaseRow,
    LikenessRow,
    ProofingPage,
    RecoveryView,
    TypedFindings,
)

PATH = Room.PROOFING.value.path
NOTICES = frozenset({"passed", "second_officer", "closed"})
REASONS = tuple(reason.value for reason in ProofingRefusal if reason is not ProofingRefusal.SECOND_OFFICER)
_LOST = {"password": PASSWORD, "both": BOTH}
RECOVER_WITH_CODE = "/recover/counter"
_NOTICE_OF = {CaseState.PASSED: "passed", CaseState.WAITING: "second_officer", CaseState.REFUSED: "closed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """What a case's page shows besides the case."""

    status: int = 200
    problem: Problem | None = None
    typed: TypedFindings | None = None
    handed_over: HandedOver = field(default_factory=HandedOver)


class ProofingPages:
    """The queue, one case, and what is handed over in the end."""

    def __init__(self, proofing: Proofing, issuer: str, frame: Frame) -> None:
        self._proofing = proofing
        self._issuer = issuer
        self._cases: CounterCases = proofing.cases
        self._frame = frame

    async def queue(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/proofing`."""
        return await self._draw_queue(visit, admin)

    async def open(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/proofing`: `number`."""
        fields = await visit.form()
        try:
            case = await self._proofing.open(admin, fields.get("number", ""))
        except InvalidEntryError as refused:
            return await self._draw_queue(visit, admin, Problem(refused.field, refused.reason))
        return self._frame.desk.redirect(visit, f"{PATH}/{case.case_id}")

    async def show(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/proofing/{case_id}`."""
        return await self._draw(visit, admin, _Drawn())

    async def decide(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/proofing/{case_id}`: `decision` is `pass` or `refuse`."""
        fields = await visit.form()
        case_id = visit.parameter("case_id")
        try:
            case = await self._decided(admin, case_id, fields)
        except InvalidEntryError as refused:
            problem = Problem(refused.field, refused.reason)
            return await self._draw(visit, admin, _Drawn(status=422, problem=problem, typed=typed_findings(fields)))
        return self._frame.desk.redirect(visit, f"{PATH}/{case_id}?notice={_NOTICE_OF[case.state]}")

    async def _decided(self, admin: Administrator, case_id: str, fields: Parameters) -> ProofingCase:
        match fields.get("decision"):
            case "pass":
                return await self._proofing.decide(admin, case_id, read_findings(fields))
            case "refuse" if fields.get("reason") in REASONS:
                return await self._proofing.refuse(admin, case_id, ProofingRefusal(fields["reason"]))
            case "refuse":
                raise InvalidEntryError("reason", "missing")
            case _:
                raise InvalidEntryError("decision", "missing")

    async def hand_over(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/proofing/{case_id}/code`: `lost`; the answer shows the code or the link, this once."""
        fields = await visit.form()
        lost = _LOST.get(fields.get("lost", ""), NOTHING_LOST)
        try:
            handed_over = await self._proofing.hand_over(admin, visit.parameter("case_id"), lost)
        except InvalidEntryError as refused:
            problem = Problem(refused.field, refused.reason)
            return await self._draw(visit, admin, _Drawn(status=422, problem=problem))
        return await self._draw(visit, admin, _Drawn(handed_over=handed_over))

    async def _draw_queue(self, visit: Visit, admin: Administrator, problem: Problem | None = None) -> Answer:
        found = await self._cases.queue(admin, visit.query.get("after", ""))
        page = ProofingPage(
            **self._frame.common(visit, admin, Room.PROOFING),
            problem=problem,
            action=PATH,
            may_work=admin.may(Action.PROOFING_WORK),
            rows=tuple(_row(admin, case) for case in found),
            next_href=f"?after={found[-1].case_id}" if len(found) == PAGE else None,
        )
        return self._frame.desk.page(visit, page, 422 if problem else 200)

    async def _draw(self, visit: Visit, admin: Administrator, drawn: _Drawn) -> Answer:
        sight = await self._cases.see(admin, visit.parameter("case_id"))
        case, path = sight.case, f"{PATH}/{sight.case.case_id}"
        notice, over = visit.query.get("notice"), drawn.handed_over
        page = CasePage(
            **self._frame.common(visit, admin, Room.PROOFING),
            problem=drawn.problem,
            notice=notice if notice in NOTICES and drawn.problem is None and over == HandedOver() else None,
            action=path,
            code_action=f"{path}/code",
            case_id=case.case_id,
            state=case.state.value,
            reason=case.reason.value if case.reason else None,
            change_href=f"{CHANGES}/{case.change_id}" if case.change_id else None,
            opened_at=moment_of(case.opened_at),
            expires_at=moment_of(case.expires_at),
            person=person_facts(sight.record, sight.account),
            found=found_facts(case.findings) if case.findings else None,
            likenesses=_likenesses(admin, sight, path),
            checks=tuple(CounterCheck),
            grounds=tuple(ExceptionGround),
            reasons=REASONS,
            page_kinds=tuple(PAGE_KINDS),
            typed=drawn.typed or TypedFindings(),
            may_decide=sight.may_decide,
            may_hand_over_code=sight.may_hand_over,
            begins_anew=sight.may_decide and begins_anew(sight.record),
            without_password=sight.account.password_hash is None,
            code=over.code,
            link=over.link and f"{self._issuer}{over.link}",
            link_hours=LINK_LIFETIME // 3600,
            recovery=None if over.recovery is None else self._recovery(over.recovery),
        )
        return self._frame.desk.page(visit, page, drawn.status)

    def _recovery(self, issued: IssuedCode) -> RecoveryView:
        return RecoveryView(
            code=issued.code,
            address=f"{self._issuer}{RECOVER_WITH_CODE}",
            expires_at=moment_of(issued.expires_at),
            waits_until=moment_of(issued.ready_at) if issued.waits else None,
        )


def _row(admin: Administrator, case: ProofingCase) -> CaseRow:
    return CaseRow(
        href=f"{PATH}/{case.case_id}",
        case_id=case.case_id,
        agency_code=case.agency_code,
        state=case.state.value,
        opened_at=moment_of(case.opened_at),
        expires_at=moment_of(case.expires_at),
        own=case.opened_by == admin.account_id,
    )


def _likenesses(admin: Administrator, sight: CaseSight, path: str) -> tuple[LikenessRow, ...]:
    if not admin.may(Action.PEOPLE_MERGE_ASK):
        return ()
    return tuple(
        LikenessRow(href=f"{path}/merge/{each.account_id}", kinds=tuple(sorted(each.kinds)))
        for each in sight.likenesses
    )
