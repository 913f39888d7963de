import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import cast

import pytest

from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.account_lock import LockGround
from idp.domain.events import OfficerChanged
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.administration import Role
from idp.domain.offices.officer import NewPost, OfficerAccount
from idp.domain.records import Records
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import (
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
    TooManyLookUpsError,
)
from idp.journeys.administration.officers import PAGE
from idp.journeys.joining import Joiner
from idp.journeys.throttling import LOOK_UPS
from idp.ports.officers import Officers
from tests.journeys.administration.office import AN, DAY, Office, admin
from tests.ports.samples import EVENT, officer, person

SECURITY = admin("security", "G10", Role.SECURITY_ADMIN)
CUONG = "cuong@g10.example.vn"
AGENCY = admin("agency", "G10", Role.AGENCY_ADMIN)
OTHER = admin("other", "G11", Role.AGENCY_ADMIN)
AUDITOR = admin("auditor", "G10", Role.AUDITOR)


def post(at: Office, agency: str = "G10.01", starts_in: int = 0, **more: object) -> NewPost:
    return NewPost(
        agency_code=agency,
        position="Chuyên viên",
        roles=(),
        held_from=Seconds(at.now + starts_in),
        **more,  # type: ignore[arg-type]
    )


def joiner(**changes: str) -> Joiner:
    return Joiner(**{"personal_number": AN, "name": "nguyễn  văn AN", "username": "an@g10.example.vn", **changes})


async def joined(at: Office) -> OfficerAccount:
    account_id, _ = await at.officers.join(AGENCY, joiner(), post(at))
    return await at.officer(account_id)


async def test_a_joiner_has_an_account_beside_the_citizens_and_a_link(office: Office) -> None:
    account_id, link = await office.officers.join(AGENCY, joiner(), post(office))
    assert link.startswith("/activate/")
    made = await office.officer(account_id)
    assert (made.name, made.has_password, made.posts[0].roles) == ("Nguyễn Văn An", False, ())
    told = str(await office.stage.events("officer.changed"))
    assert account_id in told
    assert "Nguy" not in told


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"name": "Nguyễn Văn Ân"}, "personal_number", "no_such_person"),
        ({"personal_number": "001099000099"}, "personal_number", "no_such_person"),
        ({"personal_number": "12"}, "personal_number", "malformed"),
        ({"username": "x"}, "username", "malformed"),
        ({"username": "cuong@g10.example.vn"}, "username", "taken"),
        ({"personal_number": "001085000003", "name": "Lê Văn Cường"}, "personal_number", "already_officer"),
    ],
)
async def test_who_cannot_join_is_refused(office: Office, changes: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(InvalidEntryError) as refused:
        await office.officers.join(AGENCY, joiner(**changes), post(office))
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert not await office.stage.events("officer.changed")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Nguyễn Văn Ân"},
        {"username": "cuong@g10.example.vn"},
        {"personal_number": "001085000003", "name": "Lê Văn Cường"},
    ],
)
async def test_joiners_who_are_refused_take_look_ups_and_leave_a_trace(office: Office, changes: dict[str, str]) -> None:
    for _ in range(LOOK_UPS):
        with pytest.raises(InvalidEntryError):
            await office.officers.join(AGENCY, joiner(**changes), post(office))
    assert len(await office.stage.events("administration.refused")) == LOOK_UPS
    with pytest.raises(TooManyLookUpsError):
        await office.officers.join(AGENCY, joiner(**changes), post(office))
    assert (await joined(office)).username == "an@g10.example.vn"


async def test_an_agency_has_to_exist_on_the_day(office: Office) -> None:
    for agency, days in (("G10.99", {}), ("G10.02", {}), ("G10.01", {"held_to": Seconds(office.now)})):
        with pytest.raises(InvalidEntryError):
            await office.officers.join(SECURITY, joiner(), post(office, agency, **days))


async def test_another_agency_is_out_of_reach(office: Office) -> None:
    one = await joined(office)
    with pytest.raises(NotAllowedError):
        await office.officers.join(AGENCY, joiner(), post(office, "G11"))
    with pytest.raises(NotAllowedError):
        await office.officers.listed(OTHER, "G10")
    for act in (
        office.officers.find(OTHER, one.account_id),
        office.officers.move(OTHER, one.account_id, one.version, post(office, "G11")),
        office.officers.move(AGENCY, one.account_id, one.version, post(office, "G11")),
        office.officers.end(OTHER, one.account_id, one.version, None),
        office.officers.reset(OTHER, one.account_id),
        office.officers.suspend(OTHER, one.account_id, suspended=True),
        office.officers.keep_roles(OTHER, one.account_id, one.version, frozenset()),
        office.officers.reset(AUDITOR, one.account_id),
    ):
        with pytest.raises(NotAllowedError):
            await act
    with pytest.raises(NotFoundError):
        await office.officers.find(SECURITY, AccountId("nobody"))
    assert await office.officer(one.account_id) == one


async def test_whoever_belongs_to_no_agency_reaches_none_by_a_role_within_one(office: Office) -> None:
    nowhere = admin("nowhere", "", Role.AGENCY_ADMIN)
    for code in ("", "G10"):
        with pytest.raises(NotAllowedError):
            await office.officers.listed(nowhere, code)


async def test_a_mover_leaves_the_roles_behind(office: Office) -> None:
    cuong = await office.named("cuong@g10.example.vn")
    assert cuong.posts[0].roles == ("proofing_officer",)
    await office.officers.move(AGENCY, cuong.account_id, cuong.version, post(office, "G10.01", starts_in=DAY))
    moved = await office.officer(cuong.account_id)
    assert [each.agency_code for each in moved.posts] == ["G10.01", "G10"]
    assert moved.posts[0].roles == ()
    assert moved.post_at(Seconds(office.now)) == moved.posts[1]
    with pytest.raises(ChangedMeanwhileError):
        await office.officers.move(AGENCY, cuong.account_id, cuong.version, post(office))


async def test_roles_are_taken_at_once(office: Office) -> None:
    cuong = await office.named("cuong@g10.example.vn")
    office.stage.clock.advance(1)
    await office.officers.keep_roles(AGENCY, cuong.account_id, cuong.version, frozenset())
    profile = await office.stage.stores.accounts.profile(cuong.account_id)
    assert profile
    assert profile.officer
    assert profile.officer.roles == ()


async def test_roles_are_taken_and_the_post_to_come_stays(office: Office) -> None:
    cuong = await office.named("cuong@g10.example.vn")
    await office.officers.move(AGENCY, cuong.account_id, cuong.version, post(office, "G10.01", starts_in=DAY))
    later = await office.officer(cuong.account_id)
    office.stage.clock.advance(1)
    await office.officers.keep_roles(AGENCY, cuong.account_id, later.version, frozenset())
    after = await office.officer(cuong.account_id)
    assert [(each.agency_code, each.roles) for each in after.posts[:2]] == [("G10.01", ()), ("G10", ())]
    assert after.posts[1].held_to == after.posts[0].held_from == later.posts[0].held_from
    with pytest.raises(ChangedMeanwhileError):
        await office.officers.keep_roles(AGENCY, cuong.account_id, later.version, frozenset())


@pytest.mark.parametrize("days", [0, 1, 2])
async def test_a_mover_does_not_begin_what_was_to_begin_later(office: Office, days: int) -> None:
    cuong = await office.named("cuong@g10.example.vn")
    office.stage.clock.advance(1)
    for agency, starts_in in (("G10.01", 2 * DAY), ("G10", days * DAY)):
        seen = (await office.officer(cuong.account_id)).version
        await office.officers.move(AGENCY, cuong.account_id, seen, post(office, agency, starts_in=starts_in))
    assert [each.agency_code for each in (await office.officer(cuong.account_id)).posts] == ["G10", "G10"]


async def test_a_post_to_come_beyond_reach_is_neither_cancelled_nor_ended(office: Office) -> None:
    cuong = await office.named(CUONG)
    begins = Seconds(office.now + 2 * DAY)
    await office.officers.move(SECURITY, cuong.account_id, cuong.version, post(office, "G11", starts_in=2 * DAY))
    seen = (await office.officer(cuong.account_id)).version
    office.stage.clock.advance(1)
    for act in (
        office.officers.move(AGENCY, cuong.account_id, seen, post(office, starts_in=3 * DAY)),
        office.officers.end(AGENCY, cuong.account_id, seen, Seconds(begins + DAY)),
        office.officers.end(AGENCY, cuong.account_id, seen, begins),
    ):
        with pytest.raises(NotAllowedError):
            await act
    await office.officers.move(AGENCY, cuong.account_id, seen, post(office))
    posts = (await office.officer(cuong.account_id)).posts
    assert [(each.agency_code, each.held_to) for each in posts] == [
        ("G11", None),
        ("G10.01", begins),
        ("G10", office.now),
    ]


async def test_a_post_to_come_beyond_reach_stays_where_another_one_follows_it(office: Office) -> None:
    cuong = await office.named(CUONG)
    began, now = cuong.posts[0].held_from, office.now
    for agency, starts_in in (("G11", 2 * DAY), ("G10", 4 * DAY)):
        seen = (await office.officer(cuong.account_id)).version
        await office.officers.move(SECURITY, cuong.account_id, seen, post(office, agency, starts_in=starts_in))
    before = await office.officer(cuong.account_id)
    with pytest.raises(NotAllowedError):
        await office.officers.move(AGENCY, cuong.account_id, before.version, post(office, starts_in=3 * DAY))
    await office.officers.move(AGENCY, cuong.account_id, before.version, post(office, starts_in=DAY))
    posts = (await office.officer(cuong.account_id)).posts
    assert [(each.agency_code, each.held_from, each.held_to) for each in posts] == [
        ("G10", now + 4 * DAY, None),
        ("G11", now + 2 * DAY, now + 4 * DAY),
        ("G10.01", now + DAY, now + 2 * DAY),
        ("G10", began, now + DAY),
    ]


async def test_an_agencys_administrator_leaves_those_with_wider_roles_alone(office: Office) -> None:
    auditor = await office.named("auditor@g10.example.vn")
    for act in (
        office.officers.end(AGENCY, auditor.account_id, auditor.version, None),
        office.officers.reset(AGENCY, auditor.account_id),
        office.officers.keep_roles(AGENCY, auditor.account_id, auditor.version, frozenset()),
        office.officers.suspend(AGENCY, auditor.account_id, suspended=True),
    ):
        with pytest.raises(NotAllowedError):
            await act


async def test_a_leaver_has_nothing_left(office: Office) -> None:
    one = await joined(office)
    office.stage.clock.advance(5)
    await office.officers.end(AGENCY, one.account_id, one.version, None)
    gone = await office.officer(one.account_id)
    assert gone.status is AccountStatus.LOCKED
    assert gone.post_at(Seconds(office.now)) is None
    with pytest.raises(InvalidEntryError):
        await office.officers.join(AGENCY, joiner(username="cuong@g10.example.vn"), post(office))
    again, _ = await office.officers.join(AGENCY, joiner(username="an2@g10.example.vn"), post(office))
    assert again == one.account_id
    back = await office.officer(again)
    assert (back.status, back.username, len(back.posts)) == (AccountStatus.ACTIVE, "an2@g10.example.vn", 2)


async def test_a_post_can_end_on_a_day_to_come(office: Office) -> None:
    one = await joined(office)
    await office.officers.end(AGENCY, one.account_id, one.version, Seconds(office.now + DAY))
    assert (await office.officer(one.account_id)).status is AccountStatus.ACTIVE
    office.stage.clock.advance(DAY)
    assert (await office.officer(one.account_id)).post_at(Seconds(office.now)) is None


async def test_one_administrator_alone_puts_no_end_off(office: Office) -> None:
    one = await joined(office)
    ends = Seconds(office.now + DAY)
    await office.officers.end(AGENCY, one.account_id, one.version, ends)
    with pytest.raises(ChangedMeanwhileError):
        await office.officers.end(AGENCY, one.account_id, one.version, Seconds(ends + DAY))
    assert (await office.officer(one.account_id)).posts[0].held_to == ends


async def test_a_link_is_never_lent_by_a_role(office: Office) -> None:
    one = await joined(office)
    assert (await office.officers.reset(AGENCY, one.account_id)).startswith("/activate/")
    cuong = await office.named("cuong@g10.example.vn")
    for who in (AGENCY, SECURITY):
        with pytest.raises(InvalidEntryError) as refused:
            await office.officers.reset(who, cuong.account_id)
        assert refused.value.reason == "held"


async def test_a_suspended_officer_is_given_no_link(office: Office) -> None:
    one = await joined(office)
    await office.officers.suspend(AGENCY, one.account_id, suspended=True)
    with pytest.raises(InvalidEntryError, match="account_locked"):
        await office.officers.reset(AGENCY, one.account_id)
    await office.officers.suspend(AGENCY, one.account_id, suspended=False)
    assert (await office.officers.reset(AGENCY, one.account_id)).startswith("/activate/")


async def test_nobody_is_let_in_while_suspended(office: Office) -> None:
    one = await joined(office)
    await office.officers.suspend(AGENCY, one.account_id, suspended=True)
    assert (await office.officer(one.account_id)).status is AccountStatus.LOCKED
    await office.officers.suspend(AGENCY, one.account_id, suspended=False)
    assert (await office.officer(one.account_id)).status is AccountStatus.ACTIVE
    (ended,) = await office.stage.events("account.lock_ended")
    assert '"by":"agency"' in ended


async def test_administrators_neither_end_nor_suspend_themselves(office: Office) -> None:
    agency = await office.named("agency@g10.example.vn")
    own = admin(agency.account_id, "G10", Role.AGENCY_ADMIN)
    with pytest.raises(NotAllowedError):
        await office.officers.end(own, agency.account_id, agency.version, None)
    with pytest.raises(NotAllowedError):
        await office.officers.suspend(own, agency.account_id, suspended=True)


async def test_officers_stand_by_given_name_in_vietnamese_order_and_come_in_pages(office: Office) -> None:
    names = [f"Trần Văn {letter}{number:02}" for number in range(18) for letter in "ĐDÂ"]
    people = tuple(
        person(
            500 + number,
            claims={"name": name, "given_name": name.rpartition(" ")[2]},
            email=None,
            phone_number=None,
            password_hash=None,
        )
        for number, name in enumerate(names)
    )
    staff = tuple(officer(500 + number, agency="G10.01") for number in range(len(names)))
    await office.stage.stores.records.load(Records(people=people, officers=staff), EVENT)
    first = await office.officers.listed(AGENCY, "G10.01")
    assert len(first.officers) == PAGE
    assert first.next
    second = await office.officers.listed(AGENCY, "G10.01", first.next)
    assert second.next is None
    told = [one.given_name for one in (*first.officers, *second.officers) if one.given_name]
    order = "ÂDĐ"
    assert told == sorted(told, key=lambda name: (order.index(name[0]), name))
    assert len(told) == len(names)


async def test_of_50_moves_at_once_one_counts(office: Office) -> None:
    one = await joined(office)

    async def move(number: int) -> bool:
        try:
            await office.officers.move(AGENCY, one.account_id, one.version, post(office, starts_in=number + 1))
        except ChangedMeanwhileError:
            return False
        return True

    assert sum(await asyncio.gather(*map(move, range(50)))) == 1


async def test_nobody_ends_or_suspends_whom_somebody_else_moved_meanwhile(office: Office) -> None:
    one, officers = await office.named(CUONG), office.stage.stores.officers
    event = OfficerChanged(origin=AGENCY.origin, account_id=one.account_id, change="moved")

    class MovedMeanwhile:
        """Read by us, and at once moved to another ministry by somebody else."""

        def __getattr__(self, name: str) -> object:
            return getattr(officers, name)

        async def get(self, account_id: AccountId) -> OfficerAccount:
            seen = await office.officer(account_id)
            office.stage.clock.advance(1)
            await officers.give_post(account_id, post(office, "G11"), seen.version, event)
            return seen

    office.officers._officers = cast("Officers", MovedMeanwhile())
    acts: list[Callable[[str], Awaitable[None]]] = [
        lambda _: office.officers.suspend(AGENCY, one.account_id, suspended=True),
        lambda _: office.officers.suspend(AGENCY, one.account_id, suspended=False),
        lambda seen: office.officers.end(AGENCY, one.account_id, seen, None),
    ]
    for act in acts:
        before = await office.officer(one.account_id)
        await officers.give_post(one.account_id, post(office), before.version, event)
        seen = (await office.officer(one.account_id)).version
        with pytest.raises(ChangedMeanwhileError):
            await act(seen)
        office.stage.clock.advance(1)
        after = await office.officer(one.account_id)
        standing = after.post_at(office.now)
        assert standing
        assert (after.status, standing.agency_code) == (AccountStatus.ACTIVE, "G11")


async def test_a_suspension_from_above_is_ended_from_there_alone(office: Office) -> None:
    one = await office.named("cuong@g10.example.vn")
    for who in (SECURITY, AGENCY):
        await office.officers.suspend(who, one.account_id, suspended=True)
    with pytest.raises(NotAllowedError):
        await office.officers.suspend(AGENCY, one.account_id, suspended=False)
    assert (await office.officer(one.account_id)).status is AccountStatus.LOCKED
    assert "suspended_from_above" in str(await office.stage.events("administration.refused"))
    await office.officers.suspend(SECURITY, one.account_id, suspended=False)
    assert (await office.officer(one.account_id)).status is AccountStatus.ACTIVE


@pytest.mark.parametrize("who", [AGENCY, SECURITY])
async def test_what_an_operator_suspended_no_administrator_ends(office: Office, who: Administrator) -> None:
    one = await office.named(CUONG)
    ground, reason = LockGround.SUSPENDED, RevocationReason.ACCOUNT_LOCKED
    accounts, event = office.stage.stores.accounts, EVENT
    await accounts.set_locked(one.account_id, locked=True, now=office.now, reason=reason, event=event, ground=ground)
    await office.officers.suspend(who, one.account_id, suspended=True)
    with pytest.raises(NotAllowedError):
        await office.officers.suspend(who, one.account_id, suspended=False)
    assert "suspended_from_above" in str(await office.stage.events("administration.refused"))
    assert len(await office.officers.locks_of(one.account_id)) == 2
    await accounts.set_locked(one.account_id, locked=False, now=office.now, reason=reason, event=event)
    assert (await office.officer(one.account_id)).status is AccountStatus.LOCKED
    await office.officers.suspend(who, one.account_id, suspended=False)
    assert (await office.officer(one.account_id)).status is AccountStatus.ACTIVE


@pytest.mark.parametrize("position", ["", " ", "x" * 201, "x\n\u202ey\x00", "\u3164"])
async def test_a_position_is_a_line_that_can_be_read(office: Office, position: str) -> None:
    one = await office.named("cuong@g10.example.vn")
    with pytest.raises(InvalidEntryError) as refused:
        await office.officers.move(AGENCY, one.account_id, one.version, replace(post(office), position=position))
    assert (refused.value.field, refused.value.reason) == ("position", "malformed")


async def test_a_suspension_says_which_office_suspended_and_why(office: Office) -> None:
    one = await office.named(CUONG)
    await office.officers.suspend(AGENCY, one.account_id, suspended=True, reason="security")
    (held,) = await office.officers.locks_of(one.account_id)
    assert (held.ground, held.authority, held.reason, held.since) == (
        LockGround.SUSPENDED,
        "G10",
        "security",
        office.now,
    )
    (told,) = await office.stage.events("officer.changed")
    assert "security" in str(told)
    await office.officers.suspend(AGENCY, one.account_id, suspended=False)
    assert await office.officers.locks_of(one.account_id) == ()


@pytest.mark.parametrize("reason", ["", "he drinks"])
async def test_a_suspension_has_a_reason_of_the_list(office: Office, reason: str) -> None:
    one = await office.named(CUONG)
    with pytest.raises(InvalidEntryError) as refused:
        await office.officers.suspend(AGENCY, one.account_id, suspended=True, reason=reason)
    assert (refused.value.field, refused.value.reason) == ("reason", "missing")
    assert await office.officers.locks_of(one.account_id) == ()
