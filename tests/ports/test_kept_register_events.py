"""The contract of `KeptRegisterEvents`."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec
import pytest

from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.sql.people.sealed_people import PeopleSealer
from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.account_lock import EFFECTS, LockGround, RegisterEvent
from idp.domain.events import RegisterEventReceived
from idp.domain.ids import ClientId, Seconds
from idp.domain.people.identity_record import NewPerson
from idp.domain.people.number_change import NumberChange
from idp.domain.people.personal_number import PersonalNumber
from idp.domain.records import PersonRecord, Records
from idp.ports.account_locks import RegisterChange
from idp.ports.identity_records import AlreadyKnownError, RegisterMoment
from idp.ports.records import PreparedPeople
from idp.ports.vault import Vault
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT, NOW, ORIGIN, event, person

YEAR = 365 * 24 * 3600
FIRST, SECOND, THIRD, OTHER = (person(number).personal_number for number in (1, 2, 3, 4))
NEW = NewPerson(
    personal_number=FIRST,
    identity_level=1,
    claims={"name": "Nguyễn Thị Hoà", "birthdate": "1999-01-02"},
    own_claims={},
    email="hoa@example.vn",
    password_hash="$argon2id$hash",
)
Kind = RegisterEvent
Prepare = Callable[[Sequence[PersonRecord]], PreparedPeople]


@pytest.fixture
def prepared(vault: Vault, clock: TurnedClock, entropy: SystemEntropy) -> Prepare:
    return PeopleSealer(vault, clock, entropy).prepare


def received(kind: Kind, event_id: str) -> RegisterEventReceived:
    return RegisterEventReceived(
        origin=ORIGIN, client_id=ClientId("register"), event_type=kind.value, event_id=event_id, outcome=""
    )


async def keep(stores: Stores, number: str, kind: Kind, at: int = 5, event_id: str = "") -> str | None:
    name = event_id or f"{kind.name} {at}"
    change = RegisterChange(effects=EFFECTS[kind], event_at=at, event_id=name, now=Seconds(NOW))
    recorded = await stores.kept_register_events.keep(number, change, received(kind, name))
    return None if recorded is None else recorded.outcome


async def becomes(stores: Stores, number: str, successor: str, at: int = 5) -> str | None:
    name = f"change {at}"
    change = NumberChange(personal_number=PersonalNumber(successor), event_at=at)
    told = await stores.kept_register_events.keep_number_change(
        number, change, Seconds(NOW), received(Kind.NUMBER_CHANGED, name)
    )
    return None if told is None else told.outcome


async def create(stores: Stores, number: str = FIRST) -> None:
    await stores.identity_records.create(replace(NEW, personal_number=number), event())


async def grounds(stores: Stores, number: str = FIRST) -> set[LockGround]:
    """The open locks of whoever has the number; the account's status says the same."""
    record = await stores.identity_records.of_number(number)
    assert record is not None
    account = await stores.accounts.find(record.personal_number)
    assert account is not None
    locks = await stores.account_locks.of_account(account.account_id)
    found = {each.ground for each in locks if each.ended is None}
    assert (account.status is AccountStatus.LOCKED) == bool(found)
    return found


async def outcomes(stores: Stores) -> list[str]:
    records = [each async for each in stores.audit_log.records() if each.name == "register.event"]
    return [msgspec.json.decode(each.payload)["event"]["outcome"] for each in records]


@pytest.mark.parametrize("way", ["registered", "imported", "loaded", "renumbered"])
async def test_what_was_kept_counts_in_whatever_way_somebody_gets_the_number(
    stores: Stores, prepared: Prepare, way: str
) -> None:
    assert await keep(stores, FIRST, Kind.DEATH) == "kept"
    assert await keep(stores, FIRST, Kind.CARD_LOCKED) == "kept"
    if way == "registered":
        await create(stores)
    elif way == "imported":
        await stores.records.load(Records(people=(person(1), person(2))), EVENT)
    elif way == "loaded":
        await stores.records.load_people(prepared([person(1), person(2)]), "file", 2, EVENT)
    else:
        await create(stores, SECOND)
        record = await stores.identity_records.of_number(SECOND)
        assert record is not None
        await stores.identity_records.save(replace(record, personal_number=FIRST), event())
    assert await grounds(stores) == {LockGround.DEATH, LockGround.IDENTITY_CARD}
    assert await outcomes(stores) == ["kept", "kept", "applied", "applied"]
    assert await stores.housekeeping.sweep(Seconds(NOW + 20 * YEAR), 100) == 0


async def test_what_was_kept_counts_in_the_order_in_which_it_happened(stores: Stores) -> None:
    assert await keep(stores, FIRST, Kind.CARD_EXPIRED, 8) == "kept"
    assert await keep(stores, FIRST, Kind.CARD_ISSUED, 7) == "kept"
    assert await keep(stores, FIRST, Kind.CARD_LOCKED, 6) == "overtaken"
    await create(stores)
    assert await grounds(stores) == {LockGround.CARD_EXPIRY}


async def test_an_event_that_counted_is_overtaken_when_it_comes_again(stores: Stores) -> None:
    assert await keep(stores, FIRST, Kind.DEATH, 6) == "kept"
    assert await keep(stores, FIRST, Kind.DEATH, 6) == "overtaken"
    await create(stores)
    record = await stores.identity_records.of_number(FIRST)
    assert record is not None
    annulled = RegisterChange(effects=EFFECTS[Kind.DEATH_ANNULLED], event_at=7, event_id="7", now=Seconds(NOW))
    locks = stores.account_locks
    await locks.apply_to_person(record.person_id, annulled, received(Kind.DEATH_ANNULLED, "7"))
    again = replace(annulled, effects=EFFECTS[Kind.DEATH], event_at=6, event_id="DEATH 6")
    recorded = await locks.apply_to_person(record.person_id, again, received(Kind.DEATH, "DEATH 6"))
    assert recorded.outcome == "overtaken"
    assert await grounds(stores) == set()


async def test_nothing_is_kept_under_a_number_that_somebody_has(stores: Stores) -> None:
    await create(stores)
    assert await keep(stores, FIRST, Kind.DEATH) is None
    assert await becomes(stores, FIRST, SECOND) is None
    assert await outcomes(stores) == []


@pytest.mark.parametrize("number", [FIRST, SECOND, THIRD])
async def test_numbers_that_became_each_other_are_one_humans(stores: Stores, number: str) -> None:
    assert await keep(stores, FIRST, Kind.CARD_LOCKED, 3) == "kept"
    assert await becomes(stores, SECOND, THIRD, 5) == "kept"
    assert await becomes(stores, FIRST, SECOND, 4) == "kept"
    assert await keep(stores, THIRD, Kind.DEATH, 6) == "kept"
    assert await keep(stores, OTHER, Kind.RESIDENCE_EXPIRED, 6) == "kept"
    await create(stores, number)
    for each in (FIRST, SECOND, THIRD):
        assert await grounds(stores, each) == {LockGround.DEATH, LockGround.IDENTITY_CARD}
        assert await keep(stores, each, Kind.DEATH, 9) is None
    record = await stores.identity_records.of_number(number)
    assert record is not None
    assert record.personal_number == THIRD
    for each in {FIRST, SECOND} - {number}:
        # It finds the person; it signs nobody in, and opens no second account.
        assert await stores.accounts.find(each) is None
        with pytest.raises(AlreadyKnownError):
            await stores.identity_records.create(replace(NEW, personal_number=each, email="hoa2@example.vn"), event())


async def test_an_older_change_of_number_does_not_come_back_for_who_came_with_the_newest(stores: Stores) -> None:
    await becomes(stores, FIRST, SECOND, 4)
    await becomes(stores, SECOND, THIRD, 5)
    await create(stores, THIRD)
    record = await stores.identity_records.of_number(FIRST)
    assert record is not None
    assert await stores.identity_records.renumbered_at(record.person_id) == 5


async def test_who_came_with_a_former_number_has_the_one_in_force(stores: Stores) -> None:
    await becomes(stores, FIRST, SECOND, 4)
    await stores.records.load(Records(people=(person(1),)), EVENT)
    record = await stores.identity_records.of_number(SECOND)
    assert record is not None
    assert (record.personal_number, record.former_numbers) == (SECOND, (FIRST,))
    assert record.attributes.keys() == {"personal_number"}
    assert await stores.identity_records.renumbered_at(record.person_id) == 4
    for number in (FIRST, SECOND):
        account = await stores.accounts.find(number)
        assert account is not None
    assert await outcomes(stores) == ["kept", "applied"]
    again = await stores.records.load(Records(people=(person(1),)), EVENT)
    assert (again.created, again.changed) == (0, 0)


async def test_of_changes_that_come_in_the_wrong_order_the_last_number_stands(stores: Stores) -> None:
    await create(stores, FIRST)
    await becomes(stores, SECOND, THIRD, 5)
    await keep(stores, THIRD, Kind.CARD_LOCKED)
    record = await stores.identity_records.of_number(FIRST)
    assert record is not None
    changed = replace(record, personal_number=SECOND)
    assert await stores.identity_records.renumber(changed, RegisterMoment(4, "change 4"), event())
    record = await stores.identity_records.of_number(FIRST)
    assert record is not None
    assert (record.personal_number, record.former_numbers) == (THIRD, (FIRST, SECOND))
    assert await grounds(stores, THIRD) == {LockGround.IDENTITY_CARD}
    assert await stores.identity_records.renumbered_at(record.person_id) == 5


async def test_a_number_that_contradicts_who_came_is_not_given_and_what_was_kept_counts(stores: Stores) -> None:
    elsewhere = "001098000001"
    await becomes(stores, FIRST, elsewhere)
    await keep(stores, elsewhere, Kind.DEATH)
    await create(stores, FIRST)
    record = await stores.identity_records.of_number(elsewhere)
    assert record is not None
    assert record.personal_number == FIRST
    assert await grounds(stores, FIRST) == {LockGround.DEATH}
    assert await outcomes(stores) == ["kept", "kept", "applied", "contradicted"]


async def test_a_number_that_became_that_of_an_account_is_the_accounts_with_all_that_was_kept(stores: Stores) -> None:
    await keep(stores, FIRST, Kind.CARD_LOCKED, 3)
    await becomes(stores, FIRST, SECOND, 4)
    await create(stores, THIRD)
    assert await grounds(stores, THIRD) == set()
    assert await becomes(stores, SECOND, THIRD, 5) == "applied"
    assert await grounds(stores, FIRST) == await grounds(stores, THIRD) == {LockGround.IDENTITY_CARD}
    assert await becomes(stores, SECOND, THIRD, 5) is None


async def test_a_number_that_returns_and_one_that_became_itself_come_to_an_end(stores: Stores) -> None:
    await becomes(stores, FIRST, SECOND, 4)
    await becomes(stores, SECOND, FIRST, 5)
    await becomes(stores, FIRST, FIRST, 6)
    assert await becomes(stores, FIRST, SECOND, 4) == "overtaken"
    await keep(stores, SECOND, Kind.DEATH)
    await create(stores, FIRST)
    assert await grounds(stores) == {LockGround.DEATH}


async def test_of_two_people_of_one_file_whose_numbers_became_each_other_each_has_his_own(stores: Stores) -> None:
    await keep(stores, FIRST, Kind.CARD_LOCKED)
    await keep(stores, SECOND, Kind.DEATH)
    await becomes(stores, FIRST, SECOND)
    await stores.records.load(Records(people=(person(1), person(2))), EVENT)
    assert await grounds(stores, FIRST) == {LockGround.IDENTITY_CARD}
    assert await grounds(stores, SECOND) == {LockGround.DEATH}


async def test_a_registration_that_fails_leaves_what_was_kept(stores: Stores) -> None:
    await create(stores, SECOND)
    await keep(stores, FIRST, Kind.DEATH)
    with pytest.raises(AlreadyKnownError):
        await create(stores, FIRST)  # The address is the other one's.
    await stores.records.load(Records(people=(person(1),)), EVENT)
    assert await grounds(stores) == {LockGround.DEATH}


@pytest.mark.parametrize("imports", [False, True])
async def test_of_an_account_and_a_death_at_once_neither_misses_the_other(stores: Stores, *, imports: bool) -> None:
    for number in range(11, 36):
        known = person(number)
        opening = (
            stores.records.load(Records(people=(known,)), EVENT)
            if imports
            else stores.identity_records.create(
                replace(NEW, personal_number=known.personal_number, email=f"nobody{number}@example.vn"), event()
            )
        )
        kept, _ = await asyncio.gather(keep(stores, known.personal_number, Kind.DEATH), opening)
        assert (await grounds(stores, known.personal_number) == {LockGround.DEATH}) == (kept == "kept")
        assert kept in {"kept", None}


async def test_of_fifty_deliveries_at_once_one_is_kept(stores: Stores) -> None:
    told = await asyncio.gather(*(keep(stores, FIRST, Kind.DEATH) for _ in range(50)))
    assert sorted(told, key=str) == ["kept", *["overtaken"] * 49]


async def test_what_nobody_ever_asked_for_is_forgotten(stores: Stores) -> None:
    await keep(stores, FIRST, Kind.CARD_LOCKED)
    await keep(stores, FIRST, Kind.DEATH)
    await becomes(stores, SECOND, THIRD)
    day = 24 * 3600
    assert await stores.housekeeping.sweep(Seconds(NOW + 2 * YEAR + day - 1), 100) == 0
    assert await stores.housekeeping.sweep(Seconds(NOW + 2 * YEAR + day), 100) == 1
    await stores.housekeeping.sweep(Seconds(NOW + 10 * YEAR + day), 100)
    await create(stores, FIRST)
    await stores.identity_records.create(replace(NEW, personal_number=SECOND, email="hoa2@example.vn"), event())
    assert await grounds(stores) == set()
    assert await stores.identity_records.of_number(THIRD) is None
