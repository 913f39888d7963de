"""A device for one-time codes is taken when it shows that it has the secret; tries count until one is right."""

import pyotp
import pytest

from idp.domain.accounts.account import TIME_STEP
from idp.domain.ids import AccountId
from idp.journeys.new_code_device import NewCodeDevice
from idp.journeys.refusals import WrongCodeError
from idp.journeys.throttling import SlowDownError
from tests.journeys.stage import BINH, VISITOR, Stage


@pytest.fixture
def new(stage: Stage) -> NewCodeDevice:
    return stage.code_device


def test_a_seed_and_an_account_have_one_secret(new: NewCodeDevice) -> None:
    offered = new.proposal("seed", AccountId("a"))
    assert new.proposal("seed", AccountId("a")) == offered
    assert len({offered.secret, *(new.proposal(*each).secret for each in (("b", "a"), ("seed", "b")))}) == 3  # type: ignore[arg-type]  # any text
    assert offered.secret in offered.uri
    assert "Issuer" in offered.uri


async def test_the_code_of_the_moment_makes_a_device_that_does_not_take_it_again(
    stage: Stage, new: NewCodeDevice
) -> None:
    account_id = await stage.account_id(BINH)
    secret = new.proposal("seed", account_id).secret
    device = await new.take(secret, account_id, pyotp.TOTP(secret).at(stage.clock.at), VISITOR)
    assert (device.secret, device.last_step) == (secret, stage.clock.now() // TIME_STEP)


async def test_tries_count_until_one_was_right(stage: Stage, new: NewCodeDevice) -> None:
    account_id = await stage.account_id(BINH)
    secret = new.proposal("seed", account_id).secret
    wrong = f"{(int(pyotp.TOTP(secret).at(stage.clock.at)) + 1) % 1_000_000:06d}"
    for _ in range(9):
        with pytest.raises(WrongCodeError):
            await new.take(secret, account_id, wrong, VISITOR)
    await new.take(secret, account_id, pyotp.TOTP(secret).at(stage.clock.at), VISITOR)
    await new.taken(account_id)
    with pytest.raises(WrongCodeError):
        await new.take(secret, account_id, wrong, VISITOR)
    with pytest.raises(SlowDownError):
        await new.take(secret, account_id, wrong, VISITOR)
    refused = await stage.events("second_factor.refused")
    assert len(refused) == 11
    assert "throttled" in refused[-1]
