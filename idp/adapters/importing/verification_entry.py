"""How a person was proved, as import files write it: the elements of OpenID Identity Assurance, of our own tables."""

from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from idp.adapters.importing.fields import DateField, Entry, ShortText
from idp.domain.enrolment.attachment import page_address, page_digest
from idp.domain.people.verification import (
    CHECK_METHODS,
    DIGEST_ALGORITHMS,
    DOCUMENT,
    DOCUMENTS,
    ELECTRONIC_RECORDS,
    EVIDENCE_TYPES,
)

_MOST: Final = 16


def check_moment(value: Any) -> str:  # noqa: ANN401 - whatever the file holds
    """Return a moment with its offset from UTC, as ISO 8601 writes it."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("must be a moment with its offset, such as 2025-07-01T09:00:00+07:00")
    return moment.isoformat(timespec="seconds")


def _one_of(values: tuple[str, ...]) -> Any:  # noqa: ANN401 - a validator
    def check(value: str) -> str:
        if value not in values:
            raise ValueError(f"must be one of {', '.join(values)}")
        return value

    return AfterValidator(check)


Moment = Annotated[str, BeforeValidator(check_moment)]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2,3}$")]


class Authority(Entry):
    """Who issued a document, or keeps a register."""

    name: ShortText | None = None
    country_code: CountryCode | None = None


class Check(Entry):
    """One check that was made on a piece of evidence."""

    check_method: Annotated[str, _one_of(CHECK_METHODS)]
    organization: ShortText | None = None
    check_id: ShortText | None = None
    time: Moment | None = None


class DocumentDetails(Entry):
    """A document; its number is not kept."""

    type: Annotated[str, _one_of(DOCUMENTS)]
    issuer: Authority | None = None
    date_of_issuance: DateField | None = None
    date_of_expiry: DateField | None = None


class Record(Entry):
    """An entry of a register."""

    type: Annotated[str, _one_of(ELECTRONIC_RECORDS)]
    source: Authority | None = None
    created_at: Moment | None = None


class Digest(Entry):
    """What a page comes to, in base64."""

    alg: Annotated[str, _one_of(DIGEST_ALGORITHMS)]
    value: Annotated[ShortText, AfterValidator(page_digest)]


class AttachmentEntry(Entry):
    """A page that an office keeps, under an address of its own."""

    desc: ShortText | None = None
    url: Annotated[str, AfterValidator(page_address)]
    digest: Digest


class EvidenceEntry(Entry):
    """One piece of evidence."""

    type: Annotated[str, _one_of(EVIDENCE_TYPES)]
    document_details: DocumentDetails | None = None
    record: Record | None = None
    check_details: Annotated[list[Check], Field(min_length=1, max_length=_MOST)] | None = None
    attachments: Annotated[list[AttachmentEntry], Field(min_length=1, max_length=_MOST)] | None = None

    @model_validator(mode="after")
    def _of_its_type(self) -> Self:
        is_document = self.type == DOCUMENT
        if (self.document_details is not None) != is_document or (self.record is not None) == is_document:
            raise ValueError("a document has document_details, an electronic_record has record")
        return self


class VerificationEntry(Entry):
    """What the office recorded besides the level."""

    time: Moment | None = None
    verification_process: ShortText | None = None
    evidence: Annotated[list[EvidenceEntry], Field(min_length=1, max_length=_MOST)] | None = None

    def document(self) -> dict[str, Any]:
        """Return plain values, what was not told left out."""
        return self.model_dump(mode="json", exclude_none=True)
