from dataclasses import replace

import pytest

from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.accounts.lock_request import LockRequest, RequestState
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.offices.administration import Role
from idp.domain.offices.officer import NO_AGENCY, NewOfficer, NewPost
from idp.domain.people.record_access import Purpose, Seen
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.carry_out_lock import CarryOutLockRequest
from idp.journeys.administration.errors import (
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
    TooManyLookUpsError,
)
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.locks import EnteredRequest, LockDesk, LockPorts
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.own_identity import OwnIdentity, OwnIdentityError
from idp.journeys.administration.record_looks import RecordLooks
from idp.journeys.throttling import LOOK_UPS
from tests.journeys.administration.people_room import admitted as on_post
from tests.journeys.administration.standing import EverybodyStands
from tests.journeys.stage import AN, ORIGIN, Stage
from tests.ports.samples import EVENT

LETTER = EnteredRequest(
    direction="lock", authority="A09", reason="court", legal_reference="12/CV", document_digest="A" * 64
)


def officer(name: str, role: Role = Role.IDENTITY_ADMIN) -> Administrator:
    return Administrator(
        account_id=AccountId(name), officer_id=name, agency_code="G10", roles=frozenset({role}), origin=ORIGIN
    )


ASKER, DECIDER = officer("asker"), officer("decider")


class Room:
    """The desk, and the four eyes that it asks."""

    def __init__(self, stage: Stage) -> None:
        stores = stage.stores
        own = OwnIdentity(stores.accounts, stores.duplicates)
        self.kind = CarryOutLockRequest(stores.lock_requests, own, stage.clock)
        kinds = (self.kind,)
        self.four_eyes = FourEyes(
            stores.change_requests,
            kinds,
            stores.agency_tree,
            stores.audit_trail,
            stores.accounts,
            stage.clock,
            stage.entropy,
            askers=EverybodyStands(),
        )
        ports = LockPorts(
            requests=stores.lock_requests,
            locks=stores.account_locks,
            accounts=stores.accounts,
            days=stores.special_days,
            audit=stores.audit_trail,
            own_identity=own,
            looks=RecordLooks(stores.accounts, stores.record_accesses),
            budget=LookUpBudget(stage.throttling, stores.audit_trail, stage.clock),
        )
        self.desk = LockDesk(ports, self.four_eyes, stage.clock, stage.entropy)
        self.stage = stage

    async def entered(self) -> LockRequest:
        return await self.desk.enter(ASKER, await self.stage.account_id(), LETTER)

    async def forwarded(self) -> LockRequest:
        request = await self.entered()
        await self.desk.forward(ASKER, request.request_id)
        return await self.desk.find(ASKER, request.request_id)


async def admitted(stage: Stage, name: str, person_id: PersonId | None = None) -> Administrator:
    """An identity administrator with an account."""
    post = NewPost(agency_code=NO_AGENCY, position="Quản trị viên", roles=(), held_from=stage.clock.now())
    new = NewOfficer(account_id=AccountId(name), username=name, post=post, person_id=person_id)
    await stage.stores.officers.add(new, EVENT)
    return officer(name)


@pytest.fixture
async def room(stage: Stage) -> Room:
    for name in ("asker", "decider"):
        await admitted(stage, name)
    return Room(stage)


async def test_two_administrators_carry_a_request_out_and_one_alone_does_not(stage: Stage, room: Room) -> None:
    request = await room.forwarded()
    change = await room.desk.ask(ASKER, request.request_id)
    with pytest.raises(NotAllowedError):
        await room.four_eyes.approve(ASKER, change.change_id, change.digest)
    assert (await stage.account()).is_active
    await room.four_eyes.approve(DECIDER, change.change_id, change.digest)
    assert not (await stage.account()).is_active
    with pytest.raises(ChangedMeanwhileError):
        await room.four_eyes.approve(DECIDER, change.change_id, change.digest)
    done = await room.desk.find(ASKER, request.request_id)
    assert (done.state, done.decided_by, done.due_at) == (RequestState.CARRIED_OUT, "decider", None)


async def test_a_request_that_took_another_step_since_is_not_carried_out(stage: Stage, room: Room) -> None:
    request = await room.forwarded()
    change = await room.desk.ask(ASKER, request.request_id)
    await room.desk.refuse(ASKER, request.request_id, "Không đủ căn cứ")
    with pytest.raises(ChangedMeanwhileError):
        await room.four_eyes.approve(DECIDER, change.change_id, change.digest)
    assert (await stage.account()).is_active


async def test_carrying_out_once_more_does_nothing_more(stage: Stage, room: Room) -> None:
    request = await room.forwarded()
    change = await room.desk.ask(ASKER, request.request_id)
    kind = room.kind
    for _ in range(2):
        await kind.apply(change, DECIDER)
    assert len(await stage.stores.account_locks.of_account(await stage.account_id())) == 1
    with pytest.raises(ChangedMeanwhileError):
        await kind.apply(replace(change, subject=(await room.entered()).request_id), DECIDER)
    with pytest.raises(NotFoundError):
        await kind.apply(replace(change, subject="none"), DECIDER)


async def test_steps_are_taken_in_their_order(room: Room) -> None:
    request = await room.entered()
    with pytest.raises(ChangedMeanwhileError):
        await room.desk.ask(ASKER, request.request_id)
    with pytest.raises(ChangedMeanwhileError):
        await room.desk.refuse(ASKER, request.request_id, "no")
    await room.desk.forward(ASKER, request.request_id)
    with pytest.raises(ChangedMeanwhileError):
        await room.desk.forward(ASKER, request.request_id)


async def test_a_refusal_says_why_and_not_at_any_length(room: Room) -> None:
    request = await room.forwarded()
    for text in ("", " \n", "\0\u200b", "x" * 2_001):
        with pytest.raises(InvalidEntryError):
            await room.desk.refuse(ASKER, request.request_id, text)
    await room.desk.refuse(ASKER, request.request_id, "x" * 2_000)


async def test_who_decides_reads_the_letter_that_is_kept(stage: Stage, room: Room) -> None:
    letter = replace(LETTER, authority="Toà án\0\nHà Nội", legal_reference="Công văn \u202e21\u202c/CV")
    request = await room.desk.enter(ASKER, await stage.account_id(), letter)
    await room.desk.forward(ASKER, request.request_id)
    change = await room.desk.ask(ASKER, request.request_id)
    shown = await room.four_eyes.shown(change)
    assert (shown["lock.authority"], shown["lock.legal_reference"]) == ("Toà án  Hà Nội", "Công văn 21/CV")
    await room.desk.refuse(ASKER, request.request_id, "Không đủ\r\ncăn cứ\0\u200b")
    assert (await room.desk.find(ASKER, request.request_id)).refusal == "Không đủ\ncăn cứ"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IDENTITY_ADMIN}))
async def test_nobody_else_enters_forwards_refuses_asks_or_unlocks(stage: Stage, room: Room, role: Role) -> None:
    other, request = officer("other", role), await room.forwarded()
    for attempt in (
        room.desk.enter(other, await stage.account_id(), LETTER),
        room.desk.forward(other, request.request_id),
        room.desk.refuse(other, request.request_id, "no"),
        room.desk.ask(other, request.request_id),
        room.desk.end_own(other, await stage.account_id()),
    ):
        with pytest.raises(NotAllowedError):
            await attempt
    if role is not Role.AUDITOR:
        with pytest.raises(NotAllowedError):
            await room.desk.account_of(other, AN)


async def test_a_look_at_somebody_s_locks_leaves_a_trace(stage: Stage, room: Room) -> None:
    looker, account = replace(await on_post(stage), roles=frozenset({Role.AUDITOR})), await stage.account()
    assert await room.desk.account_of(looker, "001 099 000 001") == account.account_id
    (looked,) = await stage.events("locks.looked_up")
    assert f'"officer":"{looker.account_id}"' in looked
    assert AN not in looked
    (seen,) = await stage.stores.record_accesses.of_person(account.person_id, "", 10)
    assert (seen.officer, seen.purpose, seen.seen) == (looker.account_id, Purpose.LOCK, (Seen.ACCOUNT,))


async def test_whose_locks_are_shown_sees_it_though_nobody_searched(stage: Stage, room: Room) -> None:
    looker, account = await on_post(stage), await stage.account()
    for _ in range(2):
        await room.desk.locks_of(looker, account.account_id)
    (seen,) = await stage.stores.record_accesses.of_person(account.person_id, "", 10)
    assert (seen.purpose, seen.reference) == (Purpose.LOCK, looker.agency_code)
    stage.clock.advance(3600)
    await room.desk.locks_of(looker, account.account_id)
    assert len(await stage.stores.record_accesses.of_person(account.person_id, "", 10)) == 2


async def test_the_own_lock_of_a_person_ends_and_an_authority_s_does_not(stage: Stage, room: Room) -> None:
    account_id, now = await stage.account_id(), stage.clock.now()
    await stage.stores.account_locks.open(account_id, NewLock(ground=LockGround.AUTHORITY), now, EVENT)
    with pytest.raises(ChangedMeanwhileError):
        await room.desk.end_own(ASKER, account_id)
    await stage.stores.account_locks.open(account_id, NewLock(ground=LockGround.PERSON), now, EVENT)
    await room.desk.end_own(ASKER, account_id)
    held = await room.desk.locks_of(await on_post(stage), account_id)
    assert {lock.ground for lock in held if lock.ended is None} == {LockGround.AUTHORITY}
    (ended,) = await stage.events("account.lock_ended")
    assert '"by":"asker"' in ended


async def test_nobody_works_on_a_lock_of_the_own_account(stage: Stage, room: Room) -> None:
    citizen = await stage.account()
    own = await admitted(stage, "own", citizen.person_id)
    new = NewLock(ground=LockGround.PERSON)
    await stage.stores.account_locks.open(citizen.account_id, new, stage.clock.now(), EVENT)
    entered, forwarded = await room.entered(), await room.forwarded()
    for attempt in (
        room.desk.end_own(own, citizen.account_id),
        room.desk.enter(own, citizen.account_id, LETTER),
        room.desk.forward(own, entered.request_id),
        room.desk.refuse(own, forwarded.request_id, "Không đủ căn cứ"),
        room.desk.ask(own, forwarded.request_id),
    ):
        with pytest.raises(OwnIdentityError):
            await attempt
    change = await room.desk.ask(ASKER, forwarded.request_id)
    with pytest.raises(OwnIdentityError):
        await room.four_eyes.approve(own, change.change_id, change.digest)
    assert not await stage.events("account.lock_ended")
    assert (await room.desk.find(ASKER, forwarded.request_id)).state is RequestState.FORWARDED


@pytest.mark.parametrize(
    "changes",
    [
        {"authority": " "},
        {"legal_reference": ""},
        {"document_digest": "0" * 63},
        {"reason": "mood"},
        {"direction": "up"},
        {"until": Seconds(5)},
        {"lock_reference": "another"},
        {"direction": "unlock", "lock_reference": "another"},
        {"direction": "unlock"},
    ],
)
async def test_a_letter_has_everything_that_is_asked(stage: Stage, room: Room, changes: dict[str, str]) -> None:
    entered: EnteredRequest = replace(LETTER, **changes)  # type: ignore[arg-type]  # of each field its own type
    with pytest.raises(InvalidEntryError):
        await room.desk.enter(ASKER, await stage.account_id(), entered)
    with pytest.raises(NotFoundError):
        await room.desk.enter(ASKER, AccountId("nobody"), LETTER)


async def test_who_asks_by_identifiers_who_has_an_account_leaves_a_trace_and_is_stopped(
    stage: Stage, room: Room
) -> None:
    for _ in range(LOOK_UPS):
        with pytest.raises(InvalidEntryError):
            await room.desk.account_of(ASKER, "001099999999")
    told = await stage.events("people.searched")
    assert len(told) == LOOK_UPS
    assert all("nobody" in each and "001099999999" not in each for each in told)
    with pytest.raises(TooManyLookUpsError):
        await room.desk.account_of(ASKER, AN)
