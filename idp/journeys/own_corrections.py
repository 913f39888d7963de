"""A person asks for the correction of what is recorded, sees how far it came, and may take it back."""

from collections.abc import Mapping
from dataclasses import replace

from idp.domain.country_time import day_of
from idp.domain.events import CorrectionMoved, Origin
from idp.domain.ids import AccountId
from idp.domain.people.correction import (
    MOST_WAITING,
    CorrectionRequest,
    CorrectionState,
    RefusedCorrection,
    checked_text,
    deadlines,
    wanted_changes,
)
from idp.domain.people.identity_record import IdentityRecord
from idp.ports.clock import Clock, Entropy
from idp.ports.corrections import Corrections
from idp.ports.identity_records import IdentityRecords
from idp.ports.lock_requests import SpecialDays


class TooManyRequestsError(RefusedCorrection):
    """Others of the same person wait already."""


class OwnCorrections:
    """The person's side of corrections."""

    def __init__(
        self,
        corrections: Corrections,
        records: IdentityRecords,
        calendar: SpecialDays,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._corrections = corrections
        self._records = records
        self._calendar = calendar
        self._clock = clock
        self._entropy = entropy

    async def record(self, account_id: AccountId) -> IdentityRecord | None:
        """Return what is recorded, to be compared with what is right."""
        return await self._records.of_account(account_id)

    async def listed(self, account_id: AccountId) -> tuple[CorrectionRequest, ...]:
        """Return the person's requests, newest first."""
        return await self._corrections.of_account(account_id)

    async def ask(
        self, account_id: AccountId, typed: Mapping[str, str], reason: str, origin: Origin
    ) -> CorrectionRequest:
        """Keep a request with the deadlines that the law sets for it.

        Raises `RefusedValue` for what is no correction, `TooManyRequestsError` while too many wait.
        """
        record = await self._records.of_account(account_id)
        if record is None:
            raise RefusedCorrection("nothing_recorded", "Nothing is recorded.")
        now = self._clock.now()
        answer_due, complete_due = deadlines(now, await self._calendar.calendar())
        request = CorrectionRequest(
            request_id=self._entropy.identifier(),
            account_id=account_id,
            person_id=record.person_id,
            wanted=wanted_changes(record, typed, day_of(now)),
            reason=checked_text(reason),
            state=CorrectionState.WAITING,
            asked_at=now,
            answer_due=answer_due,
            complete_due=complete_due,
        )
        if not await self._corrections.add(request, _moved(request, origin), MOST_WAITING):
            raise TooManyRequestsError("too_many", "Others wait already.")
        return request

    async def take_back(self, account_id: AccountId, request_id: str, origin: Origin) -> bool:
        """Take back a request that nobody answered; False when there is none such of this account."""
        found = await self._corrections.get(request_id)
        if found is None or found.account_id != account_id or found.state is not CorrectionState.WAITING:
            return False
        moved = replace(found, state=CorrectionState.WITHDRAWN, completed_at=self._clock.now())
        return await self._corrections.move(found, moved, _moved(moved, origin))


def _moved(request: CorrectionRequest, origin: Origin) -> CorrectionMoved:
    return CorrectionMoved(
        origin=origin,
        account_id=request.account_id,
        request_id=request.request_id,
        state=request.state.value,
        claims=tuple(sorted(request.wanted)),
    )
