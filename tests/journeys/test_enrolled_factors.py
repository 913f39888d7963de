from idp.domain.ids import AccountId
from idp.journeys.enrolled_factors import takes_two_factors
from tests.journeys.stage import AN, BINH, Stage


async def asked_of(stage: Stage, account_id: AccountId) -> bool:
    return await takes_two_factors(stage.stores.authenticators, account_id, stage.clock.now())


async def test_two_factors_are_taken_of_whoever_has_a_second_one(stage: Stage) -> None:
    an, binh = await stage.signed_in(AN), await stage.signed_in(BINH)
    assert await asked_of(stage, an.account.account_id)
    assert not await asked_of(stage, binh.account.account_id)


async def test_nobody_has_a_second_factor(stage: Stage) -> None:
    assert not await asked_of(stage, AccountId("nobody"))
