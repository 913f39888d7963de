"""The contract of `Officers` and `ProvisionedOfficers`."""

import asyncio
from dataclasses import replace

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.account_lock import EFFECTS, LockGround, NewLock, RegisterEvent
from idp.domain.country_time import beginning_of, day_of
from idp.domain.enrolment.activation_link import new_link
from idp.domain.events import LockEnded, OfficerChanged, RegisterEventReceived
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds, TokenHash
from idp.domain.moment import LATEST
from idp.domain.offices.officer import NewOfficer, NewPost, OfficerAccount
from idp.domain.records import AgencyRecord, Records
from idp.ports.account_locks import RegisterChange
from idp.ports.officer_parts import Leaving, Noted, PostGiven, Renamed, Suspended
from idp.ports.officers import (
    AlreadyOfficerError,
    ExternalIdTakenError,
    PersonHeldError,
    PostChangedError,
    UnknownAgencyError,
    UsernameTakenError,
)
from idp.ports.records import RecordConflictError
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT, person
from tests.ports.samples import officer as officer_record

DAY = 24 * 3600
AGENCIES = (
    AgencyRecord("G10", "Bộ", "ministry"),
    AgencyRecord("G10.01", "Vụ", "department", parent="G10"),
    AgencyRecord("G10.01.02", "Phòng", "department", parent="G10.01"),
    AgencyRecord("G11", "Bộ khác", "ministry"),
)
WHO = AccountId("officer-1")
CLIENT = ClientId("hr")


def event(change: str = "added") -> OfficerChanged:
    return OfficerChanged(origin=EVENT.origin, account_id=WHO, change=change)


@pytest.fixture
async def officer(stores: Stores, clock: TurnedClock) -> OfficerAccount:
    """Person 1, an officer of G10.01."""
    await stores.records.load(Records(agencies=AGENCIES, people=(person(1), person(2))), EVENT)
    await stores.officers.add(await new(stores, clock), event())
    return await found(stores)


async def new(stores: Stores, clock: TurnedClock, number: int = 1) -> NewOfficer:
    record = await stores.identity_records.of_number(person(number).personal_number)
    assert record
    return NewOfficer(
        account_id=AccountId(f"officer-{number}"),
        username=f"officer{number}@g10.vn",
        post=post(clock),
        person_id=record.person_id,
    )


def post(clock: TurnedClock, agency: str = "G10.01", starts_in: int = 0, ends_in: int | None = None) -> NewPost:
    now = clock.now()
    return NewPost(
        agency_code=agency,
        position="Chuyên viên",
        roles=("proofing_officer",),
        held_from=Seconds(now + starts_in),
        held_to=None if ends_in is None else Seconds(now + ends_in),
    )


async def found(stores: Stores, account_id: AccountId = WHO) -> OfficerAccount:
    officer = await stores.officers.get(account_id)
    assert officer
    return officer


async def held(stores: Stores, account_id: AccountId = WHO) -> str | None:
    """The agency in the officer's claims at this moment."""
    profile = await stores.accounts.profile(account_id)
    assert profile
    return profile.officer.agency_code if profile.officer else None


async def test_an_officer_is_made_beside_the_citizen_and_found_by_username(
    stores: Stores, officer: OfficerAccount
) -> None:
    assert (officer.name, officer.username, officer.has_password) == (
        person(1).claims["name"],
        "officer1@g10.vn",
        False,
    )
    assert await stores.officers.find("officer1@g10.vn") == WHO
    assert await stores.officers.of_identifier(officer.officer_id) == WHO
    assert await stores.officers.of_identifier(WHO) is None
    assert await stores.officers.get(AccountId("nobody")) is None
    citizen = await stores.accounts.find(person(1).personal_number)
    assert citizen
    assert citizen.account_id != WHO
    assert await stores.officers.get(citizen.account_id) is None


async def test_a_person_has_one_officers_account_and_a_username_one_owner(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    again = replace(await new(stores, clock), account_id=AccountId("another"), username="another")
    with pytest.raises(AlreadyOfficerError):
        await stores.officers.add(again, event())
    second = await new(stores, clock, 2)
    with pytest.raises(UsernameTakenError):
        await stores.officers.add(replace(second, username=officer.username), event())
    with pytest.raises(UnknownAgencyError):
        await stores.officers.add(replace(second, post=post(clock, "G99")), event())
    assert await stores.officers.get(second.account_id) is None
    await stores.officers.add(second, event())
    with pytest.raises(UsernameTakenError):
        await renamed(stores, await found(stores, second.account_id), officer.username)
    await renamed(stores, await found(stores, second.account_id), "renamed")
    assert await stores.officers.find("renamed") == second.account_id
    assert await stores.officers.find(second.username) is None


async def test_a_username_is_free_unless_somebody_else_signs_in_with_it(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    email = person(1).email
    assert email
    for name, free in (("nobody@g10.vn", True), (officer.username, True), (email, False)):
        assert await stores.officers.is_free(name, WHO) is free, name
    await stores.officers.add(await new(stores, clock, 2), event())
    assert not await stores.officers.is_free("officer2@g10.vn", WHO)


async def dies(stores: Stores, person_id: PersonId, *, dead: bool = True) -> None:
    kind = RegisterEvent.DEATH if dead else RegisterEvent.DEATH_ANNULLED
    told = RegisterEventReceived(origin=EVENT.origin, client_id=CLIENT, event_type=kind.value, event_id="", outcome="")
    at = 1_000 if dead else 2_000
    change = RegisterChange(effects=EFFECTS[kind], event_at=at, event_id=f"{at}", now=Seconds(1))
    await stores.account_locks.apply_to_person(person_id, change, told)


async def test_nobody_who_died_becomes_an_officer(stores: Stores, officer: OfficerAccount, clock: TurnedClock) -> None:
    second = await new(stores, clock, 2)
    assert second.person_id
    await dies(stores, second.person_id)
    with pytest.raises(PersonHeldError):
        await stores.officers.add(second, event())
    assert await stores.officers.get(second.account_id) is None
    imported = Records(officers=(officer_record(2),))
    with pytest.raises(RecordConflictError) as refused:
        await stores.records.load(imported, EVENT)
    assert refused.value.path == "officers[0].personal_number"
    await dies(stores, second.person_id, dead=False)
    await stores.officers.add(second, event())
    assert (await found(stores, second.account_id)).status is AccountStatus.ACTIVE


async def test_of_a_death_and_a_new_account_at_once_no_account_stays_open(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    people = tuple(person(number) for number in range(10, 30))
    await stores.records.load(Records(people=people), EVENT)

    async def race(number: int) -> None:
        joiner = await new(stores, clock, number)
        assert joiner.person_id
        await asyncio.gather(
            stores.officers.add(joiner, event()), dies(stores, joiner.person_id), return_exceptions=True
        )
        made = await stores.officers.get(joiner.account_id)
        assert made is None or made.status is AccountStatus.LOCKED

    await asyncio.gather(*(race(number) for number in range(10, 30)))


async def test_a_post_to_come_ends_the_one_before_on_its_day(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    await stores.officers.give_post(WHO, post(clock, "G11", starts_in=DAY), officer.version, event())
    assert await held(stores) == "G10.01"
    clock.seconds += DAY
    assert await held(stores) == "G11"
    assert [each.agency_code for each in (await found(stores)).posts] == ["G11", "G10.01"]


async def test_a_post_that_ended_gives_nothing_from_that_moment(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    await stores.officers.end_post(WHO, officer.version, Seconds(clock.now() + DAY), event())
    clock.seconds += DAY - 1
    assert await held(stores) == "G10.01"
    clock.seconds += 1
    assert await held(stores) is None


async def test_an_end_is_brought_forward_and_never_put_off(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    ends = Seconds(clock.now() + 2 * DAY)
    await stores.officers.end_post(WHO, officer.version, ends, event())
    with pytest.raises(PostChangedError):
        await stores.officers.end_post(WHO, officer.version, Seconds(ends + 1), event())
    await stores.officers.end_post(WHO, officer.version, Seconds(ends - DAY), event())
    assert (await found(stores)).posts[0].held_to == ends - DAY


async def test_a_post_to_come_that_ends_where_it_was_to_begin_never_does(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    await stores.officers.give_post(WHO, post(clock, "G11", starts_in=DAY), officer.version, event())
    begins = Seconds(clock.now() + DAY)
    with pytest.raises(PostChangedError):
        await stores.officers.end_post(WHO, (await found(stores)).version, Seconds(begins - 1), event())
    await stores.officers.end_post(WHO, (await found(stores)).version, begins, event())
    assert [(each.agency_code, each.held_to) for each in (await found(stores)).posts] == [("G10.01", begins)]
    clock.seconds += DAY
    await stores.officers.settle(clock.now(), 10, EVENT.origin)
    assert (await found(stores)).status is AccountStatus.LOCKED


async def test_of_50_who_saw_the_same_post_one_gives_another(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    async def give() -> bool:
        try:
            await stores.officers.give_post(WHO, post(clock, starts_in=1), officer.version, event())
        except PostChangedError:
            return False
        return True

    assert sum(await asyncio.gather(*(give() for _ in range(50)))) == 1
    assert len((await found(stores)).posts) == 2


async def test_a_post_that_never_began_is_not_told(stores: Stores, officer: OfficerAccount, clock: TurnedClock) -> None:
    await stores.officers.give_post(WHO, post(clock, "G11", starts_in=2 * DAY), officer.version, event())
    later = await found(stores)
    await stores.officers.give_post(WHO, post(clock, "G10", starts_in=DAY), later.version, event(), instead=True)
    clock.seconds += 3 * DAY
    assert await held(stores) == "G10"
    assert [each.agency_code for each in (await found(stores)).posts] == ["G10", "G10.01"]


async def test_a_post_to_come_stays_when_another_is_given_before_it(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    began, now = officer.posts[0].held_from, clock.now()
    for agency, days in (("G11", 2), ("G10.01.02", 4)):
        seen = (await found(stores)).version
        await stores.officers.give_post(WHO, post(clock, agency, days * DAY, 5 * DAY), seen, event())
    seen = (await found(stores)).version
    await stores.officers.give_post(WHO, post(clock, "G10", starts_in=DAY), seen, event())
    assert [(each.agency_code, each.held_from, each.held_to) for each in (await found(stores)).posts] == [
        ("G10.01.02", now + 4 * DAY, now + 5 * DAY),
        ("G11", now + 2 * DAY, now + 4 * DAY),
        ("G10", now + DAY, now + 2 * DAY),
        ("G10.01", began, now + DAY),
    ]
    # Whoever had seen the posts before has seen others.
    with pytest.raises(PostChangedError):
        await stores.officers.give_post(WHO, post(clock, "G10", starts_in=DAY), seen, event())


async def test_a_post_that_begins_with_one_to_come_takes_its_place(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    for agency in ("G11", "G10"):
        seen = (await found(stores)).version
        await stores.officers.give_post(WHO, post(clock, agency, starts_in=DAY), seen, event())
    assert [each.agency_code for each in (await found(stores)).posts] == ["G10", "G10.01"]


@pytest.mark.parametrize("prolongs", [True, False])
async def test_a_post_to_come_is_put_off_and_the_one_before_goes_on_where_that_is_said(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock, *, prolongs: bool
) -> None:
    clerk = replace(post(clock), roles=("clerk",))
    await stores.officers.give_post(WHO, clerk, officer.version, event())
    await stores.officers.give_post(WHO, post(clock, "G11", DAY), (await found(stores)).version, event())
    await put_off(stores, post(clock, "G10", 2 * DAY), prolongs=prolongs)
    clock.seconds += DAY
    assert await held(stores) == ("G10.01" if prolongs else None)
    clock.seconds += DAY
    assert await held(stores) == "G10"
    assert [each.roles for each in (await found(stores)).posts] == [("proofing_officer",), ("clerk",)]


async def test_no_administrative_role_goes_on_until_a_post_that_is_put_off(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    began, now = officer.posts[0].held_from, clock.now()
    mixed = replace(post(clock, ends_in=DAY), roles=("clerk", "proofing_officer", "agency_admin"))
    await stores.officers.give_post(WHO, mixed, officer.version, event())
    await stores.officers.give_post(WHO, post(clock, starts_in=DAY), (await found(stores)).version, event())
    for days in (9, 5, 7):
        await put_off(stores, post(clock, starts_in=days * DAY), prolongs=True)
    assert [(each.roles, each.held_from, each.held_to) for each in (await found(stores)).posts] == [
        (("proofing_officer",), now + 7 * DAY, None),
        (("clerk",), now + DAY, now + 7 * DAY),
        (("clerk", "proofing_officer", "agency_admin"), began, now + DAY),
    ]


async def test_whoever_leaves_is_locked_at_once_and_comes_back_by_a_new_post(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    clock.seconds += 5
    await stores.officers.leave(WHO, (await found(stores)).version, clock.now(), event("left"))
    assert await held(stores) is None
    gone = await found(stores)
    assert gone.status is AccountStatus.LOCKED
    assert await stores.officers.of_agency("G10.01", clock.now()) == ()
    account = await stores.accounts.get(WHO)
    assert account
    assert account.sessions_valid_from > clock.now()
    clock.seconds += DAY
    await stores.officers.give_post(WHO, post(clock), gone.version, event("added"))
    assert (await found(stores)).status is AccountStatus.ACTIVE
    assert await held(stores) == "G10.01"


async def test_nobody_leaves_is_suspended_let_in_again_or_renamed_who_was_given_another_post_since(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    officers, now = stores.officers, clock.now()
    suspension = NewLock(ground=LockGround.SUSPENDED)
    ended = LockEnded(origin=EVENT.origin, account_id=WHO, ground=LockGround.SUSPENDED.value)
    await noted(stores, officer, "E-1", now)
    await officers.suspend(WHO, suspension, officer.version, now, event("suspended"))
    clock.seconds += 5
    await officers.give_post(WHO, post(clock, "G11"), officer.version, event("moved"))
    before = await found(stores)
    for act in (
        officers.leave(WHO, officer.version, now, event("left")),
        stores.provisioned_officers.change(WHO, officer.version, [Leaving(event("left"))], now),
        stores.provisioned_officers.change(WHO, officer.version, [Noted(CLIENT, "G10", None)], now),
        officers.suspend(WHO, suspension, officer.version, now, event("suspended")),
        officers.resume(WHO, [""], officer.version, now, ended),
        renamed(stores, officer, "renamed"),
    ):
        with pytest.raises(PostChangedError):
            await act
    assert await found(stores) == before
    assert await stores.provisioned_officers.find_external(CLIENT, "E-1") == WHO

    await officers.resume(WHO, ["", "other"], before.version, now, ended)
    assert (await found(stores)).status is AccountStatus.ACTIVE
    parts = (Leaving(event("left")), Noted(CLIENT, "G10", None))
    await stores.provisioned_officers.change(WHO, before.version, parts, clock.now())
    assert await held(stores) is None
    assert await stores.provisioned_officers.find_external(CLIENT, "E-1") is None


async def test_what_would_begin_from_a_moment_on_never_will_be_and_what_is_held_goes_on(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    began, now = officer.posts[0].held_from, clock.now()
    for agency, days in (("G10", 1), ("G11", 2), ("G11", 3)):
        seen = (await found(stores)).version
        await stores.officers.give_post(WHO, post(clock, agency, days * DAY), seen, event())
    seen, only_from = (await found(stores)).version, Seconds(now + 2 * DAY)
    await stores.provisioned_officers.change(WHO, seen, [Leaving(event("left"), only_from)], now)
    after = await found(stores)
    assert after.status is AccountStatus.ACTIVE
    assert [(each.agency_code, each.held_from, each.held_to) for each in after.posts] == [
        ("G10", now + DAY, now + 2 * DAY),
        ("G10.01", began, now + DAY),
    ]
    clock.seconds += 2 * DAY
    assert await held(stores) is None


async def test_whoever_comes_back_has_the_username_and_the_post_or_neither(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    officers = stores.officers
    clock.seconds += 5
    await officers.leave(WHO, officer.version, clock.now(), event("left"))
    clock.seconds += 5
    gone = await found(stores)
    events = (event("renamed"), event("joined"))
    with pytest.raises(UnknownAgencyError):
        await officers.come_back(gone, "back", post(clock, "G99"), *events)
    with pytest.raises(PostChangedError):
        await officers.come_back(replace(gone, posts=()), "back", post(clock), *events)
    assert (await found(stores)) == gone
    assert await officers.find("back") is None
    await officers.come_back(gone, "back", post(clock), *events)
    back = await found(stores)
    assert (back.username, back.status) == ("back", AccountStatus.ACTIVE)


async def test_of_50_who_saw_the_same_username_one_renames(stores: Stores, officer: OfficerAccount) -> None:
    renaming = [renamed(stores, officer, f"name{number}") for number in range(50)]
    answers = await asyncio.gather(*renaming, return_exceptions=True)
    assert answers.count(None) == 1
    assert sum(isinstance(answer, PostChangedError) for answer in answers) == 49
    named = [number for number in range(50) if await stores.officers.find(f"name{number}") is not None]
    assert [f"name{number}" for number in named] == [(await found(stores)).username]


async def test_who_has_no_post_any_more_is_locked_and_whoever_moved_is_not(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    second = await new(stores, clock, 2)
    await stores.officers.add(second, event())
    await stores.officers.end_post(WHO, officer.version, Seconds(clock.now() + DAY), event())
    mover = await found(stores, second.account_id)
    await stores.officers.give_post(second.account_id, post(clock, "G11", starts_in=DAY), mover.version, event())
    assert await stores.officers.settle(clock.now(), 10, EVENT.origin) == 0
    clock.seconds += DAY
    assert await stores.officers.settle(clock.now(), 10, EVENT.origin) == 2
    assert await stores.officers.settle(clock.now(), 10, EVENT.origin) == 0
    assert (await found(stores)).status is AccountStatus.LOCKED
    assert (await found(stores, second.account_id)).status is AccountStatus.ACTIVE


async def test_an_agency_lists_those_who_hold_a_post_or_will(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    await stores.officers.give_post(WHO, post(clock, "G11", starts_in=DAY), officer.version, event())
    for code in ("G10.01", "G11"):
        (listed,) = await stores.officers.of_agency(code, clock.now())
        assert [each.agency_code for each in listed.posts] == [code]
    clock.seconds += DAY
    assert await stores.officers.of_agency("G10.01", clock.now()) == ()


async def test_another_system_sees_the_officers_of_its_subtree(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    provisioned = stores.provisioned_officers
    for root, reached in (("G10", True), ("G10.01", True), ("G10.01.02", False), ("G11", False)):
        one = await provisioned.get(WHO, root)
        assert (one is not None) is reached
        total, page = await provisioned.page(root, 0, 10)
        assert (total, [each.officer for each in page]) == ((1, [officer]) if reached else (0, []))
    assert (await provisioned.page("G10", 1, 10))[1] == ()
    # Whoever is to move belongs to the one who waits.
    await stores.officers.give_post(WHO, post(clock, "G11", starts_in=DAY), officer.version, event())
    assert await provisioned.get(WHO, "G10") is None
    assert await provisioned.get(WHO, "G11") is not None
    await stores.officers.leave(WHO, (await found(stores)).version, clock.now(), event("left"))
    assert await provisioned.get(WHO, "G11") is None


async def test_what_a_client_calls_an_officer_is_unique_for_that_client(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    provisioned = stores.provisioned_officers
    second = await new(stores, clock, 2)
    await stores.officers.add(second, event())
    await noted(stores, officer, "E-1", clock.now())
    await noted(stores, officer, "E-1", clock.now())
    assert await provisioned.find_external(CLIENT, "E-1") == WHO
    assert await provisioned.find_external(ClientId("other"), "E-1") is None
    with pytest.raises(ExternalIdTakenError):
        await noted(stores, await found(stores, second.account_id), "E-1", clock.now())
    one = await provisioned.get(WHO, "G10")
    assert one
    assert (one.client_id, one.external_id, one.changed_at) == (CLIENT, "E-1", clock.now())
    await noted(stores, officer, None, clock.now())
    assert await provisioned.find_external(CLIENT, "E-1") is None


@pytest.mark.parametrize("how", ["left", "ran out", "moved"])
async def test_whom_a_client_does_not_see_any_more_gives_up_what_it_was_called(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock, how: str
) -> None:
    second = await new(stores, clock, 2)
    await stores.officers.add(second, event())
    await noted(stores, officer, "E-1", clock.now())
    clock.seconds += 5
    if how == "left":
        await stores.officers.leave(WHO, officer.version, clock.now(), event("left"))
    elif how == "ran out":
        await stores.officers.end_post(WHO, officer.version, Seconds(clock.now() + DAY), event())
        clock.seconds += DAY
    else:
        await stores.officers.give_post(WHO, post(clock, "G11"), officer.version, event("moved"))
    await noted(stores, await found(stores, second.account_id), "E-1", clock.now())
    assert await stores.provisioned_officers.find_external(CLIENT, "E-1") == second.account_id
    before = await stores.provisioned_officers.get(WHO, "G11")
    assert before is None or before.external_id is None


async def test_parts_of_a_change_happen_together_or_not_at_all(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    second = await new(stores, clock, 2)
    await stores.officers.add(second, event(), [Noted(CLIENT, "G10", "E-2")])
    before = [each.name async for each in stores.audit_log.records()], await found(stores)
    parts = (
        PostGiven(post(clock, "G10"), event("moved")),
        Suspended(NewLock(ground=LockGround.SUSPENDED), event("suspended")),
        Renamed(officer.username, "another", event("renamed")),
        Noted(CLIENT, "G10", "E-1"),
    )
    change = stores.provisioned_officers.change
    for at, refused, error in (
        (0, PostGiven(post(clock, "G99"), event("moved")), UnknownAgencyError),
        (2, Renamed(officer.username, second.username, event("renamed")), UsernameTakenError),
        (2, Renamed("somebody", "another", event("renamed")), PostChangedError),
        (3, Noted(CLIENT, "G10", "E-2"), ExternalIdTakenError),
    ):
        with pytest.raises(error):
            await change(WHO, officer.version, (*parts[:at], refused, *parts[at + 1 :]), clock.now())
        assert ([each.name async for each in stores.audit_log.records()], await found(stores)) == before
        assert await stores.provisioned_officers.find_external(CLIENT, "E-1") is None
    clock.seconds += 5
    await change(WHO, officer.version, (PostGiven(post(clock, "G10"), event("moved")), *parts[1:]), clock.now())
    after = await found(stores)
    assert (after.username, after.status, after.posts[0].agency_code) == ("another", AccountStatus.LOCKED, "G10")
    assert await stores.provisioned_officers.find_external(CLIENT, "E-1") == WHO


async def test_of_50_who_are_to_be_called_the_same_one_is(
    stores: Stores, officer: OfficerAccount, clock: TurnedClock
) -> None:
    second = await new(stores, clock, 2)
    await stores.officers.add(second, event())
    both = (officer, await found(stores, second.account_id))
    noting = [noted(stores, both[number % 2], "E-1", clock.now()) for number in range(50)]
    answers = await asyncio.gather(*noting, return_exceptions=True)
    assert (answers.count(None), sum(isinstance(each, ExternalIdTakenError) for each in answers)) == (25, 25)


async def put_off(stores: Stores, wanted: NewPost, *, prolongs: bool) -> None:
    part = PostGiven(wanted, event(), instead=True, prolongs=prolongs)
    now = (await found(stores)).created_at
    await stores.provisioned_officers.change(WHO, (await found(stores)).version, [part], now)


async def noted(stores: Stores, officer: OfficerAccount, external_id: str | None, now: Seconds) -> None:
    parts = [Noted(CLIENT, "G10", external_id)]
    await stores.provisioned_officers.change(officer.account_id, officer.version, parts, now)


async def renamed(stores: Stores, officer: OfficerAccount, username: str) -> None:
    parts = [Renamed(officer.username, username, event("renamed"))]
    await stores.provisioned_officers.change(officer.account_id, officer.version, parts, officer.created_at)


async def test_a_post_that_was_stored_without_bounds_is_read_and_written_within_them(
    stores: Stores, clock: TurnedClock, officer: OfficerAccount
) -> None:
    for ends_in in (253_402_300_799, 253_402_343_999, 2**62):
        beyond = replace(post(clock), held_to=Seconds(ends_in))
        await stores.officers.give_post(WHO, beyond, (await found(stores)).version, event("moved"))
        assert (await found(stores)).posts[0].held_to is None
        (record,) = [each async for part in stores.records.export() for each in part.officers]
        assert (record.held_from, record.held_to) == (None, None)
        clock.seconds += 1
    never = replace(post(clock), held_from=Seconds(10**13))
    await stores.officers.give_post(WHO, never, (await found(stores)).version, event("moved"))
    (record,) = [each async for part in stores.records.export() for each in part.officers]
    assert (await found(stores)).posts[0].held_from == LATEST
    assert record.held_from == day_of(LATEST)


async def test_a_post_for_whoever_held_the_account_is_not_given_after_it_was_taken_over(
    stores: Stores, clock: TurnedClock, officer: OfficerAccount
) -> None:
    seen = officer.holder_version
    link = new_link(WHO, TokenHash(b"t" * 32), clock.now())
    await stores.activation_links.put(link, event("link"), lends_roles=True)
    assert (await found(stores)).holder_version == seen
    assert await stores.activation_links.redeem(link.token_hash, "hash", clock.now(), EVENT.origin)
    clock.seconds += 1
    with pytest.raises(PostChangedError):
        await stores.officers.give_post(WHO, post(clock), seen, event("moved"))
    now = await found(stores)
    assert (now.taken_over_at, now.version) == (clock.now() - 1, officer.version)
    await stores.officers.give_post(WHO, post(clock), now.holder_version, event("moved"))


async def test_importing_what_was_exported_changes_no_post(
    stores: Stores, clock: TurnedClock, officer: OfficerAccount
) -> None:
    """Whatever the moments: a file tells days."""

    async def unchanged() -> None:
        (record,) = [each async for part in stores.records.export() for each in part.officers]
        assert record.held_to is None or record.held_from is None or record.held_from < record.held_to
        before = await found(stores)
        assert (await stores.records.load(Records(officers=(record,)), EVENT)).unchanged == 1
        assert await found(stores) == before

    clock.seconds = beginning_of(day_of(clock.now())) + DAY + 600
    for starts_in, ends_in in ((0, None), (1, 60), (2, DAY), (DAY, None), (2 * DAY, 3 * DAY)):
        wanted = post(clock, starts_in=starts_in, ends_in=ends_in)
        await stores.officers.give_post(WHO, wanted, (await found(stores)).version, event("moved"), instead=False)
        await unchanged()
    clock.seconds += 2 * DAY + 60
    await stores.officers.leave(WHO, (await found(stores)).version, clock.now(), event("left"))
    clock.seconds += 60
    await unchanged()
    assert (await found(stores)).status is AccountStatus.LOCKED


async def test_an_export_counts_the_posts_that_it_does_not_tell(
    stores: Stores, clock: TurnedClock, officer: OfficerAccount
) -> None:
    counted = []
    for days in (0, 1, 2):
        wanted = post(clock, starts_in=days * DAY + 1)
        await stores.officers.give_post(WHO, wanted, (await found(stores)).version, event("moved"))
        counted += [each.untold async for part in stores.records.export() for each in part.officers]
    clock.seconds += DAY + 1
    counted += [each.untold async for part in stores.records.export() for each in part.officers]
    assert counted == [1, 2, 3, 1]
