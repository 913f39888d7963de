"""Cases of proofing at counters."""

from typing import Protocol

from idp.domain.enrolment.proofing import CaseState, Findings, ProofingCase, ProofingRefusal
from idp.domain.events import AccountBegunAnew, Event
from idp.domain.ids import AccountId, Seconds
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDecision:
    """A step from one state to another, at a moment; what is None stays as it is.

    `by` is an officer, None for a rule. `anew`: the account loses everything that signs it in, and all that is open.
    """

    before: CaseState
    after: CaseState
    by: AccountId | None
    at: Seconds
    findings: Findings | None = None
    reason: ProofingRefusal | None = None
    change_id: str | None = None
    anew: AccountBegunAnew | None = None


class ProofingCases(Protocol):
    """Kept for good: who proved whom, when and by what is part of the record. Each case is decided once."""

    async def open(self, case: ProofingCase, event: Event) -> ProofingCase:
        """Keep a new case, with its event; the one that is open for the person already, and no event, if there is."""
        ...

    async def get(self, case_id: str) -> ProofingCase | None:
        """One case, or None."""
        ...

    async def listed(
        self, agency_code: str | None, states: tuple[CaseState, ...], now: Seconds, before: str, limit: int
    ) -> tuple[ProofingCase, ...]:
        """Undecided cases that have not expired, the newest first, older than the case `before` ("": all).

        Of an agency and those under it; None: of every agency.
        """
        ...

    async def decide(
        self, case_id: str, decision: CaseDecision, event: Event, record: IdentityRecord | None = None
    ) -> bool:
        """Take the step, with `event`; False, and nothing written, when the case is not in that state any more.

        An open case that expired is in no state to be decided. `record` is saved in the same transaction, as
        `IdentityRecords.save` does; raises `RecordChangedError`.
        """
        ...

    async def give_code(self, case_id: str, now: Seconds, event: Event) -> bool:
        """Note that the one code of a passed case was handed over; False, and no event, when it was before."""
        ...
