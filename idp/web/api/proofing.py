"""`/api/admin/proofing`: cases of proofing at counters, by the same rules as the console's room."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from idp.domain.accounts.recovery import BOTH, NOTHING_LOST, PASSWORD
from idp.domain.enrolment.attachment import MOST_ATTACHMENTS, PAGE_KINDS, RefusedAttachment, attachment
from idp.domain.enrolment.proofing import (
    CounterCheck,
    ExceptionGround,
    Findings,
    ProofingCase,
    ProofingRefusal,
    begins_anew,
)
from idp.domain.ids import AccountId
from idp.domain.offices.administration import Action
from idp.domain.people.identity_record import IdentityCard, IdentityRecord
from idp.domain.people.likeness import card_key
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.counter_cases import PAGE, CaseSight
from idp.journeys.administration.errors import InvalidEntryError
from idp.journeys.administration.merging import Merging, WantedMerge
from idp.journeys.administration.proofing import Proofing
from idp.web.api.answers import AskedChange
from idp.web.api.gate import Gate


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Search(_Entry):
    """Who stands at the counter."""

    number: str = Field(max_length=40, description="Personal number, or number of an identity card.")


class Card(_Entry):
    """A card as it is read."""

    number: str = Field(min_length=6, max_length=20)
    issued: date
    expires: date | None = Field(None, description="Null where the card does not expire.")


class ScannedPage(_Entry):
    """A page that the agency keeps."""

    kind: Literal["front", "back", "form", "other"]
    url: str = Field(max_length=512, description="https, without query and fragment.")
    digest: str = Field(max_length=64, description="SHA-256, in hexadecimal digits or base64.")


class EnteredDecision(_Entry):
    """`pass` with what was found (a `ground` asks a second officer), or `refuse` with a reason."""

    decision: Literal["pass", "refuse"]
    checks: list[CounterCheck] = Field(default_factory=list, max_length=len(CounterCheck))
    card: Card | None = None
    pages: list[ScannedPage] = Field(default_factory=list, max_length=MOST_ATTACHMENTS)
    ground: ExceptionGround | None = None
    reason: Literal["not_the_holder", "card_not_genuine", "card_not_valid", "data_differs", "left"] | None = None


class MergeRequest(_Entry):
    """Which account stays and which number is in force: the case's person's (`this`), or the other one's."""

    surviving: Literal["this", "other"]
    number: Literal["this", "other"]


class Case(BaseModel):
    """A case; moments are seconds since 1970."""

    case_id: str
    agency: str
    state: str
    opened_at: int
    expires_at: int
    reason: str | None
    change_id: str | None = Field(description="What a second officer decides.")


class Cases(BaseModel):
    """A page of cases that are not decided, the newest first; `next` is the key of the following one."""

    cases: list[Case]
    next: str | None


class Like(BaseModel):
    """An account whose record is like the person's."""

    account_id: str
    kinds: list[str]


class Record(BaseModel):
    """An identity record as it is compared with a card."""

    claims: dict[str, Any]
    personal_number: str
    former_numbers: list[str]
    identity_level: int
    card: dict[str, str | None] | None


class Found(BaseModel):
    """What was found in a case that was decided, or that waits for a second officer."""

    checks: list[str]
    ground: str | None
    card: dict[str, str | None] | None
    attachments: list[dict[str, Any]]


class CaseWithRecord(Case):
    """A case with the record that is compared."""

    begins_anew: bool = Field(description="Passing takes password, second factors and contacts away.")

    record: Record
    found: Found | None
    like: list[Like]
    may_decide: bool


class Compared(BaseModel):
    """Two records, and what is alike."""

    this: Record
    other: Record
    kinds: list[str]


class ActivationCode(BaseModel):
    """Told once: the code, or the code that sets a password, or the link for who has neither password nor contact."""

    code: str | None
    activation_link: str | None
    recovery_code: str | None
    recovery_ready_at: int | None = Field(
        description="From when on, in seconds since 1970, the recovery code is good by itself; before, with a code "
        "to a verified contact."
    )
    recovery_expires_at: int | None = Field(description="Until when the recovery code is good.")


class Lost(_Entry):
    """What the person has lost; without it the code adds two-step sign-in to an account that works."""

    lost: Literal["password", "both"]


def proofing_api(proofing: Proofing, merging: Merging, issuer: str, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/proofing", tags=["proofing"])
    _add_cases(router, proofing, gate)
    _add_what_follows(router, proofing, merging, issuer, gate)
    return router


def _add_cases(router: APIRouter, proofing: Proofing, gate: Gate) -> None:
    Viewer = Annotated[Administrator, gate(Action.PROOFING_VIEW)]  # noqa: N806 -- types
    Officer = Annotated[Administrator, gate(Action.PROOFING_WORK)]  # noqa: N806

    @router.get("")
    async def list_cases(admin: Viewer, after: Annotated[str, Query(max_length=64)] = "") -> Cases:
        """Cases that are not decided, of the agencies within reach."""
        found = await proofing.cases.queue(admin, after)
        return Cases(
            cases=[Case(**_told(case)) for case in found], next=found[-1].case_id if len(found) == PAGE else None
        )

    @router.post("", status_code=201)
    async def open_case(admin: Officer, search: Search) -> Case:
        """Open a case for whoever has a number; the one that is open already, if there is."""
        return Case(**_told(await proofing.open(admin, search.number)))

    @router.get("/{case_id}")
    async def show_case(admin: Viewer, case_id: str) -> CaseWithRecord:
        """One case with the person's record; the person sees who looked."""
        return _with_record(await proofing.cases.see(admin, case_id))

    @router.post("/{case_id}")
    async def decide_case(admin: Officer, case_id: str, decision: EnteredDecision) -> Case:
        """Pass or refuse a case, once."""
        if decision.decision == "pass":
            return Case(**_told(await proofing.decide(admin, case_id, _findings(decision))))
        if decision.reason is None:
            raise InvalidEntryError("reason", "missing")
        return Case(**_told(await proofing.refuse(admin, case_id, ProofingRefusal(decision.reason))))


def _add_what_follows(router: APIRouter, proofing: Proofing, merging: Merging, issuer: str, gate: Gate) -> None:
    Officer = Annotated[Administrator, gate(Action.PROOFING_WORK)]  # noqa: N806 -- types
    Comparer = Annotated[Administrator, gate(Action.PEOPLE_MERGE_ASK)]  # noqa: N806

    @router.post("/{case_id}/code")
    async def hand_over_code(admin: Officer, case_id: str, entry: Lost | None = None) -> ActivationCode:
        """Return the one code, or link, of a passed case."""
        lost = NOTHING_LOST if entry is None else BOTH if entry.lost == "both" else PASSWORD
        over = await proofing.hand_over(admin, case_id, lost)
        link = over.link and f"{issuer}{over.link}"
        recovery = over.recovery
        return ActivationCode(
            code=over.code,
            activation_link=link,
            recovery_code=None if recovery is None else recovery.code,
            recovery_ready_at=None if recovery is None else recovery.ready_at,
            recovery_expires_at=None if recovery is None else recovery.expires_at,
        )

    @router.get("/{case_id}/merge/{account_id}")
    async def compare(admin: Comparer, case_id: str, account_id: str) -> Compared:
        """Put somebody's record that is like the person's beside it; both see who looked."""
        compared = await merging.compare(admin, case_id, AccountId(account_id))
        return Compared(
            this=_record(compared.sight.record),
            other=_record(compared.other.record),
            kinds=sorted(compared.likeness.kinds),
        )

    @router.post("/{case_id}/merge/{account_id}", status_code=202)
    async def ask_for_merge(admin: Comparer, case_id: str, account_id: str, wanted: MergeRequest) -> AskedChange:
        """Ask that the case's person and somebody who is like him or her become one."""
        merge = WantedMerge(other_survives=wanted.surviving == "other", other_number=wanted.number == "other")
        return AskedChange(change_id=(await merging.ask(admin, case_id, AccountId(account_id), merge)).change_id)


def _told(case: ProofingCase) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "agency": case.agency_code,
        "state": case.state.value,
        "opened_at": case.opened_at,
        "expires_at": case.expires_at,
        "reason": case.reason.value if case.reason else None,
        "change_id": case.change_id,
    }


def _with_record(sight: CaseSight) -> CaseWithRecord:
    return CaseWithRecord(
        **_told(sight.case),
        record=_record(sight.record),
        found=_found(sight.case.findings) if sight.case.findings else None,
        like=[Like(account_id=each.account_id, kinds=sorted(each.kinds)) for each in sight.likenesses],
        may_decide=sight.may_decide,
        begins_anew=sight.may_decide and begins_anew(sight.record),
    )


def _record(record: IdentityRecord) -> Record:
    return Record(
        claims=dict(record.claims),
        personal_number=record.personal_number,
        former_numbers=list(record.former_numbers),
        identity_level=record.identity_level,
        card=_card(record.card),
    )


def _found(findings: Findings) -> Found:
    return Found(
        checks=[check.value for check in CounterCheck if check in findings.checks],
        ground=findings.ground.value if findings.ground else None,
        card=_card(findings.card),
        attachments=[dict(each) for each in findings.attachments],
    )


def _card(card: IdentityCard | None) -> dict[str, str | None] | None:
    return {"number": card.number, "issued": card.issued, "expires": card.expires} if card else None


def _findings(decision: EnteredDecision) -> Findings:
    """Raises `InvalidEntryError` for a page that is none."""
    pages = []
    for number, page in enumerate(decision.pages):
        try:
            pages.append(attachment(page.url, page.digest, PAGE_KINDS[page.kind]))
        except RefusedAttachment as refused:
            part = "url" if refused.code == "attachment_url" else "digest"
            raise InvalidEntryError(f"pages.{number}.{part}", refused.code) from refused
    card = decision.card
    return Findings(
        checks=frozenset(decision.checks),
        card=None
        if card is None
        else IdentityCard(
            card_key(card.number), card.issued.isoformat(), card.expires.isoformat() if card.expires else None
        ),
        attachments=tuple(pages),
        ground=decision.ground,
    )
