"""The contract of `updated_at`, which several ports share: it moves with what services are told, and else never."""

from dataclasses import replace
from typing import Any

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account, Contact, ContactKind
from idp.domain.accounts.account_lock import LockGround
from idp.domain.accounts.contact_change import HOLD, ContactChange
from idp.domain.accounts.security_alert import AlertKind, Channel, SecurityAlert
from idp.domain.enrolment.proofing import CaseState
from idp.domain.events import AccountBegunAnew
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import Seconds
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, IdentityCard, IdentityRecord
from idp.domain.records import AgencyRecord, Loaded, PersonRecord, Records
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT, NOW, ORIGIN, event, officer, person
from tests.ports.test_proofing_cases import DECIDED, OPENED, case, decision

WRITTEN = 1_700_000_000
MAIL = Contact(ContactKind.EMAIL, "moi@example.vn")


async def told(stores: Stores, account: Account) -> int | None:
    profile = await stores.accounts.profile(account.account_id)
    assert profile is not None
    moment: int | None = profile.claims.get("updated_at")
    return moment


async def load(stores: Stores, record: PersonRecord) -> Loaded:
    return await stores.records.load(Records(people=(record,)), EVENT)


def written(at: int, **changes: Any) -> PersonRecord:
    return person(1, claims={**person(1).claims, "updated_at": at, **changes})


async def change_mail(stores: Stores, account: Account, at: int, contact: Contact = MAIL) -> ContactChange:
    former = next(each for each in await stores.accounts.contacts(account.account_id) if each.kind is contact.kind)
    change = ContactChange(
        change_id=f"change-{at}-{contact.address}",
        account_id=account.account_id,
        kind=contact.kind,
        changed_at=Seconds(at),
        held_until=Seconds(at + HOLD),
        former=former,
    )
    alert = alert_of(account, change.change_id)
    assert await stores.own_contacts.change(change, contact, alert, event())
    return change


def alert_of(account: Account, number: str) -> SecurityAlert:
    return SecurityAlert(
        alert_id=f"alert-{number}",
        account_id=account.account_id,
        kind=AlertKind.CONTACT_CHANGED,
        at=Seconds(NOW),
        channels=(Channel.FORMER,),
    )


async def save(stores: Stores, account: Account, **changes: Any) -> None:
    record = await stores.identity_records.of_account(account.account_id)
    assert record is not None
    await stores.identity_records.save(replace(record, **changes), event())


async def claims(stores: Stores, account: Account) -> dict[str, Any]:
    record: IdentityRecord | None = await stores.identity_records.of_account(account.account_id)
    assert record is not None
    return dict(record.claims)


async def test_it_begins_when_the_person_is_loaded_or_when_the_file_says(stores: Stores, account: Account) -> None:
    assert await told(stores, account) == NOW
    await stores.records.load(Records(people=(person(2, claims={"name": "B", "updated_at": WRITTEN}),)), EVENT)
    other = await stores.accounts.find(person(2).personal_number)
    assert other is not None
    assert await told(stores, other) == WRITTEN


async def test_a_contact_that_changes_moves_it_and_so_does_undoing(stores: Stores, account: Account) -> None:
    change = await change_mail(stores, account, NOW + 10)
    assert await told(stores, account) == NOW + 10
    assert await stores.own_contacts.undo(change, Seconds(NOW + 20), alert_of(account, "undone"), event())
    assert await told(stores, account) == NOW + 20


async def test_two_changes_of_one_second_both_move_it(stores: Stores, account: Account) -> None:
    await change_mail(stores, account, NOW)
    assert await told(stores, account) == NOW + 1
    await save(stores, account, claims={**await claims(stores, account), "gender": "female"})
    assert await told(stores, account) == NOW + 2


async def test_a_clock_that_goes_back_takes_it_with_it_never(stores: Stores, account: Account) -> None:
    await change_mail(stores, account, NOW - 50)
    assert await told(stores, account) == NOW + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"personal_number": "001099000009"},
        {"identity_level": 1},
        {"verification": {"time": "2026-01-02T03:04:05+00:00"}},
        {"claims": {"name": "Lê Văn E"}},
        {"claims": {**person(1).claims, "residence": {"province": "01"}}},
    ],
)
async def test_a_record_that_tells_something_else_moves_it(
    stores: Stores, account: Account, clock: TurnedClock, changes: dict[str, Any]
) -> None:
    clock.seconds += 10
    await save(stores, account, **changes)
    assert await told(stores, account) == NOW + 10


async def test_what_services_are_not_told_moves_nothing(stores: Stores, account: Account, clock: TurnedClock) -> None:
    clock.seconds += 10
    now = clock.now()
    facts = AttributeFacts(POPULATION_REGISTER, now, Seconds(now + 5_000))
    card = IdentityCard(person(1).personal_number, "2022-03-04", "2062-03-04")
    await save(stores, account, attributes={"name": facts}, card=card, level_expires_at=Seconds(now + 5_000))
    stands = account.sessions_valid_from
    await stores.accounts.change_password(account.account_id, "$argon2id$new", now, event(), valid_from=stands)
    await stores.accounts.prefer_second_factor(account.account_id, always=True, event=event())
    await stores.accounts.record_use(account.account_id, now, event())
    for locked in (True, False):
        await stores.accounts.set_locked(
            account.account_id,
            locked=locked,
            now=now,
            reason=RevocationReason.ACCOUNT_LOCKED,
            event=event(),
            ground=LockGround.OPERATOR,
        )
    assert await load(stores, person(1, password_hash="$argon2id$other")) == Loaded(changed=1)
    assert await told(stores, account) == NOW


async def test_a_file_that_changes_a_claim_moves_it(stores: Stores, account: Account, clock: TurnedClock) -> None:
    clock.seconds += 10
    assert await load(stores, person(1)) == Loaded(unchanged=1)
    assert await told(stores, account) == NOW
    assert await load(stores, person(1, email="khac@example.vn")) == Loaded(changed=1)
    assert await told(stores, account) == NOW + 10
    clock.seconds += 10
    assert await load(stores, person(1, email="khac@example.vn", level=1)) == Loaded(changed=1)
    assert await told(stores, account) == NOW + 20


async def test_a_file_may_say_later_and_never_earlier(stores: Stores, account: Account) -> None:
    assert await load(stores, written(WRITTEN)) == Loaded(unchanged=1)
    assert await told(stores, account) == NOW
    assert await load(stores, written(NOW + 7)) == Loaded(changed=1)
    assert await load(stores, written(NOW + 7)) == Loaded(unchanged=1)
    assert await told(stores, account) == NOW + 7
    assert await load(stores, written(WRITTEN, gender="female")) == Loaded(changed=1)
    assert await told(stores, account) == NOW + 8


async def test_what_was_exported_is_what_is_told(stores: Stores, account: Account) -> None:
    await change_mail(stores, account, NOW + 10)
    (exported,) = [person async for page in stores.records.export() for person in page.people]
    assert exported.claims["updated_at"] == NOW + 10
    assert await load(stores, replace(exported, password_hash=person(1).password_hash)) == Loaded(unchanged=1)


async def test_it_moves_when_a_proof_ends(stores: Stores, account: Account, clock: TurnedClock) -> None:
    await save(stores, account, level_expires_at=Seconds(NOW + 100))
    clock.seconds += 99
    assert await told(stores, account) == NOW
    clock.seconds += 51
    assert await told(stores, account) == NOW + 100
    # A longer term gives the level back.
    await save(stores, account, level_expires_at=Seconds(NOW + 1_000))
    assert await told(stores, account) == NOW + 150


async def test_an_account_that_begins_anew_tells_less(stores: Stores, account: Account) -> None:
    await stores.proofing_cases.open(case(account), OPENED)
    record = await stores.identity_records.of_account(account.account_id)
    anew = AccountBegunAnew(origin=ORIGIN, account_id=account.account_id, case_id="case-1")
    passed = decision(CaseState.PASSED, anew=anew)
    assert await stores.proofing_cases.decide("case-1", passed, DECIDED, record)
    assert await told(stores, account) == passed.at


async def test_an_officers_account_does_not_tell_when_the_citizen_changed(stores: Stores, account: Account) -> None:
    agency = AgencyRecord("G10.01", "Cục Đất đai", "department")
    await stores.records.load(Records(agencies=(agency,), officers=(officer(1),)), EVENT)
    at_work = await stores.accounts.find("b1@g10.example.vn")
    assert at_work is not None
    assert await told(stores, at_work) is None
