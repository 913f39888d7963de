"""The allow-list of a client as import files write it: claims, each with its purpose and its legal basis."""

from typing import Annotated

from pydantic import AfterValidator, Field

from idp.adapters.importing.client_metadata import LocalizedText
from idp.adapters.importing.fields import Entry, ShortText
from idp.domain.clients.claims_policy import LegalBasis
from idp.protocol.claims.scopes import RELEASABLE_CLAIMS


def _check_basis(value: str) -> str:
    if value not in {basis.value for basis in LegalBasis}:
        raise ValueError(f"must be one of {', '.join(basis.value for basis in LegalBasis)}")
    return value


class ClaimTermsEntry(Entry):
    """On what terms one claim is told."""

    purpose: LocalizedText
    legal_basis: Annotated[str, AfterValidator(_check_basis)]
    citation: ShortText | None = Field(default=None)


def _check_names(listed: dict[str, ClaimTermsEntry]) -> dict[str, ClaimTermsEntry]:
    for name in listed:
        if name not in RELEASABLE_CLAIMS:
            raise ValueError(f"{name} is not a claim that can be released")
    return listed


AllowList = Annotated[dict[str, ClaimTermsEntry], Field(max_length=64), AfterValidator(_check_names)]
"""Names of claims with their terms."""
