"""Records that age, looked at when something of them is due.

People are told a while before a proof ends, and what could be asserted before is recorded once it cannot. Nothing
waits for this: what may be asserted is worked out at the moment of each answer. An identity card that is over locks the
account, as Decree 69/2024 says, until the record has a valid one.
"""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final

from idp.domain.accounts.account import Account
from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.events import AccountLocked, AgeingNoticeGiven, Event, IdentityAged, LockEnded, Origin
from idp.domain.ids import RequestId, Seconds
from idp.domain.people.ageing import CARD, LEVEL, Proof, card_ends_at, ends_of, proof_of, rules_at, standing
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.values import dataclass
from idp.journeys.notice_rounds import NoticeRound
from idp.ports.account_locks import AccountLocks
from idp.ports.accounts import Accounts
from idp.ports.ageing_records import AgeingRecord, AgeingRecords
from idp.ports.clock import Clock, Entropy
from idp.ports.errors import StoreUnavailableError
from idp.ports.identity_records import IdentityRecords
from idp.ports.mail import MailError
from idp.ports.notifications import Notifications

BATCH: Final = 100
BY_THE_RECORD: Final = "record"
"""The reference of a lock that stands on the card in the record, apart from what the register said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingStores:
    """What the rounds read and write."""

    ageing: AgeingRecords
    records: IdentityRecords
    accounts: Accounts
    locks: AccountLocks


@dataclass(frozen=True, slots=True)
class _Look:
    """One record, as it is now."""

    found: AgeingRecord
    record: IdentityRecord
    proof: Proof
    account: Account
    now: Seconds
    origin: Origin


class AgeingRounds:
    """Does what is due for records that age."""

    def __init__(
        self, stores: AgeingStores, notifications: Notifications, clock: Clock, entropy: Entropy, *, default_locale: str
    ) -> None:
        self._stores = stores
        self._notifications = notifications
        self._clock = clock
        self._entropy = entropy
        self._default_locale = default_locale
        self._notices = NoticeRound()

    async def go(self, may_go_on: Callable[[], bool]) -> int:
        """Do everything that is due, in batches, asking `may_go_on` before each record; how many were looked at.

        Raises `MailError` when the mail server takes nothing: the next round goes on where this one stopped. What one
        record alone makes fail is raised when all others are done, and comes again with the next round.
        """
        origin = Origin(RequestId(self._entropy.identifier()), "rule")
        looked = 0
        self._notices.begin()
        failure: Exception | None = None
        async for found in self._due(may_go_on):
            try:
                looked += await self._look(found, origin)
            except (MailError, StoreUnavailableError):
                raise
            except Exception as error:  # noqa: BLE001 -- one record must not keep the locks of all others from coming
                failure = failure or error
        if failure is not None:
            raise failure
        return looked

    async def _due(self, may_go_on: Callable[[], bool]) -> AsyncIterator[AgeingRecord]:
        last: AgeingRecord | None = None
        while batch := await self._stores.ageing.due(self._clock.now(), last, BATCH):
            for found in batch:
                if not may_go_on():
                    return
                yield found
            last = batch[-1]

    async def _look(self, found: AgeingRecord, origin: Origin) -> bool:
        now = self._clock.now()
        record = await self._stores.records.of_person(found.person_id)
        account = None if record is None else await self._stores.accounts.find(record.personal_number)
        if record is None or account is None:
            return await self._stores.ageing.moved(found, None, None, now, ())
        proof = proof_of(record)
        look = _Look(found, record, proof, account, now, origin)
        await self._follow_the_card(look)
        aged = _aged(look)
        next_end = standing(proof, now).next_end
        if next_end is None:
            return await self._stores.ageing.moved(found, None, None, now, aged)
        return await self._wait_for(look, next_end, aged)

    async def _wait_for(self, look: _Look, next_end: Seconds, events: tuple[Event, ...]) -> bool:
        """Tell the person, when it is time to and was not done, and look again at the end, or when it is time to."""
        found, now = look.found, look.now
        notice_at = Seconds(next_end - rules_at(now).notice)
        if found.noticed_for == next_end:
            return await self._stores.ageing.moved(found, next_end, next_end, now, events)
        if now < notice_at or not look.account.is_active:
            due_at = notice_at if now < notice_at else next_end
            return await self._stores.ageing.moved(found, due_at, found.noticed_for, now, events)
        delivered = await self._tell(look, next_end, notice_at)
        if delivered is None:
            return False
        told = AgeingNoticeGiven(origin=look.origin, account_id=look.account.account_id, delivered=delivered)
        return await self._stores.ageing.moved(found, next_end, next_end, now, (*events, told))

    async def _tell(self, look: _Look, ends_at: Seconds, notice_at: Seconds) -> bool | None:
        """Whether the person was told; None when that has to be tried again."""
        contacts = await self._stores.accounts.contacts(look.account.account_id)
        locale = look.account.locale or self._default_locale
        send = partial(self._notifications.identity_ages, ends_at=ends_at, locale=locale)
        return await self._notices.tell(contacts, send, waited=look.now - notice_at)

    async def _follow_the_card(self, look: _Look) -> None:
        """Lock the account while the card of the record is over; what the register says is a lock of its own."""
        account_id, ends_at = look.account.account_id, card_ends_at(look.proof.card)
        ground = LockGround.CARD_EXPIRY
        if ends_at is not None and ends_at <= look.now:
            event = AccountLocked(origin=look.origin, account_id=account_id, locked=True, reason=ground.value)
            await self._stores.locks.open(account_id, NewLock(ground=ground, reference=BY_THE_RECORD), look.now, event)
        else:
            ended = LockEnded(origin=look.origin, account_id=account_id, ground=ground.value)
            await self._stores.locks.end(account_id, ground, BY_THE_RECORD, look.now, ended)


def _aged(look: _Look) -> tuple[Event, ...]:
    """What came to an end since the record was looked at last."""
    ends = ends_of(look.proof, rules_at(look.now))
    over = {end.name for end in ends if look.found.seen_at < end.at <= look.now}
    if not over:
        return ()
    before = standing(look.proof, look.found.seen_at).identity_level
    event = IdentityAged(
        origin=look.origin,
        account_id=look.account.account_id,
        claims=tuple(sorted(over - {LEVEL, CARD})),
        level_before=before,
        level=standing(look.proof, look.now).identity_level,
    )
    return (event,)
