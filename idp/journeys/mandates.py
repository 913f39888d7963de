"""Giving a mandate, agreeing to one, and taking it back: what each person concerned may do, and what it takes."""

from dataclasses import replace
from datetime import date

from idp.domain.accounts.account import Account, AccountKind
from idp.domain.country_time import beginning_of, day_of, end_of
from idp.domain.events import AuthorityRefused, Event, MandateAgreed, MandateEnded, MandateProposed, Origin
from idp.domain.ids import ClientId, PersonId, Seconds
from idp.domain.people.ageing import level_at
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.representation.guardianship import GUARDIAN_LEVEL
from idp.domain.representation.mandate import LONGEST, Function, Mandate, MandateEnd, MandateState
from idp.domain.representation.principal import SELF, PrincipalKind
from idp.domain.values import dataclass
from idp.journeys.known_person import KnownPeople, NotPossibleError
from idp.ports.audit import AuditTrail
from idp.ports.authorities import Mandates, Organisations, Parties
from idp.ports.clock import Clock, Entropy


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody fills in who gives a mandate. `giver` is `self` or a tax code; both days are included."""

    giver: str
    holder_number: str
    holder_name: str
    services: frozenset[ClientId]
    functions: frozenset[Function]
    first: date | None
    last: date | None


class MandateJourney:
    """What people do with mandates. Refusals raise `NotPossibleError`, recorded."""

    def __init__(
        self,
        mandates: Mandates,
        organisations: Organisations,
        people: KnownPeople,
        audit: AuditTrail,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._mandates = mandates
        self._organisations = organisations
        self._people = people
        self._audit = audit
        self._clock = clock
        self._entropy = entropy

    async def of(self, account: Account) -> tuple[Parties, ...]:
        """Mandates that concern the person, newest first."""
        return await self._mandates.of_person(account.person_id)

    async def propose(self, account: Account, draft: Draft, offered: frozenset[ClientId], origin: Origin) -> Mandate:
        """Give a mandate, for services among those `offered`; it counts once everybody agreed."""
        try:
            mandate = await self._made(account, draft, offered)
        except NotPossibleError as refusal:
            await self._refused(account, refusal.reason, origin)
            raise
        event = MandateProposed(
            origin=origin,
            account_id=account.account_id,
            mandate_id=mandate.mandate_id,
            principal=str(mandate.principal),
            services=tuple(sorted(mandate.services)),
            functions=tuple(sorted(mandate.functions)),
        )
        await self._mandates.propose(mandate, event)
        return mandate

    async def agree(self, account: Account, mandate_id: str, origin: Origin) -> bool:
        """Agree as its holder or as another representative of its giver; False when there is nothing to agree to."""
        parties = await self._concerning(account, mandate_id)
        if parties is None:
            return False
        try:
            await self._check_level(account)
        except NotPossibleError as refusal:
            await self._refused(account, refusal.reason, origin)
            raise
        mandate, now = parties.mandate, self._clock.now()
        is_holder = mandate.holder == account.person_id
        event = MandateAgreed(
            origin=origin,
            account_id=account.account_id,
            mandate_id=mandate_id,
            principal=str(mandate.principal),
            as_holder=is_holder,
        )
        if is_holder:
            return await self._mandates.accept(mandate_id, account.person_id, now, event)
        return await self._mandates.consent(mandate_id, account.person_id, now, event)

    async def end(self, account: Account, mandate_id: str, origin: Origin) -> bool:
        """Revoke or decline, by either side at once; False when it had ended or is none of the person's."""
        parties = await self._concerning(account, mandate_id)
        if parties is None:
            return False
        now = self._clock.now()
        waits = parties.mandate.state(now) is MandateState.WAITING
        created = parties.mandate.created_by == account.person_id
        end = MandateEnd.DECLINED if waits and not created else MandateEnd.REVOKED
        event = _ended(parties.mandate, end, origin)
        told = await self._mandates.end(mandate_id, end, now, replace(event, account_id=account.account_id))
        return told is not None

    async def _made(self, account: Account, draft: Draft, offered: frozenset[ClientId]) -> Mandate:
        giver = await self._giver(account, draft)
        holder = await self._holder(account, draft)
        if not draft.services or not draft.services <= offered:
            raise NotPossibleError("services")
        if not draft.functions:
            raise NotPossibleError("functions")
        now = self._clock.now()
        first, last = _days(draft, now)
        is_organisation = draft.giver != SELF
        return Mandate(
            mandate_id=self._entropy.identifier(),
            giver_kind=PrincipalKind.ORGANISATION if is_organisation else PrincipalKind.PERSON,
            giver=giver,
            holder=holder,
            services=draft.services,
            functions=draft.functions,
            valid_from=first,
            valid_to=last,
            created_by=account.person_id,
            created_at=now,
            agreed_at=None if is_organisation else now,
        )

    async def _giver(self, account: Account, draft: Draft) -> str:
        await self._check_level(account)
        if draft.giver == SELF:
            return account.person_id
        organisation = await self._organisations.get(draft.giver)
        if organisation is None or account.person_id not in organisation.people:
            raise NotPossibleError("giver")
        if not organisation.organisation.stands(self._clock.now()):
            raise NotPossibleError("giver")
        return draft.giver

    async def _check_level(self, account: Account) -> None:
        record = await self._people.of_account(account)
        if account.kind is not AccountKind.CITIZEN or level_at(record, self._clock.now()) < GUARDIAN_LEVEL:
            raise NotPossibleError("level")

    async def _holder(self, account: Account, draft: Draft) -> PersonId:
        found: IdentityRecord = await self._people.find(account, draft.holder_number, draft.holder_name)
        if found.person_id == account.person_id:
            raise NotPossibleError("oneself")
        return found.person_id

    async def _concerning(self, account: Account, mandate_id: str) -> Parties | None:
        """The mandate, if it is any of the person's business."""
        parties = await self._mandates.get(mandate_id)
        if parties is None:
            return None
        mandate = parties.mandate
        concerned = {mandate.holder, mandate.giver, mandate.created_by, *parties.needed}
        if mandate.giver_kind is PrincipalKind.ORGANISATION:
            # Whoever represented it once does no longer.
            concerned = {mandate.holder, *parties.needed}
            organisation = await self._organisations.get(mandate.giver)
            concerned |= organisation.people.keys() if organisation else set()
        return parties if account.person_id in concerned else None

    async def _refused(self, account: Account, reason: str, origin: Origin) -> None:
        await self._audit.record(
            AuthorityRefused(origin=origin, account_id=account.account_id, reason=f"mandate: {reason}")
        )


def ended_by_itself(parties: Parties, origin: Origin) -> Event:
    """Return the event of a mandate whose last day is over."""
    return _ended(parties.mandate, MandateEnd.EXPIRED, origin)


def _ended(mandate: Mandate, end: MandateEnd, origin: Origin) -> MandateEnded:
    return MandateEnded(origin=origin, mandate_id=mandate.mandate_id, principal=str(mandate.principal), end=end.value)


def _days(draft: Draft, now: Seconds) -> tuple[Seconds, Seconds]:
    """The moments from which, and before which, a mandate counts."""
    if draft.first is None or draft.last is None or draft.last < draft.first or draft.last < day_of(now):
        raise NotPossibleError("days")
    first, last = beginning_of(draft.first), end_of(draft.last)
    if last - first > LONGEST or first > now + LONGEST:
        raise NotPossibleError("days")
    return first, last
