"""The dossier API's messages."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from clients.ministry_portal.dossier import Dossier, Status
from clients.ministry_portal.procedures import AGENCY_NAME, PROCEDURES

Names = dict[str, str]  # by language


class Message(BaseModel):
    """Frozen, and refuses names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ApplicantMessage(Message):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    personal_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]


class FilingMessage(Message):
    """The body of `POST /api/dossiers`."""

    procedure: Annotated[str, StringConstraints(max_length=64)]
    content: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    applicant: ApplicantMessage


class Named(Message):
    code: str
    name: Names


class FeeMessage(Message):
    amount: int  # dong
    reference: str
    paid_at: int | None


class ResultMessage(Message):
    number: str
    text: str
    issued_at: int


class RejectionMessage(Message):
    reason: str
    decided_at: int


class HistoryMessage(Message):
    event: str
    at: int


class DossierApplicant(Message):
    name: str


class DossierMessage(Message):
    """A dossier as the API and the pages show it: the applicant's number is not repeated."""

    code: str
    procedure: Named
    agency: Named
    applicant: DossierApplicant
    content: str
    status: Status
    filed_at: int
    fee: FeeMessage | None
    result: ResultMessage | None
    rejection: RejectionMessage | None
    history: list[HistoryMessage]


class OrderMessage(Message):
    """What is to be paid, to whom and for what."""

    reference: str
    dossier: str
    purpose: Names
    payee: Names
    amount: int  # dong
    is_paid: bool


class PaymentMessage(Message):
    """The body of `PUT /api/payments/{reference}`."""

    amount: int
    receipt: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]


def dossier_message(dossier: Dossier) -> DossierMessage:
    return DossierMessage(
        code=dossier.code,
        procedure=Named(code=dossier.procedure, name=dict(PROCEDURES[dossier.procedure].name)),
        agency=Named(code=dossier.agency, name=AGENCY_NAME),
        applicant=DossierApplicant(name=dossier.applicant.name),
        content=dossier.content,
        status=dossier.status,
        filed_at=dossier.filed_at,
        fee=_fee(dossier),
        result=_result(dossier),
        rejection=_rejection(dossier),
        history=[HistoryMessage(event=step.event, at=step.at) for step in dossier.history],
    )


def order_message(dossier: Dossier) -> OrderMessage:
    """Return the order of a dossier with a fee."""
    return OrderMessage(
        reference=dossier.payment_reference or "",
        dossier=dossier.code,
        purpose=dict(PROCEDURES[dossier.procedure].name),
        payee=AGENCY_NAME,
        amount=dossier.fee_amount or 0,
        is_paid=dossier.paid_at is not None,
    )


def _fee(dossier: Dossier) -> FeeMessage | None:
    if dossier.fee_amount is None or dossier.payment_reference is None:
        return None
    return FeeMessage(amount=dossier.fee_amount, reference=dossier.payment_reference, paid_at=dossier.paid_at)


def _result(dossier: Dossier) -> ResultMessage | None:
    if dossier.result_number is None or dossier.result_text is None or dossier.decided_at is None:
        return None
    return ResultMessage(number=dossier.result_number, text=dossier.result_text, issued_at=dossier.decided_at)


def _rejection(dossier: Dossier) -> RejectionMessage | None:
    if dossier.rejection_reason is None or dossier.decided_at is None:
        return None
    return RejectionMessage(reason=dossier.rejection_reason, decided_at=dossier.decided_at)
