import pytest

from idp.domain.ids import AccountId
from idp.journeys.administration.merging import WantedMerge
from idp.journeys.administration.own_identity import OwnIdentity, OwnIdentityError
from tests.journeys.administration.counter import FIRST, TWIN, WOMAN, Counter


async def test_an_officer_and_a_citizen_of_one_human_are_one(counter: Counter) -> None:
    own = OwnIdentity(counter.stage.stores.accounts, counter.stage.stores.duplicates)
    himself, somebody = await counter.record(FIRST), await counter.record(WOMAN)

    await own.refuse(counter.first.account_id, somebody.person_id)
    with pytest.raises(OwnIdentityError):
        await own.refuse(counter.first.account_id, somebody.person_id, himself.person_id)


async def test_a_merged_record_is_still_ones_own(counter: Counter) -> None:
    own = OwnIdentity(counter.stage.stores.accounts, counter.stage.stores.duplicates)
    twin = await counter.record(TWIN)
    account_id = await counter.account(WOMAN)
    await own.refuse(account_id, twin.person_id)
    case = await counter.proofing.open(counter.first, WOMAN)
    change = await counter.merging.ask(
        counter.first, case.case_id, await counter.account(TWIN), WantedMerge(other_survives=False, other_number=False)
    )
    await counter.four_eyes.approve(counter.admin, change.change_id, change.digest)

    with pytest.raises(OwnIdentityError):
        await own.refuse(account_id, twin.person_id)


async def test_an_account_that_is_gone_decides_nothing(counter: Counter) -> None:
    own = OwnIdentity(counter.stage.stores.accounts, counter.stage.stores.duplicates)
    with pytest.raises(OwnIdentityError):
        await own.refuse(AccountId("unknown"), (await counter.record()).person_id)
