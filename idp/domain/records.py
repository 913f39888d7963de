"""Records as an operator loads them, checked and normalised; secrets already hashed."""

from dataclasses import field
from datetime import date
from typing import Any, Final

from idp.domain.clients.client import Client, Resource
from idp.domain.ids import ClientId
from idp.domain.levels.assurance_policy import AssurancePolicy
from idp.domain.values import dataclass
from idp.domain.working_days import SpecialDay

UPDATED_AT: Final = "updated_at"
"""The claim of a file that says when what it tells of a person changed last (OpenID Connect Core section 5.1)."""


@dataclass(frozen=True, slots=True)
class AgencyRecord:
    """One agency; `kind` is one of `domain.offices.agency.AgencyKind`; `parent`, `successors`: others' codes."""

    code: str
    name: str
    kind: str
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    """One organisation and the personal numbers of its legal representatives."""

    tax_code: str
    name: str
    representatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One human with a citizen's account. `claims` are standard claims (OpenID Connect Core section 5.1).

    `verification` is what is recorded of how the person was proved (`domain.people.verification`).
    """

    personal_number: str
    claims: dict[str, Any]
    level: int = 0
    email: str | None = None
    phone_number: str | None = None
    password_hash: str | None = None
    totp_secret: str | None = None
    verification: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class OfficerRecord:
    """One officer's account; the human is a person in the same file or loaded before.

    The post is held from the beginning of `held_from` (None: from the load on, or as it is) to that of `held_to`.
    `untold` counts posts that are not over besides: a record has one. Loading does not ask for it.
    """

    personal_number: str
    agency: str
    position: str
    roles: tuple[str, ...]
    username: str
    password_hash: str | None = None
    totp_secret: str | None = None
    held_from: date | None = None
    held_to: date | None = None
    untold: int = 0


@dataclass(frozen=True, slots=True)
class Records:
    """What one import file holds, loaded in one transaction or not at all."""

    agencies: tuple[AgencyRecord, ...] = ()
    organisations: tuple[OrganisationRecord, ...] = ()
    people: tuple[PersonRecord, ...] = ()
    officers: tuple[OfficerRecord, ...] = ()
    resources: tuple[Resource, ...] = ()
    clients: tuple[Client, ...] = field(default_factory=tuple)
    policies: tuple[AssurancePolicy, ...] = ()
    special_days: tuple[SpecialDay, ...] = ()
    signing_secrets: tuple[tuple[ClientId, str], ...] = field(default=(), repr=False)
    """In clear, of those clients whose secrets are kept sealed: whoever loads them seals them."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many records were new, changed, and already as they should be."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
