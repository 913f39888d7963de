from asyncio import gather
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.account_lock import RegisterEvent, RegisterOutcome
from idp.domain.events import RecordsImported
from idp.domain.ids import ClientId
from idp.domain.people.ageing import card_ends_at
from idp.domain.people.identity_record import AttributeFacts, IdentityCard, IdentityRecord
from idp.domain.people.personal_number import PersonalNumber, read_personal_number
from idp.domain.records import OrganisationRecord, Records
from idp.domain.representation.authority import authorities
from idp.journeys.register_events import ContradictionError, RegisterEvents, RegisterNotice
from idp.ports.keys import BusyError
from tests.ports.samples import EVENT
from tests.protocol.conftest import template, world
from tests.protocol.world import CITIZEN, ORIGIN, World

__all__ = ["template", "world"]

NUMBER = CITIZEN.personal_number
OFFICER = "001085000002"
NEW_NUMBER = "001199000077"


def notice(world: World, event: RegisterEvent, subject: str = NUMBER, **changes: Any) -> RegisterNotice:
    now = world.clock.now()
    told = RegisterNotice(
        register=ClientId("register"), event=event, subject=subject, event_at=now * 1000, event_id=world.entropy.token()
    )
    return replace(told, **changes)


async def tell(world: World, event: RegisterEvent, subject: str = NUMBER, **changes: Any) -> RegisterOutcome:
    stores = world.stores
    events = RegisterEvents(
        stores.account_locks,
        stores.kept_register_events,
        stores.authorities,
        stores.identity_records,
        stores.audit_trail,
        world.clock,
    )
    return await events.receive(notice(world, event, subject, **changes), ORIGIN)


async def record(world: World, number: str = NUMBER) -> IdentityRecord:
    found = await world.stores.identity_records.of_number(number)
    assert found is not None
    return found


async def is_active(world: World, identifier: str) -> bool:
    account = await world.stores.accounts.find(identifier)
    assert account is not None
    return account.status is AccountStatus.ACTIVE


async def test_death_locks_the_officer_too_and_a_card_does_not(world: World) -> None:
    await tell(world, RegisterEvent.CARD_LOCKED, OFFICER)
    assert not await is_active(world, OFFICER)
    assert await is_active(world, "binh@g10.example.vn")
    await tell(world, RegisterEvent.DEATH, OFFICER)
    assert not await is_active(world, "binh@g10.example.vn")


async def test_a_new_number_is_kept_with_the_old_one_and_both_find_the_person(world: World) -> None:
    number = PersonalNumber("001199000077")
    changes: dict[str, Any] = {"personal_number": number, "gender": "female"}
    assert await tell(world, RegisterEvent.NUMBER_CHANGED, **changes) is RegisterOutcome.APPLIED
    found = await record(world, number)
    assert (found.personal_number, found.former_numbers) == (number, (NUMBER,))
    assert await record(world) == found
    assert await is_active(world, NUMBER)
    assert await tell(world, RegisterEvent.NUMBER_CHANGED, **changes) is RegisterOutcome.OVERTAKEN
    assert [each["outcome"] for each in await world.audited("register.event")] == ["applied", "overtaken"]


async def test_numbers_count_in_the_order_in_which_they_were_issued(world: World) -> None:
    at = world.clock.now() * 1000
    newest, older, again = PersonalNumber("001199000077"), PersonalNumber("001199000078"), PersonalNumber(NUMBER)
    for number, moment, outcome in (
        (newest, at - 10, RegisterOutcome.APPLIED),
        (older, at - 11, RegisterOutcome.OVERTAKEN),
        (again, at - 9, RegisterOutcome.APPLIED),
        (newest, at - 10, RegisterOutcome.OVERTAKEN),
    ):
        changes: dict[str, Any] = {"personal_number": number, "gender": read_personal_number(number).sex}
        assert await tell(world, RegisterEvent.NUMBER_CHANGED, **changes, event_at=moment) is outcome
    found = await record(world)
    assert (found.personal_number, found.former_numbers) == (NUMBER, (newest,))


async def test_an_overtaken_number_that_contradicts_what_came_later_is_overtaken(world: World) -> None:
    at = world.clock.now() * 1000
    newest, older = PersonalNumber("001201000077"), PersonalNumber("001199000078")
    born: dict[str, Any] = {"personal_number": newest, "gender": "male", "birthdate": date(2001, 3, 4)}
    assert await tell(world, RegisterEvent.NUMBER_CHANGED, **born, event_at=at) is RegisterOutcome.APPLIED
    told = await tell(world, RegisterEvent.NUMBER_CHANGED, personal_number=older, event_at=at - 1)
    assert told is RegisterOutcome.OVERTAKEN


async def test_a_number_that_was_known_before_the_register_told_it_keeps_older_ones_away(world: World) -> None:
    at = world.clock.now() * 1000
    known, older = PersonalNumber(NUMBER), PersonalNumber("001199000078")
    await tell(world, RegisterEvent.NUMBER_CHANGED, personal_number=known, event_at=at)
    await tell(world, RegisterEvent.NUMBER_CHANGED, personal_number=older, event_at=at - 1)
    assert (await record(world)).personal_number == NUMBER


async def test_corrected_facts_come_with_the_number(world: World) -> None:
    number = PersonalNumber("001201000077")
    told: dict[str, Any] = {"personal_number": number, "gender": "male", "birthdate": date(2001, 3, 4)}
    assert await tell(world, RegisterEvent.NUMBER_CHANGED, **told) is RegisterOutcome.APPLIED
    found = await record(world, number)
    assert (found.claims["gender"], found.claims["birthdate"]) == ("male", "2001-03-04")
    seen = AttributeFacts("population_register", world.clock.now())
    assert {found.attributes[name] for name in ("personal_number", "gender", "birthdate")} == {seen}


@pytest.mark.parametrize("number", [OFFICER, "001201000077"])
async def test_a_number_of_somebody_else_or_of_another_birth_is_a_contradiction(world: World, number: str) -> None:
    with pytest.raises(ContradictionError):
        await tell(world, RegisterEvent.NUMBER_CHANGED, personal_number=PersonalNumber(number))
    assert (await record(world)).personal_number == NUMBER


async def with_card(world: World, expires: str, **changes: Any) -> None:
    event = RecordsImported(origin=ORIGIN, digest="", counts={})
    known = await record(world)
    await world.stores.identity_records.save(replace(known, card=IdentityCard("c", expires=expires), **changes), event)


async def test_a_new_card_moves_the_end_of_the_record_and_never_back(world: World) -> None:
    await with_card(world, "2030-01-01")
    await tell(world, RegisterEvent.CARD_ISSUED, expires_on=date(2040, 1, 1))
    await tell(world, RegisterEvent.CARD_ISSUED, expires_on=date(2035, 1, 1))
    found = await record(world)
    assert found.card == IdentityCard("c", expires="2040-01-01")
    assert found.level_expires_at is None
    assert len(await world.audited("identity.card_renewed")) == 1


async def test_a_level_that_ends_with_the_card_ends_with_the_new_one(world: World) -> None:

    await with_card(world, "2030-01-01", level_expires_at=card_ends_at(IdentityCard("c", expires="2030-01-01")))
    await tell(world, RegisterEvent.CARD_ISSUED, expires_on=date(2040, 1, 1))
    assert (await record(world)).level_expires_at == card_ends_at(IdentityCard("c", expires="2040-01-01"))


async def test_what_is_told_of_a_number_that_nobody_has_counts_for_whoever_gets_it(world: World) -> None:
    assert await tell(world, RegisterEvent.DEATH, NEW_NUMBER) is RegisterOutcome.KEPT
    assert await is_active(world, NUMBER)
    await tell(world, RegisterEvent.NUMBER_CHANGED, personal_number=PersonalNumber(NEW_NUMBER))
    assert not await is_active(world, NUMBER)
    told = await world.audited("register.event")
    assert [each["outcome"] for each in told] == ["kept", "applied", "applied"]
    assert [each["event_type"].rpartition(":")[2] for each in told if each["accounts"]] == ["death"]


async def test_a_change_of_number_that_came_late_brings_what_was_told_under_the_former_number(world: World) -> None:
    former = PersonalNumber("001199000055")
    assert await tell(world, RegisterEvent.CARD_LOCKED, former) is RegisterOutcome.KEPT
    changed: dict[str, Any] = {"subject": former, "personal_number": PersonalNumber(NUMBER)}
    assert await tell(world, RegisterEvent.NUMBER_CHANGED, **changed) is RegisterOutcome.APPLIED
    assert not await is_active(world, NUMBER)
    world.clock.seconds += 1
    assert await tell(world, RegisterEvent.CARD_UNLOCKED, former) is RegisterOutcome.APPLIED
    assert await is_active(world, NUMBER)


async def test_of_two_changes_of_number_that_come_in_the_wrong_order_the_later_one_stands(world: World) -> None:
    at = world.clock.now() * 1000
    last: dict[str, Any] = {"subject": NEW_NUMBER, "personal_number": PersonalNumber("001199000078")}
    assert await tell(world, RegisterEvent.NUMBER_CHANGED, **last, event_at=at) is RegisterOutcome.KEPT
    first = PersonalNumber(NEW_NUMBER)
    await tell(world, RegisterEvent.NUMBER_CHANGED, personal_number=first, event_at=at - 1)
    assert (await record(world)).personal_number == "001199000078"
    assert await tell(world, RegisterEvent.NUMBER_CHANGED, **last, event_at=at) is RegisterOutcome.OVERTAKEN


async def test_what_comes_while_two_accounts_are_merged_reaches_the_one_that_stays(world: World) -> None:
    stores, looks = world.stores, [await record(world, OFFICER), await record(world)]

    class Merged:
        """Says first that the number is the officer's, as it was a moment ago."""

        async def of_number(self, number: str) -> IdentityRecord | None:
            return looks.pop(0) if len(looks) > 1 else looks[0]

    events = RegisterEvents(
        stores.account_locks,
        stores.kept_register_events,
        stores.authorities,
        Merged(),  # type: ignore[arg-type]  # asked for nothing else
        stores.audit_trail,
        world.clock,
    )
    await events.receive(notice(world, RegisterEvent.DEATH), ORIGIN)
    assert not await is_active(world, NUMBER)


async def test_of_fifty_new_cards_at_once_every_one_is_taken_or_told_to_come_again(world: World) -> None:
    await with_card(world, "2030-01-01")
    at = world.clock.now() * 1000

    async def one(number: int) -> bool:
        try:
            await tell(world, RegisterEvent.CARD_ISSUED, event_at=at - number, expires_on=date(2031 + number, 1, 1))
        except BusyError:
            return False
        return True

    taken = await gather(*(one(number) for number in range(50)))
    assert any(taken)
    latest = max(number for number, was_taken in enumerate(taken) if was_taken)
    card = (await record(world)).card
    assert card is not None
    assert card.expires is not None
    assert card.expires >= f"{2031 + latest}-01-01"


async def test_nobody_acts_for_an_organisation_that_is_dissolved(world: World) -> None:
    organisation = OrganisationRecord("0100109106", "Công ty Một", (NUMBER,))
    await world.stores.records.load(Records(organisations=(organisation,)), EVENT)

    async def acts() -> bool:
        record = await world.stores.authorities.of_account(world.citizen)
        return bool(authorities(record, ClientId("portal"), world.clock.now()))

    assert await acts()
    assert await tell(world, RegisterEvent.ORGANISATION_DISSOLVED, "0100109106") is RegisterOutcome.APPLIED
    assert not await acts()
    assert len(await world.audited("organisation.dissolved")) == 1
    world.clock.seconds += 1
    assert await tell(world, RegisterEvent.ORGANISATION_RESTORED, "0100109106") is RegisterOutcome.APPLIED
    assert await acts()
