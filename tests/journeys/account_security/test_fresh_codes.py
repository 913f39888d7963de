from asyncio import gather

import pytest

from idp.journeys.account_security.fresh_codes import LIFETIME, FreshRecoveryCodes
from idp.journeys.recovery_codes import COUNT
from idp.journeys.refusals import WrongRecoveryCodeError
from tests.journeys.stage import BINH, VISITOR, Stage


def codes_of(stage: Stage) -> FreshRecoveryCodes:
    stores = stage.stores
    return FreshRecoveryCodes(stores.authenticators, stage.keys, stores.short_lived, stage.clock, stage.entropy)


async def test_codes_are_good_once_they_are_kept_and_not_before(stage: Stage) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    turn = codes.new_turn()
    proposed = codes.proposed(current.session, turn)
    assert len(set(proposed)) == COUNT
    assert codes.proposed(current.session, turn) == proposed
    with pytest.raises(WrongRecoveryCodeError):
        await stage.second_factor.submit_recovery_code(await stage.with_password(), proposed[0], VISITOR)

    assert await codes.renew(current.session, turn, VISITOR)

    await stage.second_factor.submit_recovery_code(await stage.with_password(), proposed[0], VISITOR)
    with pytest.raises(WrongRecoveryCodeError):
        await stage.second_factor.submit_recovery_code(await stage.with_password(), proposed[0], VISITOR)
    assert await codes.left(current.account.account_id) == COUNT - 1


async def test_fresh_codes_end_the_old_ones_and_no_old_page_brings_them_back(stage: Stage) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    old, new = codes.new_turn(), codes.new_turn()
    assert await codes.renew(current.session, old, VISITOR)
    assert await codes.renew(current.session, new, VISITOR)

    assert not await codes.renew(current.session, old, VISITOR)

    with pytest.raises(WrongRecoveryCodeError):
        await stage.second_factor.submit_recovery_code(
            await stage.with_password(), codes.proposed(current.session, old)[0], VISITOR
        )
    assert await codes.left(current.account.account_id) == COUNT
    assert len(await stage.events("recovery_codes.renewed")) == 2


async def test_of_50_confirmations_of_one_turn_one_counts_and_all_are_told(stage: Stage) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    turn = codes.new_turn()
    done = await gather(*(codes.renew(current.session, turn, VISITOR) for _ in range(50)))
    assert done.count(True) == 50
    assert await codes.left(current.account.account_id) == COUNT
    assert len(await stage.events("recovery_codes.renewed")) == 1


async def test_a_used_code_of_a_turn_that_is_confirmed_again_stays_used(stage: Stage) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    turn = codes.new_turn()
    await codes.renew(current.session, turn, VISITOR)
    used = codes.proposed(current.session, turn)[0]
    await stage.second_factor.submit_recovery_code(await stage.with_password(), used, VISITOR)
    assert await codes.renew(current.session, turn, VISITOR)
    assert await codes.left(current.account.account_id) == COUNT - 1


async def test_a_turn_whose_mark_alone_was_made_counts_unless_newer_codes_are_there(stage: Stage) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    stopped, newer = codes.new_turn(), codes.new_turn()
    for turn in (stopped, newer):
        assert await codes._use(current.session, turn)
    assert await codes.renew(current.session, stopped, VISITOR)
    assert not await codes.renew(current.session, newer, VISITOR), "of this moment too"
    assert await codes.renew(current.session, stopped, VISITOR)
    assert len(await stage.events("recovery_codes.renewed")) == 1


async def test_a_turn_is_over_after_a_while_also_where_its_mark_is_forgotten(stage: Stage) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    turn = codes.new_turn()
    stage.clock.advance(LIFETIME - 1)
    assert codes.is_open(turn)
    assert await codes.renew(current.session, turn, VISITOR)
    stage.clock.advance(1)
    assert not codes.is_open(turn)
    assert not await codes.renew(current.session, turn, VISITOR)


@pytest.mark.parametrize("turn", ["", "t", "0.t", "1.t", "9999999999.t", "٣.t", "1790000000", "1790000000.", "x.t"])
async def test_what_no_page_offered_now_is_no_turn(stage: Stage, turn: str) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    assert not codes.is_open(turn)
    assert not await codes.renew(current.session, turn, VISITOR)
    assert not await stage.events("recovery_codes.renewed")


async def test_codes_of_one_session_or_time_are_nobody_else_s(stage: Stage) -> None:
    one, other = await stage.signed_in(), await stage.signed_in(BINH)
    codes = codes_of(stage)
    assert set(codes.proposed(one.session, "1.t")).isdisjoint(codes.proposed(other.session, "1.t"))
    assert set(codes.proposed(one.session, "1.t")).isdisjoint(codes.proposed(one.session, "2.t"))
    assert await codes.left(other.account.account_id) is None


async def test_no_event_tells_a_code(stage: Stage) -> None:
    current, codes = await stage.signed_in(), codes_of(stage)
    turn = codes.new_turn()
    assert await codes.renew(current.session, turn, VISITOR)
    told = "".join(await stage.events())
    assert not any(code in told for code in codes.proposed(current.session, turn))
