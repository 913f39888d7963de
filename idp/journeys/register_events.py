"""What registers tell: locks opened and ended automatically, cards issued, personal numbers issued anew.

Everything here may come twice, in any order, and again after a crash: records only move forward, and locks and personal
numbers keep the register's own order. It may also come before whom it is about: then it waits.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Final

from idp.domain.accounts.account_lock import ABOUT_ORGANISATIONS, EFFECTS, RegisterEvent, RegisterOutcome
from idp.domain.events import IdentityCardRenewed, OrganisationDissolved, Origin, RegisterEventReceived
from idp.domain.ids import ClientId
from idp.domain.people.ageing import card_ends_at
from idp.domain.people.identity_record import IdentityCard, IdentityRecord
from idp.domain.people.number_change import NumberChange, renumbered
from idp.domain.people.personal_number import PersonalNumber
from idp.domain.refused_value import InconsistentRecord
from idp.domain.values import dataclass
from idp.ports.account_locks import AccountLocks, RegisterChange
from idp.ports.audit import AuditTrail
from idp.ports.authorities import Authorities
from idp.ports.clock import Clock
from idp.ports.identity_records import AlreadyKnownError, IdentityRecords, RecordChangedError, RegisterMoment
from idp.ports.kept_register_events import KeptRegisterEvents
from idp.ports.keys import BusyError

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
        kept: KeptRegisterEvents,
        authorities: Authorities,
        records: IdentityRecords,
        trail: AuditTrail,
        clock: Clock,
    ) -> None:
        self._locks = locks
        self._kept = kept
        self._authorities = authorities
        self._records = records
        self._trail = trail
        self._clock = clock

    async def receive(self, notice: RegisterNotice, origin: Origin) -> RegisterOutcome:
        """Apply or keep what a register tells, durable and recorded on return.

        Raises `ContradictionError`, or `BusyError` when others were quicker time and again.
        """
        event = RegisterEventReceived(
            origin=origin,
            client_id=notice.register,
            event_type=notice.event.value,
            event_id=notice.event_id,
            outcome=RegisterOutcome.KEPT.value,
        )
        change = RegisterChange(
            effects=EFFECTS[notice.event],
            event_at=notice.event_at,
            event_id=notice.event_id,
            now=self._clock.now(),
        )
        if notice.event in ABOUT_ORGANISATIONS:
            return await self._of_organisation(notice, change, event)
        for _ in range(_TRIES):
            record = await self._records.of_number(notice.subject)
            if record is None:
                recorded = await self._keep(notice, change, event)
                if recorded is not None:
                    return RegisterOutcome(recorded.outcome)
                continue
            outcome = await self._of_person(record, notice, change, event)
            # Two accounts may have been merged meanwhile: then the number is the other one's, whom it has to reach.
            whose = await self._records.of_number(notice.subject)
            if whose is None or whose.person_id == record.person_id:
                return outcome
        raise BusyError

    async def _keep(
        self, notice: RegisterNotice, change: RegisterChange, event: RegisterEventReceived
    ) -> RegisterEventReceived | None:
        """Keep what is told of a number that nobody has; None when somebody has it by now."""
        number_change = _number_change(notice)
        if number_change is None:
            return await self._kept.keep(notice.subject, change, event)
        return await self._kept.keep_number_change(notice.subject, number_change, change.now, event)

    async def _of_person(
        self, record: IdentityRecord, notice: RegisterNotice, change: RegisterChange, event: RegisterEventReceived
    ) -> RegisterOutcome:
        if notice.event is RegisterEvent.NUMBER_CHANGED:
            return await self._renumber(record, notice, event)
        # The record first: should the lock not follow, the register sends the event again.
        if notice.event is RegisterEvent.CARD_ISSUED:
            renewed = IdentityCardRenewed(origin=event.origin, client_id=notice.register, event_id=notice.event_id)

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
        for _ in range(_TRIES):
            changed = change(record)
            if changed is None:
                return False
            try:
                return await save(changed)
            except RecordChangedError:
                record = await self._records.of_person(record.person_id) or record
        raise BusyError


def _with_number(record: IdentityRecord, notice: RegisterNotice, *, ordered: bool) -> IdentityRecord | None:
    """The record with the new number; None where nobody can say whether a former number is the newer one.

    `ordered`: the moment of the last number is known, and this one is later.
    """
    change = _number_change(notice)
    if change is None or (change.personal_number in record.former_numbers and not ordered):
        return None
    try:
        return renumbered(record, change)
    except InconsistentRecord as error:
        raise ContradictionError from error


def _number_change(notice: RegisterNotice) -> NumberChange | None:
    if notice.personal_number is None:
        return None
    return NumberChange(
        personal_number=notice.personal_number,
        event_at=notice.event_at,
        gender=notice.gender,
        birthdate=notice.birthdate,
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
