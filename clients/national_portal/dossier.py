"""A dossier as the ministry's API tells it."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, TypeAdapter


class Message(BaseModel):
    """Frozen; names the ministry adds later are ignored."""

    model_config = ConfigDict(frozen=True)


class Named(Message):
    code: str
    name: Mapping[str, str]  # by language


class Fee(Message):
    amount: int  # dong
    reference: str
    paid_at: int | None = None


class Result(Message):
    number: str
    text: str
    issued_at: int


class Rejection(Message):
    reason: str


class HistoryStep(Message):
    event: str
    at: int


class Applicant(Message):
    name: str


class Dossier(Message):
    code: str
    procedure: Named
    agency: Named
    applicant: Applicant
    content: str
    status: str
    filed_at: int
    fee: Fee | None = None
    result: Result | None = None
    rejection: Rejection | None = None
    history: tuple[HistoryStep, ...] = ()


DOSSIERS = TypeAdapter(list[Dossier])
PROCEDURES = TypeAdapter(list[Named])
