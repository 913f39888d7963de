"""Who may act for whom: what is recorded of it, and every change; each change one transaction with its audit event."""

from datetime import date
from typing import Protocol

from idp.domain.events import Event
from idp.domain.grants.grant import Grant
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.people.identity_record import NewPerson
from idp.domain.representation.authority import AuthorityRecord, Organisation
from idp.domain.representation.guardianship import Guardianship, GuardianshipEnd
from idp.domain.representation.mandate import Mandate, MandateEnd
from idp.domain.values import dataclass


class Authorities(Protocol):
    """What is recorded; deciding on it is the domain's (`domain.representation.authority`)."""

    async def of_account(self, account_id: AccountId) -> AuthorityRecord:
        """Everything that may let this account act for others, as it is recorded now."""
        ...

    async def end_grant(self, grant: Grant, now: Seconds, event: Event) -> bool:
        """End a grant whose principal may no longer be acted for, and queue a logout token for its client.

        Returns False when it had ended before.
        """
        ...

    async def dissolve(self, tax_code: str, now: Seconds, event: Event) -> tuple[ClientId, ...]:
        """An organisation is no more: its mandates end, and every grant for it; the clients that are told."""
        ...


@dataclass(frozen=True, slots=True)
class Parties:
    """A mandate with the names of both sides, and who of the giver's side consented."""

    mandate: Mandate
    giver_name: str
    holder_name: str
    consented: frozenset[PersonId] = frozenset()
    needed: frozenset[PersonId] = frozenset()
    """The other legal representatives of the organisation that gives it, as they are registered now."""


class Mandates(Protocol):
    """Mandates. Every step is one conditional statement: of any number at once, one has an effect."""

    async def propose(self, mandate: Mandate, event: Event) -> None:
        """Record a new mandate; one that needs nobody else's consent is agreed on the giver's side."""
        ...

    async def get(self, mandate_id: str) -> Parties | None:
        """One mandate with its parties, or None."""
        ...

    async def of_person(self, person_id: PersonId) -> tuple[Parties, ...]:
        """Mandates that the person gave, holds, or represents the giver of; newest first, ended ones included."""
        ...

    async def of_organisation(self, tax_code: str) -> tuple[Parties, ...]:
        """Mandates that an organisation gave, newest first, ended ones included."""
        ...

    async def accept(self, mandate_id: str, holder: PersonId, now: Seconds, event: Event) -> bool:
        """The holder agrees; False when there was nothing for him or her to accept."""
        ...

    async def consent(self, mandate_id: str, representative: PersonId, now: Seconds, event: Event) -> bool:
        """Another legal representative agrees; with the last of them the giver's side has agreed."""
        ...

    async def end(self, mandate_id: str, end: MandateEnd, now: Seconds, event: Event) -> tuple[ClientId, ...] | None:
        """End a mandate and the grants under it, queue logout tokens; the clients told, None when it had ended."""
        ...

    async def expired(self, now: Seconds, limit: int) -> tuple[str, ...]:
        """Identifiers of mandates whose last day is over, and that nobody ended."""
        ...


@dataclass(frozen=True, slots=True)
class WardDetails:
    """What a guardian says of a ward: personal data, decrypted for one request."""

    personal_number: str
    name: str
    birthdate: date


@dataclass(frozen=True, slots=True)
class Wardship:
    """A guardianship with the names of both sides; `birthdate` is the recorded one once it is confirmed.

    `due_at` is when to look at it again, None for never.
    """

    guardianship: Guardianship
    guardian_name: str
    details: WardDetails
    birthdate: date | None
    guardian_account: AccountId | None = None
    due_at: Seconds | None = None


class Guardianships(Protocol):
    """Guardianships. A new one is due at once when it is confirmed, and so is one whose ward's birthdate changes."""

    async def ask(self, guardianship: Guardianship, details: WardDetails, event: Event) -> None:
        """Record what a guardian asks for."""
        ...

    async def get(self, guardianship_id: str) -> Wardship | None:
        """One guardianship, or None."""
        ...

    async def of_person(self, person_id: PersonId) -> tuple[Wardship, ...]:
        """Guardianships that the person is guardian or ward of; newest first, ended ones included."""
        ...

    async def listed(self, *, waiting: bool, after: str, limit: int) -> tuple[Wardship, ...]:
        """A page of those that wait for an office, or of those in force, by identifier behind `after`."""
        ...

    async def due(self, now: Seconds, after: Wardship | None, limit: int) -> tuple[Wardship, ...]:
        """Confirmed ones to look at, ended ones included, the longest due first; `after`: go on behind this one."""
        ...

    async def looked_at(self, found: Wardship, due_at: Seconds | None) -> None:
        """Look at it again at `due_at`, None for never; nothing happens when it became due anew meanwhile."""
        ...

    async def confirm(self, guardianship_id: str, ward: PersonId, now: Seconds, event: Event) -> bool:
        """It counts from now on, for `ward`; False when it was decided or withdrawn before."""
        ...

    async def confirm_unknown(
        self, guardianship_id: str, ward: NewPerson, now: Seconds, registered: Event, confirmed: Event
    ) -> bool:
        """The same for a ward whom nobody knows: in one transaction the person is made, with a citizen's account.

        Returns False when it was decided or withdrawn before. Raises `AlreadyKnownError` when the ward's number signs
        somebody in already. Either way nobody is made.
        """
        ...

    async def reviewed(self, guardianship_id: str, age: int, event: Event) -> bool:
        """Note that its guardian was told of the ward's birthday; False when that had been noted."""
        ...

    async def end(
        self, guardianship_id: str, end: GuardianshipEnd, now: Seconds, event: Event
    ) -> tuple[ClientId, ...] | None:
        """End it and the grants under it, queue logout tokens; the clients told, None when it had ended."""
        ...


@dataclass(frozen=True, slots=True)
class Representatives:
    """An organisation and its legal representatives, by person, with their names."""

    organisation: Organisation
    people: dict[PersonId, str]


class Organisations(Protocol):
    """The organisations that are registered."""

    async def get(self, tax_code: str) -> Representatives | None:
        """One organisation with its legal representatives, or None."""
        ...

    async def represented_by(self, person_id: PersonId) -> tuple[Representatives, ...]:
        """Those that a person is a legal representative of, by tax code."""
        ...

    async def listed(self, *, after: str, limit: int) -> tuple[Organisation, ...]:
        """A page by tax code, behind `after`."""
        ...
