from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from idp.domain.accounts.account import USES_APART, Contact
from idp.domain.ids import Seconds
from idp.domain.records import Records
from idp.journeys.idle_accounts import BATCH, BETWEEN_NOTICES, DAY, IdleAccountRounds
from idp.journeys.notice_rounds import PATIENCE
from idp.journeys.refusals import AccountLockedError
from idp.ports.mail import MailError, RecipientRefusedError
from tests.journeys.stage import Stage
from tests.ports.samples import EVENT, person

DAYS = 730
TWO_YEARS = DAYS * DAY + USES_APART


@dataclass
class Box:
    """Takes idle notices; raises for addresses that a test names."""

    sent: list[tuple[str, int, str]] = field(default_factory=list)
    raises: dict[str, MailError] = field(default_factory=dict)
    meanwhile: Callable[[], None] = lambda: None

    async def idle_account(self, contact: Contact, locks_at: Seconds, locale: str) -> None:
        self.meanwhile()
        if contact.address in self.raises:
            raise self.raises[contact.address]
        self.sent.append((contact.address, locks_at, locale))


def rounds(stage: Stage, box: Box, days: int = DAYS) -> IdleAccountRounds:
    return IdleAccountRounds(
        stage.stores.idle_accounts,
        stage.stores.accounts,
        box,  # type: ignore[arg-type]  # of the notifications, this journey sends one
        stage.clock,
        stage.entropy,
        days=days,
        default_locale="vi",
    )


def always() -> bool:
    return True


async def alone(stage: Stage) -> None:
    """Leave nobody idle but the citizen of `AN`: the others have just been used."""
    an = await stage.account_id()
    everybody = await stage.stores.idle_accounts.find(0, until=stage.clock.now(), after=None, limit=1_000)
    for each in everybody:
        if each.account_id != an:
            await stage.stores.accounts.record_use(each.account_id, Seconds(stage.clock.now() + 9 * TWO_YEARS), EVENT)


async def details(stage: Stage, name: str) -> list[dict[str, object]]:
    records = [record async for record in stage.stores.audit_log.records() if record.name == name]
    return [msgspec.json.decode(record.payload)["event"] for record in records]


async def test_two_years_bring_a_notice_another_month_one_more_and_the_next_a_lock(stage: Stage) -> None:
    await alone(stage)
    await stage.signed_in()
    used, box = stage.clock.at, Box()
    stage.clock.at = used + TWO_YEARS - 1
    assert await rounds(stage, box).go(always) == 0
    stage.clock.at = first = used + TWO_YEARS
    assert [await rounds(stage, box).go(always) for _ in range(3)] == [1, 0, 0]
    stage.clock.at = first + BETWEEN_NOTICES - 1
    assert await rounds(stage, box).go(always) == 0
    stage.clock.at = second = first + BETWEEN_NOTICES
    assert [await rounds(stage, box).go(always) for _ in range(2)] == [1, 0]
    stage.clock.at = second + BETWEEN_NOTICES - 1
    assert await rounds(stage, box).go(always) == 0
    assert (await stage.account()).is_active
    stage.clock.at = locked = second + BETWEEN_NOTICES
    assert [await rounds(stage, box).go(always) for _ in range(2)] == [1, 0]
    assert not (await stage.account()).is_active
    assert [(address, at) for address, at, _ in box.sent] == [("an@example.vn", locked), ("an@example.vn", locked)]
    assert {locale for _, _, locale in box.sent} == {"vi-VN"}
    assert [(each["number"], each["delivered"]) for each in await details(stage, "account.idle_notice")] == [
        (1, True),
        (2, True),
    ]
    (lock,) = await details(stage, "account.lock")
    assert (lock["reason"], lock["locked"]) == ("idle", True)


async def test_a_locked_account_is_answered_as_every_locked_one(stage: Stage) -> None:
    await alone(stage)
    box = Box()
    for _ in range(3):
        stage.clock.at += TWO_YEARS
        await rounds(stage, box).go(always)
    with pytest.raises(AccountLockedError):
        await stage.with_password()


async def test_signing_in_makes_the_account_busy_again_and_is_recorded_once_a_day(stage: Stage) -> None:
    await alone(stage)
    box = Box()
    stage.clock.at += TWO_YEARS
    assert await rounds(stage, box).go(always) == 1
    await stage.signed_in()
    used = stage.clock.at
    assert ((await stage.account()).idle_from, (await stage.account()).idle_notices) == (used, 0)
    stage.clock.at = used + USES_APART - 1
    await stage.signed_in()
    assert (await stage.account()).idle_from == used
    stage.clock.at = used + USES_APART
    await stage.signed_in()
    assert (await stage.account()).idle_from == used + USES_APART
    stage.clock.at = used + TWO_YEARS
    assert await rounds(stage, box).go(always) == 0
    assert len(box.sent) == 1


async def test_nobody_is_idle_where_the_setting_says_so(stage: Stage) -> None:
    box = Box()
    stage.clock.at += 100 * TWO_YEARS
    assert await rounds(stage, box, days=0).go(always) == 0
    assert box.sent == []


async def test_whoever_signs_in_while_the_notice_is_written_is_left_alone(stage: Stage) -> None:
    await alone(stage)
    stage.clock.at += TWO_YEARS
    (found,) = await stage.stores.idle_accounts.find(0, until=stage.clock.now(), after=None, limit=10)
    await stage.signed_in()
    event_count = len(await details(stage, "account.idle_notice"))
    assert not await stage.stores.idle_accounts.noticed(found, stage.clock.now(), EVENT)
    assert len(await details(stage, "account.idle_notice")) == event_count == 0


async def test_a_crash_between_message_and_mark_sends_the_notice_once_more_and_never_less(stage: Stage) -> None:
    await alone(stage)
    stage.clock.at += TWO_YEARS

    class CrashedError(Exception):
        pass

    class Crashing(Box):
        async def idle_account(self, contact: Contact, locks_at: Seconds, locale: str) -> None:
            await super().idle_account(contact, locks_at, locale)
            raise CrashedError

    box = Crashing()
    with pytest.raises(CrashedError):
        await rounds(stage, box).go(always)
    assert (await stage.account()).idle_notices == 0
    again = Box()
    assert await rounds(stage, again).go(always) == 1
    assert again.sent == box.sent


async def test_a_round_stops_where_it_is_when_the_job_belongs_to_somebody_else(stage: Stage) -> None:
    stage.clock.at += TWO_YEARS
    box = Box()
    asked: list[int] = []

    def twice() -> bool:
        asked.append(len(box.sent))
        return len(box.sent) < 1

    await rounds(stage, box).go(twice)
    assert len(box.sent) == 1
    before = len(box.sent)
    await rounds(stage, box).go(lambda: False)
    assert len(box.sent) == before


async def test_people_without_a_mailbox_are_counted_as_not_told_and_lock_all_the_same(stage: Stage) -> None:
    await alone(stage)
    await stage.stores.records.load(Records(people=(person(7, email=None),)), EVENT)
    stage.clock.at += 60 * 365 * DAY  # whatever the time of the records
    box = Box()
    await rounds(stage, box).go(always)
    silent = await stage.account(person(7).personal_number)
    notices = {each["account_id"]: each["delivered"] for each in await details(stage, "account.idle_notice")}
    assert notices[silent.account_id] is False
    for _ in range(2):
        stage.clock.at += BETWEEN_NOTICES
        await rounds(stage, box).go(always)
    assert not (await stage.account(person(7).personal_number)).is_active


async def test_an_address_that_is_refused_for_good_counts_and_one_that_fails_is_tried_again_for_a_week(
    stage: Stage,
) -> None:
    await alone(stage)
    stage.clock.at = start = stage.clock.at + TWO_YEARS
    box = Box(raises={"an@example.vn": MailError("not now")})
    assert await rounds(stage, box).go(always) == 0
    assert (await stage.account()).idle_notices == 0
    since = (await stage.stores.idle_accounts.find(0, until=Seconds(start), after=None, limit=1))[0].since
    stage.clock.at = since + TWO_YEARS + PATIENCE
    assert await rounds(stage, box).go(always) == 1
    stage.clock.at += BETWEEN_NOTICES
    refusing = Box(raises={"an@example.vn": RecipientRefusedError("nobody here")})
    assert await rounds(stage, refusing).go(always) == 1
    assert [each["delivered"] for each in await details(stage, "account.idle_notice")] == [False, False]


async def test_a_mail_server_that_takes_nothing_ends_the_round_and_loses_no_notice(stage: Stage) -> None:
    people = tuple(person(number) for number in range(10, 10 + BATCH + 20))
    await stage.stores.records.load(Records(people=people), EVENT)
    stage.clock.at += TWO_YEARS
    box = Box(raises={f"hoa{number}@example.vn": MailError("no") for number in range(10, 10 + BATCH + 20)})
    with pytest.raises(MailError):
        await rounds(stage, box).go(always)
    working = Box()
    await rounds(stage, working).go(always)
    told = {address for address, _, _ in (*box.sent, *working.sent)}
    assert {f"hoa{number}@example.vn" for number in range(10, 10 + BATCH + 20)} <= told
