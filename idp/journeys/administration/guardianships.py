"""Guardianships at an office: what guardians ask for is compared with the record, confirmed by two, or refused."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from idp.domain.events import GuardianshipConfirmed, GuardianshipEnded, WardRegistered
from idp.domain.ids import PersonId, Seconds
from idp.domain.offices.administration import Action
from idp.domain.offices.change_request import ChangeRequest
from idp.domain.people.identity_record import IdentityRecord, NewPerson
from idp.domain.people.personal_number import PersonalNumber, check_consistency
from idp.domain.people.record_access import Purpose, Seen
from idp.domain.refused_value import InconsistentRecord
from idp.domain.representation.authority import Organisation
from idp.domain.representation.guardianship import GuardianshipEnd
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import ChangedMeanwhileError, InvalidEntryError, NotFoundError
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.own_identity import OwnIdentity
from idp.journeys.administration.record_looks import Occasion, RecordLooks
from idp.journeys.known_person import is_called
from idp.ports.authorities import (
    Guardianships,
    Mandates,
    Organisations,
    Parties,
    Representatives,
    WardDetails,
    Wardship,
)
from idp.ports.clock import Clock
from idp.ports.identity_records import AlreadyKnownError, IdentityRecords

PAGE: Final = 50
_HOUR: Final = 3600
KIND: Final = "guardianships.confirm"
LEVEL_OF_CHILDREN: Final = 1
"""The identity level of a child that the guardian's request makes an account for."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A request beside the record that has the ward's number, if there is one.

    `agrees` is False where name or birthdate differ from it.
    """

    wardship: Wardship
    record: IdentityRecord | None

    @property
    def agrees(self) -> bool:
        """Whether the record, where there is one, says what the guardian says."""
        if self.record is None:
            return True
        details = self.wardship.details
        same_day = self.record.claims.get("birthdate") == details.birthdate.isoformat()
        return same_day and is_called(self.record, details.name)

    @property
    def people(self) -> tuple[PersonId, ...]:
        """The guardian, and the ward where he or she is known."""
        guardian = self.wardship.guardianship.guardian
        return (guardian,) if self.record is None else (guardian, self.record.person_id)


class ConfirmGuardianship:
    """Implements `ChangeKind`: the guardianship counts. A ward whom nobody knows gets a record and an account."""

    name = KIND
    asks = Action.GUARDIANSHIPS_ASK
    decides = Action.GUARDIANSHIPS_DECIDE

    def __init__(
        self,
        guardianships: Guardianships,
        records: IdentityRecords,
        own: OwnIdentity,
        looks: RecordLooks,
        clock: Clock,
    ) -> None:
        self._guardianships = guardianships
        self._records = records
        self._own = own
        self._looks = looks
        self._clock = clock

    async def version(self, subject: str) -> str:
        """The request and the ward's record, as a digest: it names nobody."""
        found = await self._sight(subject)
        known = "" if found.record is None else found.record.seal.hex()
        state = found.wardship.guardianship
        told = f"{state.confirmed_at} {state.ended_at} {found.agrees} {known}"
        return sha256(told.encode()).hexdigest()[:32]

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """What the decider reads."""
        found = await self._sight(change.subject)
        details = found.wardship.details
        return {
            "guardian.name": found.wardship.guardian_name,
            "ward.name": details.name,
            "ward.birthdate": details.birthdate.isoformat(),
            "ward.number": details.personal_number,
            "ward.kind": found.wardship.guardianship.kind.value,
            "ward.known": "known" if found.record is not None else "unknown",
        }

    async def looked(self, change: ChangeRequest, admin: Administrator) -> None:
        """Leave the trace of a look at the ward's record."""
        await look_at_ward(self._looks, admin, await self._sight(change.subject), self._clock.now())

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        """Confirm it, once.

        Raises `OwnIdentityError` when the decider is the guardian or the ward, `InvalidEntryError` when the number of
        somebody to be registered contradicts the birthdate.
        """
        found = await self._sight(change.subject)
        await self._own.refuse(decider.account_id, *found.people)
        if found.wardship.guardianship.confirmed_at is not None:
            return
        if await self.version(change.subject) != change.version:
            raise ChangedMeanwhileError
        event = GuardianshipConfirmed(
            origin=decider.origin, account_id=decider.account_id, guardianship_id=change.subject
        )
        if not await self._confirm(found, decider, event):
            raise ChangedMeanwhileError

    async def _confirm(self, found: Sight, decider: Administrator, event: GuardianshipConfirmed) -> bool:
        details, reference, now = found.wardship.details, event.guardianship_id, self._clock.now()
        if found.record is not None:
            return await self._guardianships.confirm(reference, found.record.person_id, now, event)
        _check_number(details)
        person = NewPerson(
            personal_number=details.personal_number,
            identity_level=LEVEL_OF_CHILDREN,
            claims={"name": details.name, "birthdate": details.birthdate.isoformat()},
        )
        registered = WardRegistered(origin=decider.origin, account_id=decider.account_id, guardianship_id=reference)
        try:
            return await self._guardianships.confirm_unknown(reference, person, now, registered, event)
        except AlreadyKnownError:
            return False

    async def _sight(self, reference: str) -> Sight:
        return await _sight_of(self._guardianships, self._records, reference)


class AuthorityDesk:
    """What the rooms of organisations and guardianships ask."""

    def __init__(
        self,
        organisations: Organisations,
        mandates: Mandates,
        guardianships: Guardianships,
        records: IdentityRecords,
        four_eyes: FourEyes,
        own: OwnIdentity,
        looks: RecordLooks,
        clock: Clock,
    ) -> None:
        self._organisations = organisations
        self._mandates = mandates
        self._guardianships = guardianships
        self._records = records
        self._four_eyes = four_eyes
        self._own = own
        self._looks = looks
        self._clock = clock

    async def organisations(self, admin: Administrator, after: str) -> tuple[Organisation, ...]:
        """A page by tax code. Raises `NotAllowedError`."""
        admin.must(Action.AUTHORITIES_VIEW)
        return await self._organisations.listed(after=after, limit=PAGE + 1)

    async def organisation(self, admin: Administrator, tax_code: str) -> tuple[Representatives, tuple[Parties, ...]]:
        """One organisation with its mandates. Raises `AdministrationError`."""
        admin.must(Action.AUTHORITIES_VIEW)
        found = await self._organisations.get(tax_code)
        if found is None:
            raise NotFoundError
        return found, await self._mandates.of_organisation(tax_code)

    async def guardianships(self, admin: Administrator, *, waiting: bool, after: str) -> tuple[Wardship, ...]:
        """A page of those that wait, or of those in force. Raises `NotAllowedError`."""
        admin.must(Action.GUARDIANSHIPS_VIEW)
        return await self._guardianships.listed(waiting=waiting, after=after, limit=PAGE + 1)

    async def guardianship(self, admin: Administrator, reference: str) -> Sight:
        """One request beside the record; the ward sees who looked. Raises `AdministrationError`."""
        found = await self._found(admin, reference)
        await look_at_ward(self._looks, admin, found, self._clock.now())
        return found

    async def ask(self, admin: Administrator, reference: str) -> ChangeRequest:
        """Ask that it is confirmed.

        Raises `AdministrationError`, also where the record or the number says otherwise than the guardian, and
        `OwnIdentityError`.
        """
        found = await self._found(admin, reference)
        await self._own.refuse(admin.account_id, *found.people)
        state = found.wardship.guardianship
        if state.confirmed_at is not None or state.ended_at is not None:
            raise ChangedMeanwhileError
        if not found.agrees:
            raise InvalidEntryError("ward", "record_differs")
        if found.record is None:
            _check_number(found.wardship.details)
        return await self._four_eyes.ask(admin, KIND, reference, {})

    async def end(self, admin: Administrator, reference: str) -> None:
        """Refuse a request, or end a guardianship that is in force. Raises `AdministrationError`."""
        admin.must(Action.GUARDIANSHIPS_ASK)
        found = await self._found(admin, reference)
        await self._own.refuse(admin.account_id, *found.people)
        waits = found.wardship.guardianship.confirmed_at is None
        end = GuardianshipEnd.REFUSED if waits else GuardianshipEnd.ENDED_BY_OFFICE
        event = GuardianshipEnded(
            origin=admin.origin, account_id=admin.account_id, guardianship_id=reference, end=end.value
        )
        if await self._guardianships.end(reference, end, self._clock.now(), event) is None:
            raise ChangedMeanwhileError

    async def _found(self, admin: Administrator, reference: str) -> Sight:
        admin.must(Action.GUARDIANSHIPS_VIEW)
        return await _sight_of(self._guardianships, self._records, reference)


async def look_at_ward(looks: RecordLooks, admin: Administrator, found: Sight, now: Seconds) -> None:
    """Leave the trace of a look at the ward's record, where there is one: one for each officer and hour."""
    if found.record is None:
        return
    reference = found.wardship.guardianship.guardianship_id
    occasion = Occasion(
        f"{KIND} {reference} {admin.account_id}", Purpose.GUARDIANSHIP, reference.upper(), Seconds(now - now % _HOUR)
    )
    await looks.leave(admin, [found.record.person_id], occasion, [Seen.RECORD])


def _check_number(details: WardDetails) -> None:
    """Raise `InvalidEntryError` when the personal number belongs to somebody born in another year."""
    try:
        check_consistency(PersonalNumber(details.personal_number), birth_year=details.birthdate.year)
    except InconsistentRecord:
        raise InvalidEntryError("ward", "number_differs") from None


async def _sight_of(guardianships: Guardianships, records: IdentityRecords, reference: str) -> Sight:
    wardship = await guardianships.get(reference)
    if wardship is None:
        raise NotFoundError
    return Sight(wardship, await records.of_number(wardship.details.personal_number))
