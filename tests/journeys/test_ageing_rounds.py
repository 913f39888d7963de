from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import msgspec
import pytest

from idp.domain.accounts.account import Contact
from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.country_time import day_of
from idp.domain.ids import PersonId, Seconds
from idp.domain.people.ageing import card_ends_at, rules_at
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, IdentityCard, IdentityRecord
from idp.journeys.ageing_rounds import AgeingRounds, AgeingStores
from idp.journeys.notice_rounds import PATIENCE
from idp.ports.identity_records import IdentityRecords
from idp.ports.mail import MailError, RecipientRefusedError
from tests.journeys.stage import AN, CUONG, Stage
from tests.ports.samples import EVENT

DAY = 86_400


@dataclass
class Box:
    """Takes notices of ageing; raises what a test says."""

    sent: list[tuple[str, int, str]] = field(default_factory=list)
    raises: MailError | None = None

    async def identity_ages(self, contact: Contact, ends_at: Seconds, locale: str) -> None:
        if self.raises is not None:
            raise self.raises
        self.sent.append((contact.address, ends_at, locale))


def rounds(stage: Stage, box: Box) -> AgeingRounds:
    at = stage.stores
    stores = AgeingStores(
        ageing=at.ageing_records, records=at.identity_records, accounts=at.accounts, locks=at.account_locks
    )
    notifications: Any = box
    return AgeingRounds(stores, notifications, stage.clock, stage.entropy, default_locale="vi")


def always() -> bool:
    return True


async def change(stage: Stage, **changes: Any) -> None:
    record = await stage.stores.identity_records.of_number(AN)
    assert record is not None
    await stage.stores.identity_records.save(replace(record, **changes), EVENT)


async def details(stage: Stage, name: str) -> list[dict[str, Any]]:
    records = [record async for record in stage.stores.audit_log.records() if record.name == name]
    return [msgspec.json.decode(record.payload)["event"] for record in records]


class Unreadable:
    """Records of which one person's cannot be read."""

    def __init__(self, records: IdentityRecords, person_id: PersonId) -> None:
        self._records = records
        self._person_id = person_id

    async def of_person(self, person_id: PersonId) -> IdentityRecord | None:
        if person_id == self._person_id:
            raise OverflowError
        return await self._records.of_person(person_id)


async def level(stage: Stage) -> int:
    profile = await stage.stores.accounts.profile(await stage.account_id())
    assert profile is not None
    return profile.identity_level


async def test_a_person_is_told_once_before_the_level_ends_and_then_it_is_lower(stage: Stage) -> None:
    notice, start, box = rules_at(stage.clock.at).notice, stage.clock.at, Box()
    ends_at = Seconds(start + notice + 10 * DAY)
    await change(stage, level_expires_at=ends_at)
    assert await rounds(stage, box).go(always) == 1
    assert not box.sent
    stage.clock.at = ends_at - notice - 1
    assert await rounds(stage, box).go(always) == 0
    stage.clock.at += 1
    assert [await rounds(stage, box).go(always) for _ in range(2)] == [1, 0]
    assert box.sent == [("an@example.vn", ends_at, "vi-VN")]
    assert await details(stage, "identity.aged") == []
    stage.clock.at = ends_at - 1
    assert await level(stage) == 2
    stage.clock.at = ends_at
    assert await level(stage) == 1
    assert [await rounds(stage, box).go(always) for _ in range(2)] == [1, 0]
    (aged,) = await details(stage, "identity.aged")
    assert (aged["level_before"], aged["level"], aged["claims"]) == (2, 1, [])
    assert len(box.sent) == 1


async def test_a_record_that_is_renewed_in_time_does_not_age(stage: Stage) -> None:
    notice, start, box = rules_at(stage.clock.at).notice, stage.clock.at, Box()
    await change(stage, level_expires_at=Seconds(start + notice))
    await rounds(stage, box).go(always)
    assert len(box.sent) == 1
    await change(stage, level_expires_at=None)
    stage.clock.at = start + notice
    assert await rounds(stage, box).go(always) == 1
    assert await rounds(stage, box).go(always) == 0
    assert await details(stage, "identity.aged") == []


async def test_claims_whose_proof_is_over_are_named_and_verified_no_more(stage: Stage) -> None:
    start = stage.clock.at
    facts = AttributeFacts(POPULATION_REGISTER, Seconds(start), Seconds(start + DAY))
    await change(stage, attributes={"gender": facts, "given_name": facts})
    box = Box()
    await rounds(stage, box).go(always)
    stage.clock.at = start + DAY
    await rounds(stage, box).go(always)
    (aged,) = await details(stage, "identity.aged")
    assert (aged["claims"], aged["level_before"], aged["level"]) == (["gender", "given_name"], 2, 2)
    profile = await stage.stores.accounts.profile(await stage.account_id())
    assert profile is not None
    assert profile.aged == {"gender", "given_name"}


async def test_a_card_that_is_over_locks_until_the_record_has_another(stage: Stage) -> None:
    expires = day_of(stage.clock.at)
    card = IdentityCard(AN, expires=expires.isoformat())
    over = card_ends_at(card)
    assert over is not None
    await change(stage, card=card)
    stage.clock.at = over - 1
    await rounds(stage, Box()).go(always)
    assert (await stage.account()).is_active
    stage.clock.at = over
    await rounds(stage, Box()).go(always)
    assert not (await stage.account()).is_active
    await change(stage, card=IdentityCard(AN, expires=date(2040, 1, 1).isoformat()))
    await rounds(stage, Box()).go(always)
    assert (await stage.account()).is_active


async def test_who_cannot_be_told_by_mail_is_recorded_as_not_told(stage: Stage) -> None:
    await change(stage, level_expires_at=Seconds(stage.clock.at + DAY))
    box = Box(raises=RecipientRefusedError())
    assert await rounds(stage, box).go(always) == 1
    (told,) = await details(stage, "identity.ageing_notice")
    assert not told["delivered"]


async def test_a_mail_server_that_takes_nothing_is_tried_again_for_a_week(stage: Stage) -> None:
    notice, start = rules_at(stage.clock.at).notice, stage.clock.at
    await change(stage, level_expires_at=Seconds(start + notice))
    box = Box(raises=MailError())
    assert await rounds(stage, box).go(always) == 0
    stage.clock.at = start + PATIENCE
    assert await rounds(stage, box).go(always) == 1
    (told,) = await details(stage, "identity.ageing_notice")
    assert not told["delivered"]


async def test_a_round_stops_when_it_may_not_go_on(stage: Stage) -> None:
    await change(stage, level_expires_at=Seconds(stage.clock.at + DAY))
    box = Box()
    assert await rounds(stage, box).go(lambda: False) == 0
    assert not box.sent


@pytest.mark.parametrize("is_locked", [True, False])
async def test_whoever_is_locked_is_not_written_to(stage: Stage, is_locked: bool) -> None:
    await change(stage, level_expires_at=Seconds(stage.clock.at + DAY))
    if is_locked:
        lock = NewLock(ground=LockGround.PERSON)
        await stage.stores.account_locks.open(await stage.account_id(), lock, stage.clock.now(), EVENT)
    box = Box()
    await rounds(stage, box).go(always)
    assert bool(box.sent) != is_locked


async def test_a_card_without_end_ages_nobody_and_stops_nothing(stage: Stage) -> None:
    await change(stage, card=IdentityCard(AN, expires="9999-12-31"))
    assert await rounds(stage, Box()).go(always) == 1
    assert await stage.stores.account_locks.of_account(await stage.account_id()) == ()


async def test_a_record_that_cannot_be_read_keeps_no_other_from_its_lock(stage: Stage) -> None:
    await change(stage, card=IdentityCard(AN, expires=day_of(stage.clock.at - DAY).isoformat()))
    broken = await stage.stores.identity_records.of_number(CUONG)
    assert broken is not None
    await stage.stores.identity_records.save(replace(broken, level_expires_at=Seconds(stage.clock.at + DAY)), EVENT)
    at: Any = stage.stores
    unreadable: Any = Unreadable(at.identity_records, broken.person_id)
    stores = AgeingStores(ageing=at.ageing_records, records=unreadable, accounts=at.accounts, locks=at.account_locks)
    notifications: Any = Box()
    with pytest.raises(OverflowError):
        await AgeingRounds(stores, notifications, stage.clock, stage.entropy, default_locale="vi").go(always)
    (lock,) = await stage.stores.account_locks.of_account(await stage.account_id())
    assert lock.ground is LockGround.CARD_EXPIRY
