"""Events of acting for others: mandates, guardianships, organisations, and the choice at sign-in.

Principals are named by tax code, mandate or guardianship, people by account.
"""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId, GrantId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalChosen(Event):
    """Somebody chose at sign-in whom to act for; `principal` is `self` for nobody else."""

    name: ClassVar[str] = "principal.chosen"
    account_id: AccountId
    client_id: ClientId
    principal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityRefused(Event):
    """Somebody wanted to act for a principal, or to change an authority, and may not; `reason` says why."""

    name: ClassVar[str] = "authority.refused"
    account_id: AccountId
    reason: str
    principal: str | None = None
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityLapsed(Event):
    """A grant ended, since its principal may no longer be acted for."""

    name: ClassVar[str] = "authority.lapsed"
    account_id: AccountId
    client_id: ClientId
    grant_id: GrantId
    principal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateProposed(Event):
    """A mandate was given; it counts once everybody agreed."""

    name: ClassVar[str] = "mandate.proposed"
    account_id: AccountId
    mandate_id: str
    principal: str
    services: tuple[ClientId, ...]
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateAgreed(Event):
    """Somebody agreed to a mandate: its holder (`as_holder`), or another representative of its giver."""

    name: ClassVar[str] = "mandate.agreed"
    account_id: AccountId
    mandate_id: str
    principal: str
    as_holder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateEnded(Event):
    """A mandate ended; without an account, by itself. `notified` clients are told."""

    name: ClassVar[str] = "mandate.ended"
    mandate_id: str
    principal: str
    end: str
    account_id: AccountId | None = None
    notified: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianshipAsked(Event):
    """A guardian asked for a ward to be registered."""

    name: ClassVar[str] = "guardianship.asked"
    account_id: AccountId
    guardianship_id: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianshipConfirmed(Event):
    """An office confirmed a guardianship; `account_id` is the decider's."""

    name: ClassVar[str] = "guardianship.confirmed"
    account_id: AccountId
    guardianship_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WardRegistered(Event):
    """A ward whom nobody knew got a record and an account, as two administrators agreed; `account_id` decided."""

    name: ClassVar[str] = "ward.registered"
    account_id: AccountId
    guardianship_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianshipReviewed(Event):
    """The ward turned `age`, and the guardian was told (or could not be: `delivered`)."""

    name: ClassVar[str] = "guardianship.reviewed"
    guardianship_id: str
    age: int
    delivered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianshipEnded(Event):
    """A guardianship ended, or was refused; without an account, by itself. `notified` clients are told."""

    name: ClassVar[str] = "guardianship.ended"
    guardianship_id: str
    end: str
    account_id: AccountId | None = None
    notified: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationDissolved(Event):
    """An organisation is no more; nobody acts for it. `notified` clients are told."""

    name: ClassVar[str] = "organisation.dissolved"
    tax_code: str
    account_id: AccountId | None = None
    notified: int = 0
