"""What registers tell: locks opened and ended automatically, cards issued, personal numbers issued anew.

Everything here may come twice, in any order, and again after a crash: records only move forward, and locks and personal
numbers keep the register's own order.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Final

from idp.domain.accounts.account_lock import ABOUT_ORGANISATIONS, EFFECTS, RegisterEvent, RegisterOutcome
from idp.domain.events import IdentityCardRenewed, OrganisationDissolved, Origin, RegisterEventReceived
from idp.domain.ids import ClientId, Seconds
from idp.domain.people.ageing import card_ends_at
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, IdentityCard, IdentityRecord
from idp.domain.people.personal_number import PersonalNumber, check_consistency
from idp.domain.refused_value import InconsistentRecord
from idp.domain.values import dataclass
from idp.ports.account_locks import AccountLocks, RegisterChange
from idp.ports.audit import AuditTrail
from idp.ports.authorities import Authorities
from idp.ports.clock import Clock
from idp.ports.identity_records import AlreadyKnownError, IdentityRecords, RecordChangedError, RegisterMoment

_TRIES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterNotice:
    """An event, read and checked.

    `subject` is a personal number, or a tax code where the event is about an organisation. `event_at` is the register's
    moment in milliseconds, `event_id` a digest of what the register calls the event.
    """

    register: ClientId
    event: RegisterEvent
    subject: str
    event_at: int
    event_id: str
    expires_on: date | None = None
    personal_number: PersonalNumber | None = None
    gender: str | None = None
    birthdate: date | None = None


class ContradictionError(Exception):
    """The event cannot be true of the person as recorded: the number is another's, or disagrees with birth or sex."""


class RegisterEvents:
    """Applies events of registers."""

    def __init__(
        self,
        locks: AccountLocks,
        authorities: Authorities,
        records: IdentityRecords,
        trail: AuditTrail,
        clock: Clock,
    ) -> None:
        self._locks = locks
        self._authorities = authorities
        self._records = records
        self._trail = trail
        self._clock = clock

    async def receive(self, notice: RegisterNotice, origin: Origin) -> RegisterOutcome:
        """Apply what a register tells, durable and recorded on return. Raises `ContradictionError`."""
        event = RegisterEventReceived(
            origin=origin,
            client_id=notice.register,
            event_type=notice.event.value,
            event_id=notice.event_id,
            outcome=RegisterOutcome.UNKNOWN.value,
        )
        change = RegisterChange(
            effects=EFFECTS[notice.event],
            event_at=notice.event_at,
            event_id=notice.event_id,
            now=self._clock.now(),
        )
        if notice.event in ABOUT_ORGANISATIONS:
            return await self._of_organisation(notice, change, event)
        record = await self._records.of_number(notice.subject)
        if record is None:
            await self._trail.record(event)
            return RegisterOutcome.UNKNOWN
        if notice.event is RegisterEvent.NUMBER_CHANGED:
            return await self._renumber(record, notice, event)
        # The record first: should the lock not follow, the register sends the event again.
        if notice.event is RegisterEvent.CARD_ISSUED:
            renewed = IdentityCardRenewed(origin=origin, client_id=notice.register, event_id=notice.event_id)

            async def renew(changed: IdentityRecord) -> bool:
                await self._records.save(changed, renewed)
                return True

            await self._change(record, lambda known: _with_card(known, notice), renew)
        recorded = await self._locks.apply_to_person(record.person_id, change, event)
        return RegisterOutcome(recorded.outcome)

    async def _of_organisation(
        self, notice: RegisterNotice, change: RegisterChange, event: RegisterEventReceived
    ) -> RegisterOutcome:
        """Lock it or end that; what people had open for it ends too, also when the event had to be sent again."""
        recorded = await self._locks.apply_to_organisation(notice.subject, change, event)
        dissolved = notice.event is RegisterEvent.ORGANISATION_DISSOLVED
        if dissolved and await self._locks.holds_organisation(notice.subject):
            told = OrganisationDissolved(origin=event.origin, tax_code=notice.subject)
            await self._authorities.dissolve(notice.subject, change.now, told)
        return RegisterOutcome(recorded.outcome)

    async def _renumber(
        self, record: IdentityRecord, notice: RegisterNotice, event: RegisterEventReceived
    ) -> RegisterOutcome:
        told = replace(event, outcome=RegisterOutcome.APPLIED.value)
        moment = RegisterMoment(notice.event_at, notice.event_id)
        before = await self._records.renumbered_at(record.person_id)

        async def renumber(changed: IdentityRecord) -> bool:
            return await self._records.renumber(changed, moment, told)

        try:
            overtaken = before is not None and notice.event_at <= before
            changed = not overtaken and await self._change(
                record, lambda known: _with_number(known, notice, ordered=before is not None), renumber
            )
        except AlreadyKnownError as error:
            raise ContradictionError from error
        if not changed:
            await self._trail.record(replace(event, outcome=RegisterOutcome.OVERTAKEN.value))
        return RegisterOutcome.APPLIED if changed else RegisterOutcome.OVERTAKEN

    async def _change(
        self,
        record: IdentityRecord,
        change: Callable[[IdentityRecord], IdentityRecord | None],
        save: Callable[[IdentityRecord], Awaitable[bool]],
    ) -> bool:
        """Save what `change` makes of the record; whether anything was saved. Who is quicker is read again."""
        for attempt in range(_TRIES):
            changed = change(record)
            if changed is None:
                return False
            try:
                return await save(changed)
            except RecordChangedError:
                read = await self._records.of_person(record.person_id)
                if read is None or attempt == _TRIES - 1:
                    raise
                record = read
        return False


def _with_number(record: IdentityRecord, notice: RegisterNotice, *, ordered: bool) -> IdentityRecord | None:
    """The record with the new number; None where nobody can say whether a former number is the newer one.

    `ordered`: the moment of the last number is known, and this one is later.
    """
    number = notice.personal_number
    if number is None or (number in record.former_numbers and not ordered):
        return None
    if number == record.personal_number:
        return record
    claims = dict(record.claims)
    if notice.gender is not None:
        claims["gender"] = notice.gender
    if notice.birthdate is not None:
        claims["birthdate"] = notice.birthdate.isoformat()
    try:
        check_consistency(number, gender=claims.get("gender"), birthdate=_day(claims.get("birthdate")))
    except InconsistentRecord as error:
        raise ContradictionError from error
    seen = AttributeFacts(POPULATION_REGISTER, Seconds(notice.event_at // 1000))
    told = {"personal_number", *(name for name in ("gender", "birthdate") if getattr(notice, name) is not None)}
    return replace(
        record,
        personal_number=number,
        claims=claims,
        attributes={**record.attributes, **dict.fromkeys(told, seen)},
    )


def _with_card(record: IdentityRecord, notice: RegisterNotice) -> IdentityRecord | None:
    """The record with the new card; None when the one known holds as long, or nothing is known of any."""
    known, end = record.card, None if notice.expires_on is None else notice.expires_on.isoformat()
    if known is None and end is None:
        return None
    if known is not None and (known.expires is None or (end is not None and known.expires >= end)):
        return None
    card = IdentityCard(known.number if known else record.personal_number, expires=end)
    # A level that ended with the old card ends with the new one.
    followed = known is not None and record.level_expires_at == card_ends_at(known)
    level_expires_at = card_ends_at(card) if followed else record.level_expires_at
    return replace(record, card=card, level_expires_at=level_expires_at)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
