from asyncio import gather

import pyotp
import pytest

from idp.domain.levels.assurance import Level, Method
from idp.journeys.next_step import Step
from idp.journeys.refusals import CodeUsedError, WrongCodeError, WrongRecoveryCodeError
from idp.journeys.second_factor import digits_of, matching_step
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import Visitor
from tests.flows.provider import TOTP_SECRET
from tests.journeys.stage import ORIGIN, VISITOR, Stage

NOW = 1_790_000_010
SHORT = "JBSWY3DPEHPK3PXP"


@pytest.mark.parametrize(("drift", "matches"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_one_step_of_drift_is_allowed_either_way(drift: int, matches: bool) -> None:
    step = matching_step(TOTP_SECRET, pyotp.TOTP(TOTP_SECRET).at(NOW + drift), NOW)

    assert step == ((NOW + drift) // 30 if matches else None)


def test_a_secret_of_eighty_bits_gives_the_codes_that_apps_show() -> None:
    # The example key of many libraries, with the value that they give for counter 1 (RFC 4226 section 5).
    assert matching_step(SHORT, "996554", 59) == 1
    assert matching_step(SHORT.lower(), "996554", 59) == 1


@pytest.mark.parametrize("code", ["", "1", "x", "９９６５５４", "\x00", "1" * 16])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_step(TOTP_SECRET, code, NOW) is None


@pytest.mark.parametrize("typed", ["123456", "123 456", " 123456 ", "1 2 3 4 5 6", "123\u00a0456"])
def test_spaces_in_a_code_do_not_matter(typed: str) -> None:
    assert digits_of(typed) == "123456"


async def test_a_right_code_is_a_proof(stage: Stage) -> None:
    loaded = await stage.with_password()

    moved = await stage.second_factor.submit_one_time_code(loaded, stage.one_time_code(), VISITOR)

    assert {proof.method for proof in moved.attempt.proofs} == {Method.PASSWORD, Method.ONE_TIME_CODE}
    assert await stage.sign_in.step(moved.attempt) is Step.DONE
    assert len(await stage.events("second_factor.accepted")) == 1


async def test_a_code_that_was_used_is_told_from_a_wrong_one(stage: Stage) -> None:
    code = stage.one_time_code()
    await stage.second_factor.submit_one_time_code(await stage.with_password(), code, VISITOR)
    loaded = await stage.with_password()

    with pytest.raises(CodeUsedError):
        await stage.second_factor.submit_one_time_code(loaded, code, VISITOR)
    with pytest.raises(WrongCodeError):
        await stage.second_factor.submit_one_time_code(loaded, "x", VISITOR)
    reasons = await stage.events("second_factor.refused")
    assert "CodeUsedError" in reasons[0]
    assert code not in "".join(reasons)


async def test_an_earlier_step_than_the_last_one_is_used_up_too(stage: Stage) -> None:
    earlier = stage.one_time_code()
    stage.clock.advance(30)
    await stage.second_factor.submit_one_time_code(await stage.with_password(), stage.one_time_code(), VISITOR)

    with pytest.raises(CodeUsedError):
        await stage.second_factor.submit_one_time_code(await stage.with_password(), earlier, VISITOR)


async def test_of_ten_uses_at_once_one_counts(stage: Stage) -> None:
    waiting = [await stage.with_password() for _ in range(10)]
    code = stage.one_time_code()

    outcomes = await gather(
        *(stage.second_factor.submit_one_time_code(one, code, VISITOR) for one in waiting), return_exceptions=True
    )

    assert sum(not isinstance(one, Exception) for one in outcomes) == 1


async def test_right_codes_cost_no_tries(stage: Stage) -> None:
    for _ in range(12):
        stage.clock.advance(30)
        await stage.second_factor.submit_one_time_code(await stage.with_password(), stage.one_time_code(), VISITOR)


async def test_a_known_device_has_tries_of_its_own(stage: Stage) -> None:
    loaded = await stage.with_password()
    account_id = loaded.attempt.known_account
    for _ in range(10):
        with pytest.raises(WrongCodeError):
            await stage.second_factor.submit_one_time_code(loaded, "x", VISITOR)
    with pytest.raises(SlowDownError):
        await stage.second_factor.submit_one_time_code(loaded, stage.one_time_code(), VISITOR)

    owner = Visitor(ORIGIN, "vi", stage.devices.remember(account_id, Level.TWO))

    await stage.second_factor.submit_one_time_code(loaded, stage.one_time_code(), owner)


async def test_a_recovery_code_of_nobody_is_refused(stage: Stage) -> None:
    loaded = await stage.with_password()

    with pytest.raises(WrongRecoveryCodeError):
        await stage.second_factor.submit_recovery_code(loaded, "AAAAA-AAAAA", VISITOR)

    (event,) = await stage.events("second_factor.refused")
    assert "AAAAA" not in event
