from typing import cast

import pytest

from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.events import AccountLocked, OfficerChanged
from idp.domain.ids import AccountId
from idp.domain.offices.officer import NewPost, OfficerAccount
from idp.journeys.joining import EntryRefusedError, Joiner, Joining, comparable_name
from idp.ports.officers import Officers
from tests.journeys.stage import AN, ORIGIN, Stage


def told(account_id: AccountId, change: str) -> OfficerChanged:
    return OfficerChanged(origin=ORIGIN, account_id=account_id, change=change)


async def join(
    stage: Stage,
    name: str,
    username: str = "an@g10.example.vn",
    agency: str = "G10",
    officers: Officers | None = None,
) -> AccountId:
    stores = stage.stores
    post = NewPost(agency_code=agency, position="Chuyên viên", roles=(), held_from=stage.clock.now())
    joiner = Joiner(personal_number=AN, name=name, username=username)
    joining = Joining(officers or stores.officers, stores.identity_records, stage.clock, stage.entropy)
    return await joining.join(joiner, post, told)


async def left(stage: Stage) -> OfficerAccount:
    """An officer who joined and left."""
    account_id, officers = await join(stage, "Nguyễn Văn An"), stage.stores.officers
    joined = await officers.get(account_id)
    assert joined
    stage.clock.advance(1)
    await officers.leave(account_id, joined.version, stage.clock.now(), told(account_id, "left"))
    stage.clock.advance(1)
    gone = await officers.get(account_id)
    assert gone
    return gone


async def test_a_return_that_is_refused_leaves_nothing_of_itself(stage: Stage) -> None:
    gone, officers = await left(stage), stage.stores.officers
    with pytest.raises(EntryRefusedError) as refused:
        await join(stage, "Nguyễn Văn An", username="back@g10.example.vn", agency="G99")
    assert (refused.value.field, refused.value.reason) == ("agency", "unknown")
    assert await officers.get(gone.account_id) == gone
    assert await officers.find("back@g10.example.vn") is None


async def test_of_two_who_let_somebody_come_back_the_slower_one_hears_that_it_is_done(stage: Stage) -> None:
    gone, officers = await left(stage), stage.stores.officers
    assert await join(stage, "Nguyễn Văn An") == gone.account_id
    faster = await officers.get(gone.account_id)

    class Earlier:
        """What the slower one read before the faster one wrote."""

        def __getattr__(self, name: str) -> object:
            return getattr(officers, name)

        async def get(self, _: AccountId) -> OfficerAccount:
            return gone

    with pytest.raises(EntryRefusedError) as refused:
        await join(stage, "Nguyễn Văn An", "slower@g10.example.vn", officers=cast("Officers", Earlier()))
    assert (refused.value.field, refused.value.reason) == ("personal_number", "already_officer")
    assert await officers.get(gone.account_id) == faster


async def test_the_name_has_to_be_the_one_of_the_record(stage: Stage) -> None:
    for name in ("", "An", "Nguyễn Văn Anh", "Nguyen Van An"):
        with pytest.raises(EntryRefusedError) as refused:
            await join(stage, name)
        assert refused.value.reason == "no_such_person"
        assert name not in str(refused.value) or not name
    assert await join(stage, "NGUYỄN VĂN  AN")


async def test_the_officers_account_is_another_one_than_the_citizens(stage: Stage) -> None:
    citizen = await stage.account_id(AN)
    assert await join(stage, "Nguyễn Văn An") != citizen
    assert await stage.account_id(AN) == citizen


async def test_nobody_who_died_joins(stage: Stage) -> None:
    event = AccountLocked(origin=ORIGIN, account_id=await stage.account_id(AN), locked=True, reason="death")
    death = NewLock(ground=LockGround.DEATH)
    await stage.stores.account_locks.open(event.account_id, death, stage.clock.now(), event)
    with pytest.raises(EntryRefusedError) as refused:
        await join(stage, "Nguyễn Văn An")
    assert (refused.value.field, refused.value.reason) == ("personal_number", "person_held")


def test_names_are_compared_composed_and_without_case() -> None:
    assert comparable_name("NGUYỄN  văn an ") == comparable_name("nguyễn văn An")
    assert comparable_name("Hoà") != comparable_name("Hòa")
