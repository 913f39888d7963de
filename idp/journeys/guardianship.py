"""A guardian asks for a child or ward to be registered, and may give it up; the rest an office decides."""

from datetime import date

from idp.domain.accounts.account import Account, AccountKind
from idp.domain.country_time import day_of
from idp.domain.events import AuthorityRefused, GuardianshipAsked, GuardianshipEnded, Origin
from idp.domain.people.ageing import level_at
from idp.domain.people.names import parse_name
from idp.domain.people.personal_number import check_consistency
from idp.domain.refused_value import InconsistentRecord, RefusedName
from idp.domain.representation.guardianship import (
    GUARDIAN_LEVEL,
    ChildStage,
    Guardianship,
    GuardianshipEnd,
    GuardianshipKind,
    stage_of,
)
from idp.journeys.known_person import KnownPeople, NotPossibleError, checked_number
from idp.ports.audit import AuditTrail
from idp.ports.authorities import Guardianships, WardDetails, Wardship
from idp.ports.clock import Clock, Entropy


class GuardianJourney:
    """What guardians do. Refusals raise `NotPossibleError`, recorded."""

    def __init__(
        self, guardianships: Guardianships, people: KnownPeople, audit: AuditTrail, clock: Clock, entropy: Entropy
    ) -> None:
        self._guardianships = guardianships
        self._people = people
        self._audit = audit
        self._clock = clock
        self._entropy = entropy

    async def of(self, account: Account) -> tuple[Wardship, ...]:
        """Guardianships that concern the person, newest first."""
        return await self._guardianships.of_person(account.person_id)

    async def ask(
        self, account: Account, kind: GuardianshipKind, number: str, name: str, born: date | None, origin: Origin
    ) -> Guardianship:
        """Ask an office to confirm it. Whether the ward is known already, nobody is told."""
        try:
            details = await self._checked(account, kind, number, name, born)
        except NotPossibleError as refusal:
            reason = f"guardianship: {refusal.reason}"
            await self._audit.record(AuthorityRefused(origin=origin, account_id=account.account_id, reason=reason))
            raise
        asked = Guardianship(self._entropy.identifier(), kind, account.person_id, self._clock.now())
        event = GuardianshipAsked(
            origin=origin,
            account_id=account.account_id,
            guardianship_id=asked.guardianship_id,
            kind=kind.value,
        )
        await self._guardianships.ask(asked, details, event)
        return asked

    async def give_up(self, account: Account, guardianship_id: str, origin: Origin) -> bool:
        """End it as its guardian; False when it had ended or is not the person's."""
        found = await self._guardianships.get(guardianship_id)
        if found is None or found.guardianship.guardian != account.person_id:
            return False
        event = GuardianshipEnded(
            origin=origin,
            account_id=account.account_id,
            guardianship_id=guardianship_id,
            end=GuardianshipEnd.WITHDRAWN.value,
        )
        end = GuardianshipEnd.WITHDRAWN
        return await self._guardianships.end(guardianship_id, end, self._clock.now(), event) is not None

    async def _checked(
        self, account: Account, kind: GuardianshipKind, number: str, name: str, born: date | None
    ) -> WardDetails:
        record = await self._people.of_account(account)
        if account.kind is not AccountKind.CITIZEN or level_at(record, self._clock.now()) < GUARDIAN_LEVEL:
            raise NotPossibleError("level")
        await self._people.may_look(account)
        canonical = checked_number(number)
        if canonical == record.personal_number:
            raise NotPossibleError("oneself")
        now = self._clock.now()
        if born is None or born > day_of(now):
            raise NotPossibleError("birthdate")
        if kind is GuardianshipKind.MINOR and stage_of(born, now) is ChildStage.FROM_FOURTEEN:
            raise NotPossibleError("too_old")
        try:
            check_consistency(canonical, birth_year=born.year)
            return WardDetails(canonical, parse_name(name), born)
        except InconsistentRecord as error:
            raise NotPossibleError("contradicts_number") from error
        except RefusedName as error:
            raise NotPossibleError("person") from error
