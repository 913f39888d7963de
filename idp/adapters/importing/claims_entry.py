"""The allow-list of a client as import files write it: claims, each with its purpose and its legal basis."""

from typing import Annotated

from pydantic import AfterValidator, Field

from idp.adapters.importing.client_metadata import LocalizedText
from idp.adapters.importing.fields import Entry, ShortText
from idp.domain.claims_policy import LegalBasis
from idp.protocol.scopes import RELEASABLE_CLAIMS


def _check_claim(value: str) -> str:
    if value not in RELEASABLE_CLAIMS:
        raise ValueError("is not a claim that can be released")
    return value


def _check_basis(value: str) -> str:
    if value not in {basis.value for basis in LegalBasis}:
        raise ValueError(f"must be one of {', '.join(basis.value for basis in LegalBasis)}")
    return value


ClaimName = Annotated[str, AfterValidator(_check_claim)]


class ClaimTermsEntry(Entry):
    """On what terms one claim is told."""

    purpose: LocalizedText
    legal_basis: Annotated[str, AfterValidator(_check_basis)]
    citation: ShortText | None = Field(default=None)
