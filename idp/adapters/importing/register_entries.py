"""Agencies, organisations and protected resources as import files write them."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from idp.adapters.importing.fields import (
    AgencyCodeField,
    BrowserUri,
    DateField,
    Entry,
    NameField,
    PersonalNumberField,
    TaxCodeField,
)
from idp.domain.offices.agency import DISTRICTS_ENDED
from idp.protocol.claims.scopes import PROVIDER_SCOPES

# RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
_SCOPE_TOKEN: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,128}")


def check_scope_token(value: str) -> str:
    """Return one scope value; raises `ValueError` when it has other characters than RFC 6749 section 3.3 allows."""
    if not _SCOPE_TOKEN.fullmatch(value):
        raise ValueError("must be one scope value (RFC 6749 section 3.3)")
    return value


def _check_audience(value: str) -> str:
    # RFC 8707 section 2: "The URI MUST NOT include a fragment component."
    if "#" in value:
        raise ValueError("an audience has no fragment")
    return value


def _check_resource_scope(value: str) -> str:
    if value in PROVIDER_SCOPES:
        raise ValueError(f"{value} is a scope about people at the provider, no resource's")
    return value


ScopeToken = Annotated[str, AfterValidator(check_scope_token)]


class AgencyEntry(Entry):
    """One agency; former units keep the day on which they ended."""

    code: AgencyCodeField
    name: NameField
    kind: Literal["ministry", "province", "commune", "department", "district"]
    parent: AgencyCodeField | None = None
    valid_from: DateField | None = None
    valid_to: DateField | None = None
    successors: list[AgencyCodeField] = Field(default_factory=list, max_length=64)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.parent == self.code:
            raise ValueError("an agency is not its own parent")
        if self.code in self.successors:
            raise ValueError("an agency does not follow itself")
        if self.kind == "district" and (self.valid_to is None or self.valid_to > DISTRICTS_ENDED):
            raise ValueError("districts ended on 2025-07-01: give valid_to, that day or one before")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self


class OrganisationEntry(Entry):
    """One organisation and the personal numbers of its legal representatives."""

    tax_code: TaxCodeField
    name: NameField
    representatives: list[PersonalNumberField] = Field(default_factory=list)


class SpecialDayEntry(Entry):
    """A day that is not what its weekday says: a public holiday, or one that is worked for another (`works`)."""

    day: DateField
    name: NameField
    works: bool = False


class ResourceEntry(Entry):
    """One protected resource: the audience of its tokens (RFC 8707) and the scopes that it knows."""

    audience: Annotated[BrowserUri, AfterValidator(_check_audience)]
    scopes: list[Annotated[ScopeToken, AfterValidator(_check_resource_scope)]] = Field(
        default_factory=list, max_length=256
    )
