import pytest

from idp.domain.levels.assurance import Level
from tests.journeys.stage import BINH, Stage


async def test_a_device_is_recognised_by_the_account_that_signed_in_there(stage: Stage) -> None:
    account_id = await stage.account_id()
    cookie = stage.devices.remember(account_id, Level.ONE)

    assert stage.devices.recognise(cookie, account_id) == cookie.partition(".")[0]
    assert stage.devices.recognise(cookie, await stage.account_id(BINH)) is None
    assert stage.devices.recognise(cookie, None) is None


async def test_a_password_makes_no_device_known_for_the_second_factor(stage: Stage) -> None:
    account_id = await stage.account_id()

    assert stage.devices.recognise(stage.devices.remember(account_id, Level.ONE), account_id, Level.TWO) is None
    assert stage.devices.recognise(stage.devices.remember(account_id, Level.TWO), account_id, Level.TWO)


async def test_a_known_device_keeps_its_name_and_its_rank(stage: Stage) -> None:
    account_id = await stage.account_id()
    first = stage.devices.remember(account_id, Level.TWO)

    assert stage.devices.remember(account_id, Level.ONE, first) == first


async def test_nobody_raises_the_rank_of_a_device(stage: Stage) -> None:
    account_id = await stage.account_id()
    device, _, tag = stage.devices.remember(account_id, Level.ONE).split(".")

    assert stage.devices.recognise(f"{device}.2.{tag}", account_id) is None


@pytest.mark.parametrize("cookie", [None, "", ".", "a", "a.", ".b", "a.b", "a.b.c", "a.1.c", "é.2.é", "\x00.\x00"])
async def test_a_forged_device_is_not_recognised(stage: Stage, cookie: str | None) -> None:
    assert stage.devices.recognise(cookie, await stage.account_id()) is None


async def test_a_changed_device_is_not_recognised(stage: Stage) -> None:
    account_id = await stage.account_id()
    device, _, rest = stage.devices.remember(account_id, Level.ONE).partition(".")

    assert stage.devices.recognise(f"{device}x.{rest}", account_id) is None
    assert stage.devices.recognise(f"{device}.{rest}x", account_id) is None


async def test_every_new_browser_is_another_device(stage: Stage) -> None:
    account_id = await stage.account_id()

    assert stage.devices.remember(account_id, Level.ONE) != stage.devices.remember(account_id, Level.ONE)
