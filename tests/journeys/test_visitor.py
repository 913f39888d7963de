import pytest

from tests.journeys.stage import BINH, Stage


async def test_a_device_is_recognised_by_the_account_that_signed_in_there(stage: Stage) -> None:
    account_id = await stage.account_id()
    cookie = stage.devices.remember(account_id)

    assert stage.devices.recognise(cookie, account_id) == cookie.partition(".")[0]
    assert stage.devices.recognise(cookie, await stage.account_id(BINH)) is None
    assert stage.devices.recognise(cookie, None) is None


@pytest.mark.parametrize("cookie", [None, "", ".", "a", "a.", ".b", "a.b", "a.b.c", "é.é", "\x00.\x00"])
async def test_a_forged_device_is_not_recognised(stage: Stage, cookie: str | None) -> None:
    assert stage.devices.recognise(cookie, await stage.account_id()) is None


async def test_a_changed_device_is_not_recognised(stage: Stage) -> None:
    account_id = await stage.account_id()
    device, _, tag = stage.devices.remember(account_id).partition(".")

    assert stage.devices.recognise(f"{device}x.{tag}", account_id) is None
    assert stage.devices.recognise(f"{device}.{tag}x", account_id) is None


async def test_every_sign_in_leaves_another_device(stage: Stage) -> None:
    account_id = await stage.account_id()

    assert stage.devices.remember(account_id) != stage.devices.remember(account_id)
