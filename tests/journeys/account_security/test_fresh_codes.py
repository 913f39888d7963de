from asyncio import gather

import pytest

from idp.journeys.account_security.fresh_codes import FreshRecoveryCodes
from idp.journeys.recovery_codes import COUNT
from idp.journeys.refusals import WrongRecoveryCodeError
from tests.journeys.stage import BINH, VISITOR, Stage


def codes_of(stage: Stage) -> FreshRecoveryCodes:
    return FreshRecoveryCodes(stage.stores.authenticators, stage.keys, stage.clock)


async def test_codes_are_good_once_they_are_kept_and_not_before(stage: Stage) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    proposed = codes.proposed(current.session, "turn-1")
    assert len(set(proposed)) == COUNT
    assert codes.proposed(current.session, "turn-1") == proposed
    with pytest.raises(WrongRecoveryCodeError):
        await stage.second_factor.submit_recovery_code(await stage.with_password(), proposed[0], VISITOR)

    assert await codes.renew(current.session, "turn-1", VISITOR)

    await stage.second_factor.submit_recovery_code(await stage.with_password(), proposed[0], VISITOR)
    with pytest.raises(WrongRecoveryCodeError):
        await stage.second_factor.submit_recovery_code(await stage.with_password(), proposed[0], VISITOR)
    assert await codes.left(current.account.account_id) == COUNT - 1


async def test_fresh_codes_end_the_old_ones(stage: Stage) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    await codes.renew(current.session, "old", VISITOR)
    await codes.renew(current.session, "new", VISITOR)

    with pytest.raises(WrongRecoveryCodeError):
        await stage.second_factor.submit_recovery_code(
            await stage.with_password(), codes.proposed(current.session, "old")[0], VISITOR
        )
    assert await codes.left(current.account.account_id) == COUNT
    assert len(await stage.events("recovery_codes.renewed")) == 2


async def test_renewing_one_turn_many_times_at_once_leaves_one_set(stage: Stage) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    assert all(await gather(*(codes.renew(current.session, "turn", VISITOR) for _ in range(10))))
    assert await codes.left(current.account.account_id) == COUNT


async def test_codes_of_one_session_are_nobody_else_s(stage: Stage) -> None:
    one, other = await stage.signed_in(), await stage.signed_in(BINH)
    codes = codes_of(stage)
    assert set(codes.proposed(one.session, "t")).isdisjoint(codes.proposed(other.session, "t"))
    assert await codes.left(other.account.account_id) is None


async def test_no_event_tells_a_code(stage: Stage) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    await codes.renew(current.session, "turn-1", VISITOR)
    told = "".join(await stage.events())
    assert not any(code in told for code in codes.proposed(current.session, "turn-1"))
