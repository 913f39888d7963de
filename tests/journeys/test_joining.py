import pytest

from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.events import AccountLocked, OfficerChanged
from idp.domain.ids import AccountId
from idp.domain.offices.officer import NewPost
from idp.journeys.joining import EntryRefusedError, Joiner, Joining, comparable_name
from tests.journeys.stage import AN, ORIGIN, Stage


def told(account_id: AccountId, change: str) -> OfficerChanged:
    return OfficerChanged(origin=ORIGIN, account_id=account_id, change=change)


async def join(stage: Stage, name: str) -> AccountId:
    stores = stage.stores
    post = NewPost(agency_code="G10", position="Chuyên viên", roles=(), held_from=stage.clock.now())
    joiner = Joiner(personal_number=AN, name=name, username="an@g10.example.vn")
    return await Joining(stores.officers, stores.identity_records, stage.clock, stage.entropy).join(joiner, post, told)


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
