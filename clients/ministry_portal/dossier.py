"""A dossier and what may happen to it."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    FILED = "filed"
    RECEIVED = "received"
    FEE_DUE = "fee_due"
    PAID = "paid"
    APPROVED = "approved"
    REJECTED = "rejected"


class Action(StrEnum):
    """What an officer does; `pay` is done by the payment gateway."""

    RECEIVE = "receive"
    ASK_PAYMENT = "ask-payment"
    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Transition:
    sources: frozenset[Status]
    target: Status


EXAMINED = frozenset({Status.RECEIVED, Status.PAID})
TRANSITIONS = {
    Action.RECEIVE: Transition(frozenset({Status.FILED}), Status.RECEIVED),
    Action.ASK_PAYMENT: Transition(frozenset({Status.RECEIVED}), Status.FEE_DUE),
    Action.APPROVE: Transition(EXAMINED, Status.APPROVED),
    Action.REJECT: Transition(EXAMINED, Status.REJECTED),
}


@dataclass(frozen=True, slots=True)
class Applicant:
    name: str
    personal_number: str


@dataclass(frozen=True, slots=True)
class Filing:
    """A dossier as it is filed. It belongs to (client, subject) of the access token that filed it."""

    filing_client: str
    filing_subject: str
    idempotency_key: str
    procedure: str
    content: str
    applicant: Applicant


@dataclass(frozen=True, slots=True)
class HistoryStep:
    event: str
    at: int


@dataclass(frozen=True, slots=True)
class Dossier:
    code: str
    agency: str
    procedure: str
    content: str
    applicant: Applicant
    status: Status
    version: int
    fee_amount: int | None
    payment_reference: str | None
    paid_at: int | None
    result_number: str | None
    result_text: str | None
    rejection_reason: str | None
    filed_at: int
    decided_at: int | None
    history: tuple[HistoryStep, ...]

    @property
    def actions(self) -> frozenset[Action]:
        """What an officer may do now."""
        return frozenset(action for action, transition in TRANSITIONS.items() if self.status in transition.sources)


@dataclass(frozen=True, slots=True)
class Step:
    """One action on a dossier, with what it needs."""

    action: Action
    version: int  # of the dossier that the officer saw
    officer: str
    fee_amount: int | None = None
    result_number: str | None = None
    result_text: str | None = None
    rejection_reason: str | None = None


def may_process(officer_agency: str, dossier_agency: str) -> bool:
    """Tell whether an officer of this agency handles the dossiers of that one: the same, or a unit under it."""
    return officer_agency == dossier_agency or officer_agency.startswith(f"{dossier_agency}.")
