from asyncio import gather
from contextlib import suppress
from dataclasses import replace

import pyotp
import pytest

from idp.domain.ids import AuthenticatorId
from idp.domain.levels.assurance import Level, Method
from idp.journeys.account_security.one_time_codes import (
    LONGEST_NAME,
    MOST,
    OneTimeCodeDevices,
    TooManyDevicesError,
    device_name,
)
from idp.journeys.refusals import CodeUsedError, WrongCodeError
from idp.journeys.sessions import CurrentSession
from idp.journeys.throttling import SlowDownError
from tests.journeys.stage import BINH, VISITOR, Stage


def devices_of(stage: Stage) -> OneTimeCodeDevices:
    return OneTimeCodeDevices(stage.code_device, stage.stores.authenticators)


def code(stage: Stage, devices: OneTimeCodeDevices, current: CurrentSession, turn: str) -> str:
    return pyotp.TOTP(devices.proposal(current.session, turn).secret).at(stage.clock.at)


async def add(stage: Stage, current: CurrentSession, turn: str, name: str = "Máy tính bảng") -> str:
    """Add a device; its secret."""
    devices = devices_of(stage)
    await devices.add(current.session, turn, code(stage, devices, current, turn), name, VISITOR)
    return devices.proposal(current.session, turn).secret


async def test_a_further_device_signs_its_owner_in(stage: Stage) -> None:
    current = await stage.signed_in()
    secret = await add(stage, current, "turn-1")
    stage.clock.advance(30)

    for each in (secret, None):
        shown = stage.one_time_code(each) if each else stage.one_time_code()
        moved = await stage.second_factor.submit_one_time_code(await stage.with_password(), shown, VISITOR)
        assert Method.ONE_TIME_CODE in {proof.method for proof in moved.attempt.proofs}
    with pytest.raises(CodeUsedError):
        await stage.second_factor.submit_one_time_code(
            await stage.with_password(), stage.one_time_code(secret), VISITOR
        )


async def test_a_guess_at_two_apps_is_taken_for_two_and_the_owner_s_device_keeps_its_tries(stage: Stage) -> None:
    secret = await add(stage, await stage.signed_in(), "turn-1")
    guesser, account_id = await stage.with_password(), await stage.account_id()
    looked_at = 0
    for _ in range(30):
        with suppress(SlowDownError):
            with pytest.raises(WrongCodeError):
                await stage.second_factor.submit_one_time_code(guesser, "x", VISITOR)
            looked_at += 1
        stage.clock.advance(300)

    assert looked_at == 25
    owner = replace(VISITOR, device=stage.devices.remember(account_id, Level.TWO))
    for shown in (stage.one_time_code(), stage.one_time_code(secret)):
        await stage.second_factor.submit_one_time_code(await stage.with_password(), shown, owner)


async def test_adding_proves_nothing_for_the_session_and_is_on_record(stage: Stage) -> None:
    current = await stage.signed_in()
    await add(stage, current, "turn-1")

    found = await stage.sessions.current(current.token)
    assert found
    assert found.session.level is Level.ONE
    (event,) = await stage.events("authenticator.added")
    assert "Máy" not in event


async def test_the_code_that_added_a_device_is_used_up(stage: Stage) -> None:
    secret = await add(stage, await stage.signed_in(), "turn-1")

    with pytest.raises(CodeUsedError):
        await stage.second_factor.submit_one_time_code(
            await stage.with_password(), stage.one_time_code(secret), VISITOR
        )


async def test_a_wrong_code_adds_nothing_and_guessing_is_bounded(stage: Stage) -> None:
    current, devices = await stage.signed_in(), devices_of(stage)
    for _ in range(10):
        with pytest.raises(WrongCodeError):
            await devices.add(current.session, "turn-1", "000000x", "", VISITOR)
    with pytest.raises(SlowDownError):
        await add(stage, current, "turn-1")

    assert len(await devices.of(current.account.account_id)) == 1
    assert len(await stage.events("second_factor.refused")) == 11


async def test_an_account_has_so_many_devices_and_no_more(stage: Stage) -> None:
    current, devices = await stage.signed_in(), devices_of(stage)
    for number in range(1, MOST):
        await add(stage, current, f"turn-{number}")
    with pytest.raises(TooManyDevicesError):
        await add(stage, current, "one-more")
    assert len(await devices.of(current.account.account_id)) == MOST


async def test_of_ten_submissions_of_one_turn_one_adds(stage: Stage) -> None:
    current = await stage.signed_in()
    outcomes = await gather(*(add(stage, current, "turn-1") for _ in range(10)), return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in outcomes) == 1


async def test_each_turn_and_each_session_is_offered_another_secret(stage: Stage) -> None:
    current, devices = await stage.signed_in(), devices_of(stage)
    other = await stage.signed_in(BINH)
    turns = [(current, "a"), (current, "b"), (other, "a")]
    assert len({devices.proposal(one.session, turn).secret for one, turn in turns}) == len(turns)
    assert "Issuer" in devices.proposal(current.session, "a").uri


async def test_a_device_is_renamed_and_removed_by_its_owner_alone(stage: Stage) -> None:
    current, devices = await stage.signed_in(), devices_of(stage)
    account_id, stranger = current.account.account_id, await stage.account_id(BINH)
    (first,) = await devices.of(account_id)

    assert not await devices.rename(stranger, first.authenticator_id, "x", VISITOR)
    assert not await devices.remove(stranger, first.authenticator_id, VISITOR)
    assert await devices.rename(account_id, first.authenticator_id, "  Điện\tthoại  cũ ", VISITOR)
    assert await devices.of(account_id) == (replace(first, name="Điện thoại cũ"),)
    assert await devices.remove(account_id, first.authenticator_id, VISITOR)
    assert not await devices.remove(account_id, AuthenticatorId("no-such"), VISITOR)

    assert await devices.of(account_id) == ()
    assert len(await stage.events("authenticator.removed")) == 1
    assert "cũ" not in (await stage.events("authenticator.renamed"))[0]


async def test_a_letter_that_does_not_leave_undoes_nothing(stage: Stage) -> None:
    stage.letter_box.is_full = True
    current = await stage.signed_in()
    await add(stage, current, "turn-1")
    assert len(await devices_of(stage).of(current.account.account_id)) == 2


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("", ""), ("  \x00\u202e ", ""), ("Máy của mẹ", "Máy của mẹ"), ("x" * 500, "x" * LONGEST_NAME), ("a\n b", "a b")],
)
def test_a_name_is_one_line_that_can_be_seen(typed: str, kept: str) -> None:
    assert device_name(typed) == kept
