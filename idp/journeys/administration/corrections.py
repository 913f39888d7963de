"""Requests for correction in the console: answered in writing with reasons; a second administrator lets them change."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Final

from idp.domain.events import CorrectionMoved
from idp.domain.ids import Seconds
from idp.domain.offices.administration import Action
from idp.domain.offices.change_request import ChangeRequest, ChangeState
from idp.domain.people.correction import (
    LATEST_DAYS,
    OPEN,
    CorrectionRequest,
    CorrectionState,
    RefusedCorrection,
    checked_text,
    days_after,
)
from idp.domain.people.identity_record import AttributeFacts, IdentityRecord
from idp.domain.people.personal_number import PersonalNumber, birth_year_of, check_consistency
from idp.domain.people.record_access import Purpose, Seen
from idp.domain.refused_value import InconsistentRecord
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import ChangedMeanwhileError, InvalidEntryError, NotFoundError
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.own_identity import OwnIdentity
from idp.journeys.administration.record_looks import Occasion, RecordLooks
from idp.ports.clock import Clock
from idp.ports.corrections import Corrections
from idp.ports.identity_records import IdentityRecords, RecordChangedError

PAGE: Final = 50
_HOUR: Final = 3600
KIND: Final = "record.correct"
SOURCE: Final = "correction"
"""Where an attribute comes from that was corrected, as `AttributeFacts.source`."""

CLOSED: Final = tuple(state for state in CorrectionState if state not in OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionParts:
    """What both the desk and the change work on."""

    corrections: Corrections
    records: IdentityRecords
    own_identity: OwnIdentity
    looks: RecordLooks
    clock: Clock

    async def look(self, admin: Administrator, request: CorrectionRequest) -> None:
        """Leave the trace of a look at a request, which the person sees: one for each officer and hour."""
        now = self.clock.now()
        name, hour = f"{KIND} {request.request_id} {admin.account_id}", Seconds(now - now % _HOUR)
        occasion = Occasion(name, Purpose.CORRECTION, request.request_id.upper(), hour)
        await self.looks.leave(admin, [request.person_id], occasion, [Seen.RECORD])


@dataclass(frozen=True, slots=True)
class Case:
    """A request, with the record as it stands."""

    request: CorrectionRequest
    record: IdentityRecord


class CorrectionDesk:
    """Lists requests, shows one, and takes the answer."""

    def __init__(self, parts: CorrectionParts, four_eyes: FourEyes) -> None:
        self._at = parts
        self._four_eyes = four_eyes

    async def listed(
        self, admin: Administrator, *, closed: bool = False, after: str = ""
    ) -> tuple[CorrectionRequest, ...]:
        """Return a page of requests, what is due first at the top. Raises `AdministrationError`."""
        admin.must(Action.CORRECTIONS_VIEW)
        place = await self._at.corrections.get(after) if after else None
        return await self._at.corrections.listed(CLOSED if closed else OPEN, place, PAGE)

    async def show(self, admin: Administrator, request_id: str) -> Case:
        """Return one request. Nobody sees the own one here. Raises `AdministrationError`."""
        admin.must(Action.CORRECTIONS_VIEW)
        case = await self._case(admin, request_id)
        await self._at.look(admin, case.request)
        return case

    async def reject(self, admin: Administrator, request_id: str, reasons: str) -> None:
        """Answer that the record stays as it is, and why. Raises `AdministrationError`."""
        admin.must(Action.CORRECTIONS_ANSWER)
        case = await self._case(admin, request_id)
        now = self._at.clock.now()
        answered = replace(
            _answered(case.request, admin, reasons, now), state=CorrectionState.REJECTED, completed_at=now
        )
        await self._move(admin, case.request, answered)

    async def accept(self, admin: Administrator, request_id: str, answer: str, *, longer: bool = False) -> str:
        """Answer that the record will be corrected, and ask for the change that another one decides; its identifier.

        `longer`: it takes up to twenty days, which the answer says. Raises `AdministrationError`.
        """
        admin.must(Action.CORRECTIONS_ANSWER)
        case = await self._case(admin, request_id)
        if case.request.state is not CorrectionState.WAITING:
            raise ChangedMeanwhileError
        check_against_the_number(case)
        answered = _answered(case.request, admin, answer, self._at.clock.now())
        change = await self._four_eyes.ask(
            admin, KIND, request_id, {"request_id": request_id, "wanted": dict(case.request.wanted)}
        )
        complete_due = days_after(case.request.asked_at, LATEST_DAYS) if longer else case.request.complete_due
        accepted = replace(
            answered, state=CorrectionState.ACCEPTED, change_id=change.change_id, complete_due=complete_due
        )
        await self._move(admin, case.request, accepted)
        return change.change_id

    async def ask_again(self, admin: Administrator, request_id: str) -> str:
        """Ask once more for the change of an accepted request whose change came to nothing; its identifier."""
        admin.must(Action.CORRECTIONS_ANSWER)
        case = await self._case(admin, request_id)
        if case.request.state is not CorrectionState.ACCEPTED:
            raise ChangedMeanwhileError
        change = await self._four_eyes.ask(
            admin, KIND, request_id, {"request_id": request_id, "wanted": dict(case.request.wanted)}
        )
        await self._move(admin, case.request, replace(case.request, change_id=change.change_id))
        return change.change_id

    async def _case(self, admin: Administrator, request_id: str) -> Case:
        request = await self._at.corrections.get(request_id)
        if request is None:
            raise NotFoundError
        await self._at.own_identity.refuse(admin.account_id, request.person_id)
        record = await self._at.records.of_person(request.person_id)
        if record is None:
            raise NotFoundError
        return Case(request, record)

    async def _move(self, admin: Administrator, found: CorrectionRequest, moved: CorrectionRequest) -> None:
        late = found.is_late(self._at.clock.now())
        if found.state not in OPEN or not await self._at.corrections.move(
            found, moved, moved_event(admin, moved, late=late)
        ):
            raise ChangedMeanwhileError


class CorrectRecord:
    """Implements `ChangeKind`: the subject is the request; the record changes and the request is done."""

    name = KIND
    asks = Action.CORRECTIONS_ANSWER
    decides = Action.CORRECTIONS_DECIDE

    def __init__(self, parts: CorrectionParts) -> None:
        self._at = parts

    async def version(self, subject: str) -> str:
        case = await self._case(subject)
        told = (repr(sorted(case.request.wanted.items())), repr(sorted(case.record.claims.items(), key=repr)))
        return sha256("\n".join((case.record.person_id, case.record.personal_number, *told)).encode()).hexdigest()

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """What would change, beside what is there while somebody may decide; afterwards what was asked, and no more."""
        case = await self._case(change.subject)
        wanted: Mapping[str, str] = change.payload["wanted"]
        told = {f"correct.{name}": value for name, value in wanted.items()}
        if change.is_open(self._at.clock.now()) or change.state is ChangeState.APPROVED:
            told = {name: f"{case.record.claims.get(name.partition('.')[2], '–')} → {told[name]}" for name in told}
        return {**told, "correct.reason": case.request.reason, "correct.answer": case.request.answer}

    async def looked(self, change: ChangeRequest, admin: Administrator) -> None:
        await self._at.look(admin, (await self._case(change.subject)).request)

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        case = await self._case(change.subject)
        await self._at.own_identity.refuse(decider.account_id, case.request.person_id)
        wanted: Mapping[str, str] = change.payload["wanted"]
        now = self._at.clock.now()
        done = replace(case.request, state=CorrectionState.DONE, completed_at=now)
        is_there = all(case.record.claims.get(name) == value for name, value in wanted.items())
        if case.request.state is CorrectionState.DONE and is_there:
            return
        if case.request.state is not CorrectionState.ACCEPTED:
            raise ChangedMeanwhileError
        event = moved_event(decider, done, late=case.request.is_late(now))
        if not is_there:
            await self._correct(case, wanted, change, event)
        await self._at.corrections.move(case.request, done, event)

    async def _correct(
        self, case: Case, wanted: Mapping[str, str], change: ChangeRequest, event: CorrectionMoved
    ) -> None:
        if await self.version(change.subject) != change.version:
            raise ChangedMeanwhileError
        check_against_the_number(case)
        facts = AttributeFacts(SOURCE, self._at.clock.now())
        corrected = replace(
            case.record,
            claims={**case.record.claims, **wanted},
            attributes={**case.record.attributes, **dict.fromkeys(wanted, facts)},
        )
        try:
            await self._at.records.save(corrected, replace(event, state="applied"))
        except RecordChangedError:
            raise ChangedMeanwhileError from None

    async def _case(self, request_id: str) -> Case:
        request = await self._at.corrections.get(request_id)
        record = await self._at.records.of_person(request.person_id) if request else None
        if request is None or record is None:
            raise NotFoundError
        return Case(request, record)


def check_against_the_number(case: Case) -> None:
    """Raise `InvalidEntryError` when the corrected record would contradict its personal number.

    The number then has to be re-issued first, which the population register does.
    """
    if not case.record.personal_number:
        return
    told = {**case.record.claims, **case.request.wanted}
    number, born = PersonalNumber(case.record.personal_number), birth_year_of(told.get("birthdate"))
    try:
        check_consistency(number, gender=told.get("gender"), birth_year=born)
    except InconsistentRecord:
        raise InvalidEntryError("decision", "contradicts_number") from None


def moved_event(admin: Administrator, request: CorrectionRequest, *, late: bool) -> CorrectionMoved:
    """Return that an administrator moved a request; `late`: after its time was over."""
    return CorrectionMoved(
        origin=admin.origin,
        account_id=request.account_id,
        request_id=request.request_id,
        state=request.state.value,
        claims=tuple(sorted(request.wanted)),
        officer=admin.account_id,
        late=late,
    )


def _answered(request: CorrectionRequest, admin: Administrator, text: str, now: Seconds) -> CorrectionRequest:
    if request.state is not CorrectionState.WAITING:
        raise ChangedMeanwhileError
    try:
        answer = checked_text(text)
    except RefusedCorrection:
        raise InvalidEntryError("answer", "missing") from None
    return replace(request, answered_by=admin.account_id, answered_at=now, answer=answer)
