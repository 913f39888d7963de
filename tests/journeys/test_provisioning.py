from dataclasses import replace

import pytest

from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.account_lock import LockGround, NewLock, Suspender
from idp.domain.events import LockEnded, OfficerChanged
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.offices.officer import OfficerAccount
from idp.journeys.joining import EntryRefusedError, Joiner, Joining
from idp.journeys.provisioned_post import WantedOfficer
from idp.journeys.provisioning import OutOfReachError, Provisioner, Provisioning
from idp.journeys.throttling import SlowDownError
from idp.ports.officers import PostChangedError, Provisioned
from tests.journeys.stage import AN, ORIGIN, Stage

DAY = 24 * 3600
BY = Provisioner(client_id=ClientId("personnel"), root="G10", origin=ORIGIN)


class Room:
    """Provisioning on the stage's stores, and an officer who joined by it."""

    def __init__(self, stage: Stage) -> None:
        stores = stage.stores
        self.stage = stage
        self.provisioning = Provisioning(
            officers=stores.officers,
            provisioned=stores.provisioned_officers,
            joining=Joining(stores.officers, stores.identity_records, stage.clock, stage.entropy),
            agencies=stores.agencies,
            tree=stores.agency_tree,
            throttling=stage.throttling,
            clock=stage.clock,
        )

    async def join(self, **changes: object) -> AccountId:
        return await self.provisioning.join(BY, wanted(**changes))

    async def known(self, account_id: AccountId) -> Provisioned:
        found = await self.provisioning.find(BY, account_id)
        assert found
        return found

    async def change(self, account_id: AccountId, **changes: object) -> Provisioned | None:
        await self.provisioning.change(BY, await self.known(account_id), wanted(joiner=None, **changes))
        return await self.provisioning.find(BY, account_id)


def wanted(**changes: object) -> WantedOfficer:
    told = {
        "username": "an@g10.vn",
        "agency_code": "G10.01",
        "position": "Chuyên viên",
        "active": True,
        "joiner": Joiner(personal_number=AN, name="Nguyễn Văn An", username="an@g10.vn"),
        **changes,
    }
    return WantedOfficer(**told)  # type: ignore[arg-type]


@pytest.fixture
def room(stage: Stage) -> Room:
    return Room(stage)


async def test_a_joiner_has_no_roles_and_a_leaver_nothing(room: Room) -> None:
    account_id = await room.join(external_id="E-1")
    one = await room.known(account_id)
    assert (one.external_id, one.officer.posts[0].roles) == ("E-1", ())
    room.stage.clock.advance(1)
    await room.provisioning.leave(BY, one)
    assert await room.provisioning.find(BY, account_id) is None
    assert await room.join(external_id="E-1") == account_id


async def test_a_post_can_begin_and_end_on_days_to_come(room: Room) -> None:
    now = room.stage.clock.now()
    start, end = Seconds(now + DAY), Seconds(now + 2 * DAY)
    account_id = await room.join(held_from=start, held_to=end)
    profile = await room.stage.stores.accounts.profile(account_id)
    assert profile
    assert profile.officer is None
    later = await room.change(account_id, held_from=Seconds(start + 60), held_to=end)
    assert later
    (post,) = later.officer.posts
    assert (post.held_from, post.held_to) == (start + 60, end)
    room.stage.clock.advance(2 * DAY)
    assert await room.provisioning.find(BY, account_id) is None


async def test_an_end_is_put_off_brought_forward_or_now(room: Room) -> None:
    now = room.stage.clock.now()
    account_id = await room.join(held_to=Seconds(now + DAY))
    room.stage.clock.advance(10)
    longer = await room.change(account_id)
    assert longer
    assert longer.officer.posts[0].held_to is None
    ended = await room.change(account_id, held_to=Seconds(now + 60))
    assert ended
    assert ended.officer.posts[0].held_to == now + 60
    room.stage.clock.advance(10)
    assert await room.change(account_id, held_to=room.stage.clock.now()) is None
    officer = await room.stage.stores.officers.get(account_id)
    assert officer
    assert officer.status is AccountStatus.LOCKED


@pytest.mark.parametrize("later", [None, 2 * DAY])
@pytest.mark.parametrize("position", ["Chuyên viên", "Trưởng phòng"])
async def test_more_time_takes_administrative_roles_away(room: Room, later: int | None, position: str) -> None:
    account_id = await room.join()
    now, officers = room.stage.clock.now(), room.stage.stores.officers
    known = (await room.known(account_id)).officer
    ends = Seconds(now + DAY)
    held = replace(known.posts[0].continued(("proofing_officer", "clerk"), Seconds(now + 1)), held_to=ends)
    told = OfficerChanged(origin=ORIGIN, account_id=account_id, change="role")
    await officers.give_post(account_id, held, known.version, told)
    room.stage.clock.advance(10)
    shorter = await room.change(account_id, held_to=Seconds(ends - 60))
    assert shorter
    assert shorter.officer.posts[0].roles == ("proofing_officer", "clerk")
    longer = await room.change(account_id, position=position, held_to=None if later is None else Seconds(now + later))
    assert longer
    assert longer.officer.posts[0].roles == ("clerk",)
    assert longer.officer.posts[0].held_to == (None if later is None else now + later)


async def roles_given(room: Room, account_id: AccountId, *roles: str, ends: Seconds | None) -> None:
    """The standing post with roles and an end that two administrators agreed."""
    known = (await room.known(account_id)).officer
    held = replace(known.posts[0].continued(roles, room.stage.clock.now()), held_to=ends)
    told = OfficerChanged(origin=ORIGIN, account_id=account_id, change="role")
    await room.stage.stores.officers.give_post(account_id, held, known.version, told)


async def test_a_post_that_is_put_off_lets_no_administrative_role_last_longer(room: Room) -> None:
    now = room.stage.clock.now()
    account_id, ends = await room.join(), Seconds(now + DAY)
    await roles_given(room, account_id, "proofing_officer", "clerk", ends=ends)
    await room.change(account_id, held_from=ends)
    later = await room.change(account_id, held_from=Seconds(now + 9 * DAY))
    assert later
    assert [(each.roles, each.held_to) for each in later.officer.posts] == [
        (("clerk",), None),
        (("clerk",), now + 9 * DAY),
        (("proofing_officer", "clerk"), ends),
    ]


@pytest.mark.parametrize(("root", "goes_on"), [("G10", True), ("G10.01", False)])
async def test_whoever_puts_a_post_off_prolongs_none_in_agencies_of_others(
    room: Room, root: str, *, goes_on: bool
) -> None:
    now = room.stage.clock.now()
    account_id, begins = await room.join(agency_code="G10"), Seconds(now + DAY)
    await room.change(account_id, agency_code="G10.01", held_from=begins)
    by = replace(BY, root=root)
    known = await room.provisioning.find(by, account_id)
    assert known
    await room.provisioning.change(by, known, wanted(joiner=None, held_from=Seconds(now + 9 * DAY)))
    officer = await room.stage.stores.officers.get(account_id)
    assert officer
    assert [(each.agency_code, each.held_to) for each in officer.posts] == [
        ("G10.01", None),
        ("G10", now + 9 * DAY if goes_on else begins),
    ]


class Awaited:
    """An officer of G10.01 who moves to G11 in two days, and the system of G11."""

    BY = replace(BY, root="G11")

    def __init__(self, room: Room, account_id: AccountId, moves_at: Seconds) -> None:
        self.room = room
        self.account_id = account_id
        self.moves_at = moves_at

    async def known(self) -> Provisioned:
        found = await self.room.provisioning.find(self.BY, self.account_id)
        assert found
        return found

    async def change(self, **changes: object) -> None:
        told = {"joiner": None, "agency_code": "G11", "position": "Trưởng phòng", "held_from": self.moves_at, **changes}
        await self.room.provisioning.change(self.BY, await self.known(), wanted(**told))

    async def officer(self) -> OfficerAccount:
        found = await self.room.stage.stores.officers.get(self.account_id)
        assert found
        return found


@pytest.fixture
async def awaited(room: Room) -> Awaited:
    account_id = await room.join()
    known, now = (await room.known(account_id)).officer, room.stage.clock.now()
    moves_at = Seconds(now + 2 * DAY)
    coming = replace(known.posts[0].continued((), moves_at), agency_code="G11")
    event = OfficerChanged(origin=ORIGIN, account_id=account_id, change="moved")
    await room.stage.stores.officers.give_post(account_id, coming, known.version, event)
    room.stage.clock.advance(10)
    return Awaited(room, account_id, moves_at)


@pytest.mark.parametrize(
    "changes",
    [{"days": 1}, {"days": 0}, {"active": False}, {"username": "an@g11.vn"}],
    ids=["earlier", "now", "suspended", "renamed"],
)
async def test_the_agency_that_waits_touches_nothing_of_the_one_before(
    awaited: Awaited, changes: dict[str, object]
) -> None:
    before = await awaited.officer()
    if "days" in changes:
        changes = {"held_from": Seconds(awaited.room.stage.clock.now() + DAY * int(str(changes["days"])))}
    with pytest.raises(OutOfReachError):
        await awaited.change(**changes)
    assert await awaited.officer() == before


async def test_the_agency_that_waits_changes_the_post_to_come_and_gives_it_up(awaited: Awaited) -> None:
    begins, later = awaited.moves_at, Seconds(awaited.moves_at + DAY)
    await awaited.change(held_from=later, held_to=Seconds(later + DAY))
    coming, held = (await awaited.officer()).posts
    assert (coming.position, coming.held_from, coming.held_to) == ("Trưởng phòng", later, later + DAY)
    assert (held.agency_code, held.held_to) == ("G10.01", begins)
    await awaited.change(held_from=begins)
    await awaited.room.provisioning.leave(awaited.BY, await awaited.known())
    gone = await awaited.officer()
    assert (gone.status, gone.posts) == (AccountStatus.ACTIVE, (held,))
    assert await awaited.room.provisioning.find(awaited.BY, awaited.account_id) is None


async def test_an_end_of_a_post_to_come_that_is_over_already_ends_no_other(awaited: Awaited) -> None:
    await awaited.change(position="Chuyên viên", held_to=awaited.room.stage.clock.now())
    (held,) = (await awaited.officer()).posts
    assert (held.agency_code, held.held_to) == ("G10.01", awaited.moves_at)


async def test_a_post_that_is_brought_forward_ends_one_of_the_same_agencies_earlier(room: Room) -> None:
    account_id, now = await room.join(), room.stage.clock.now()
    await room.change(account_id, agency_code="G10", held_from=Seconds(now + 2 * DAY))
    sooner = await room.change(account_id, agency_code="G10", held_from=Seconds(now + DAY))
    assert sooner
    assert [(each.agency_code, each.held_to) for each in sooner.officer.posts] == [("G10", None), ("G10.01", now + DAY)]


async def test_an_end_before_a_post_to_come_is_refused_before_anything_changes(room: Room) -> None:
    now = room.stage.clock.now()
    begins = Seconds(now + 2 * DAY)
    account_id = await room.join(held_from=begins)
    before = await room.known(account_id)
    with pytest.raises(EntryRefusedError) as refused:
        await room.change(account_id, username="renamed@g10.vn", held_from=begins, held_to=Seconds(now + DAY))
    assert (refused.value.field, refused.value.reason) == ("heldTo", "order")
    assert (await room.known(account_id)).officer == before.officer


async def test_of_two_who_saw_the_same_officer_the_slower_one_changes_nothing(room: Room) -> None:
    account_id = await room.join()
    seen = await room.known(account_id)
    room.stage.clock.advance(1)
    faster = await room.change(account_id, position="Trưởng phòng", username="faster@g10.vn")
    room.stage.clock.advance(1)
    for later in ({"position": "Phó phòng"}, {"held_to": Seconds(room.stage.clock.now() + DAY)}):
        slower = wanted(joiner=None, username="slower@g10.vn", **later)
        with pytest.raises(PostChangedError):
            await room.provisioning.change(BY, seen, slower)
    assert await room.known(account_id) == faster


async def test_nobody_leaves_or_is_suspended_or_renamed_whom_somebody_else_changed_meanwhile(room: Room) -> None:
    account_id = await room.join(external_id="E-1")
    seen = await room.known(account_id)
    room.stage.clock.advance(1)
    faster = await room.change(account_id, position="Trưởng phòng", username="faster@g10.vn", external_id="E-1")
    assert faster
    with pytest.raises(PostChangedError):
        await room.provisioning.leave(BY, seen)
    with pytest.raises(PostChangedError):
        await room.provisioning.change(BY, seen, wanted(joiner=None, active=False, external_id="E-1"))
    with pytest.raises(PostChangedError):
        await room.provisioning.change(BY, seen, wanted(joiner=None, username="slower@g10.vn", external_id="E-1"))
    assert await room.known(account_id) == faster


@pytest.mark.parametrize("changes", [{"username": "slower@g10.vn"}, {"external_id": "E-2"}])
async def test_nobody_is_named_otherwise_whom_another_agency_moved_meanwhile(
    room: Room, changes: dict[str, str]
) -> None:
    account_id = await room.join()
    seen = await room.known(account_id)
    room.stage.clock.advance(1)
    elsewhere = replace(seen.officer.posts[0].continued((), room.stage.clock.now()), agency_code="G11")
    event = OfficerChanged(origin=ORIGIN, account_id=account_id, change="moved")
    await room.stage.stores.officers.give_post(account_id, elsewhere, seen.officer.version, event)
    with pytest.raises(PostChangedError):
        await room.provisioning.change(BY, seen, wanted(joiner=None, **changes))
    after = await room.stage.stores.provisioned_officers.get(account_id, "G11")
    assert after
    assert (after.officer.username, after.external_id) == (seen.officer.username, None)


async def test_a_post_to_come_that_is_over_and_a_suspension_can_come_together(room: Room) -> None:
    now = room.stage.clock.now()
    account_id = await room.join(held_from=Seconds(now + DAY))
    assert await room.change(account_id, active=False, held_to=now) is None
    grounds = {lock.ground for lock in await room.stage.stores.account_locks.of_account(account_id)}
    assert grounds == {LockGround.POST_ENDED, LockGround.SUSPENDED}


async def test_another_post_and_a_suspension_can_come_together(room: Room) -> None:
    account_id = await room.join()
    room.stage.clock.advance(1)
    both = await room.change(account_id, position="Trưởng phòng", active=False)
    assert both
    assert (both.officer.posts[0].position, both.officer.status) == ("Trưởng phòng", AccountStatus.LOCKED)


async def test_nothing_wanted_changes_nothing(room: Room) -> None:
    account_id = await room.join()
    before = await room.known(account_id)
    room.stage.clock.advance(10)
    after = await room.change(account_id)
    assert after
    assert after.officer == before.officer


async def test_an_inactive_officer_is_suspended_until_told_otherwise(room: Room) -> None:
    account_id = await room.join(active=False)
    assert (await room.known(account_id)).officer.status is AccountStatus.LOCKED
    (held,) = await room.stage.stores.account_locks.of_account(account_id)
    assert held.authority
    back = await room.change(account_id)
    assert back
    assert back.officer.status is AccountStatus.ACTIVE
    (ended,) = await room.stage.events("account.lock_ended")
    assert '"client_id":"personnel"' in ended


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"position": "x" * 201}, "title"),
        ({"position": "x\n"}, "title"),
        ({"position": "\u3164"}, "title"),
        ({"held_to": Seconds(1)}, "heldTo"),
        ({"held_from": Seconds(1)}, "heldFrom"),
        ({"username": "cuong@g10.example.vn"}, "userName"),
        ({"username": "cuong@g10.example.vn", "position": "Khác"}, "userName"),
        ({"username": "?"}, "username"),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_changes(
    room: Room, changes: dict[str, object], field: str
) -> None:
    account_id = await room.join()
    before = await room.known(account_id)
    room.stage.clock.advance(10)
    if field == "heldTo":
        changes = {**changes, "position": "Khác"}
    with pytest.raises(EntryRefusedError) as refused:
        await room.change(account_id, **changes)
    assert refused.value.field == field
    assert (await room.known(account_id)).officer == before.officer


async def test_what_a_client_calls_its_officers_is_unique(room: Room) -> None:
    await room.join(external_id="E-1")
    cuong = await room.stage.stores.officers.find("cuong@g10.example.vn")
    assert cuong
    with pytest.raises(EntryRefusedError) as refused:
        await room.change(
            cuong, username="cuong@g10.example.vn", agency_code="G10", external_id="E-1", position="Chuyên viên"
        )
    assert (refused.value.field, refused.value.reason) == ("externalId", "taken")


@pytest.mark.parametrize("how", ["console", "time"])
async def test_what_an_officer_who_left_elsewhere_was_called_another_one_can_be(room: Room, how: str) -> None:
    now, officers = room.stage.clock.now(), room.stage.stores.officers
    account_id = await room.join(external_id="E-1", held_to=Seconds(now + DAY))
    if how == "time":
        room.stage.clock.advance(DAY)
    else:
        room.stage.clock.advance(1)
        told = OfficerChanged(origin=ORIGIN, account_id=account_id, change="left")
        await officers.leave(account_id, (await room.known(account_id)).officer.version, room.stage.clock.now(), told)
    cuong = await officers.find("cuong@g10.example.vn")
    assert cuong
    changes = {"username": "cuong@g10.example.vn", "agency_code": "G10", "external_id": "E-1"}
    after = await room.change(cuong, **changes)
    assert after
    assert after.external_id == "E-1"
    # The one who left is let in again under another name, and not under that one.
    with pytest.raises(EntryRefusedError):
        await room.join(external_id="E-1")
    await room.join(external_id="E-2")


async def test_a_name_that_somebody_took_meanwhile_leaves_everything_as_it_was(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = await room.join(external_id="E-1")
    before = await room.known(account_id)
    room.stage.clock.advance(10)

    async def free(_username: str, _account_id: AccountId) -> bool:
        return True

    async def nobody(_client_id: ClientId, _external_id: str) -> AccountId | None:
        return None

    cuong = await room.stage.stores.officers.find("cuong@g10.example.vn")
    assert cuong
    await room.change(cuong, username="cuong@g10.example.vn", agency_code="G10", external_id="E-3")
    # Whoever takes them does so after they were found free.
    monkeypatch.setattr(room.stage.stores.officers, "is_free", free)
    monkeypatch.setattr(room.stage.stores.provisioned_officers, "find_external", nobody)
    more = {"position": "Trưởng phòng", "active": False, "external_id": "E-1"}
    for taken, field in (({"username": "cuong@g10.example.vn"}, "userName"), ({"external_id": "E-3"}, "externalId")):
        with pytest.raises(EntryRefusedError) as refused:
            await room.change(account_id, **{**more, **taken})
        assert (refused.value.field, refused.value.reason) == (field, "taken")
        assert await room.known(account_id) == before


async def test_whoever_joins_under_a_name_taken_meanwhile_has_not_joined(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuong = await room.stage.stores.officers.find("cuong@g10.example.vn")
    assert cuong
    await room.change(cuong, username="cuong@g10.example.vn", agency_code="G10", external_id="E-1")

    async def nobody(_client_id: ClientId, _external_id: str) -> AccountId | None:
        return None

    monkeypatch.setattr(room.stage.stores.provisioned_officers, "find_external", nobody)
    with pytest.raises(EntryRefusedError) as refused:
        await room.join(external_id="E-1", active=False)
    assert (refused.value.field, refused.value.reason) == ("externalId", "taken")
    assert await room.stage.stores.officers.find("an@g10.vn") is None
    await room.join(external_id="E-2")


async def test_other_agencies_and_wider_roles_are_out_of_reach(room: Room) -> None:
    account_id = await room.join()
    for agency in ("G11", "G99"):
        with pytest.raises(OutOfReachError):
            await room.change(account_id, agency_code=agency)
    auditor = await room.stage.stores.officers.find("auditor@g10.example.vn")
    assert auditor
    with pytest.raises(OutOfReachError):
        await room.provisioning.leave(BY, await room.known(auditor))


async def test_a_system_ends_no_suspension_but_its_own(room: Room) -> None:
    account_id = await room.join()
    locks, clock = room.stage.stores.account_locks, room.stage.clock
    by_admin = OfficerChanged(origin=ORIGIN, account_id=account_id, change="suspended")
    for suspender in (Suspender.AGENCY, Suspender.EVERYWHERE):
        lock = NewLock(ground=LockGround.SUSPENDED, reference=suspender.value)
        await locks.open(account_id, lock, clock.now(), by_admin)
        for active in (None, True):
            told = await room.change(account_id, active=active)
            assert told
            assert told.officer.status is AccountStatus.LOCKED
        ended = LockEnded(origin=ORIGIN, account_id=account_id, ground=LockGround.SUSPENDED.value)
        await locks.end(account_id, LockGround.SUSPENDED, suspender.value, clock.now(), ended)
    for active, status in (
        (False, AccountStatus.LOCKED),
        (None, AccountStatus.LOCKED),
        (True, AccountStatus.ACTIVE),
        (None, AccountStatus.ACTIVE),
    ):
        told = await room.change(account_id, active=active)
        assert told
        assert told.officer.status is status


async def test_who_asks_by_usernames_who_has_an_account_is_slowed_down_and_right_ones_do_not_count(room: Room) -> None:
    account_id = await room.join()
    other = replace(BY, client_id=ClientId("other"))
    (throttle,) = room.stage.throttling.for_provisioned_names(BY.client_id)
    for number in range(throttle.burst + 1):
        await room.change(account_id, username=f"an{number}@g10.vn")
    for _ in range(throttle.burst):
        with pytest.raises(EntryRefusedError, match="taken"):
            await room.change(account_id, username="auditor@g10.example.vn")
    for username in ("auditor@g10.example.vn", "nobody@g10.vn"):
        with pytest.raises(SlowDownError):
            await room.change(account_id, username=username)
    with pytest.raises(SlowDownError):
        await room.join(joiner=Joiner(personal_number=AN, name="Nguyễn Văn An", username="auditor@g10.example.vn"))
    await room.provisioning.change(other, await room.known(account_id), wanted(username="nobody@g10.vn", joiner=None))
    room.stage.clock.advance(throttle.interval)
    with pytest.raises(EntryRefusedError, match="taken"):
        await room.change(account_id, username="auditor@g10.example.vn")
