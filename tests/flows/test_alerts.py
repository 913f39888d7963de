"""Owners hear of what somebody else may have done: by mail, by message, and in a list; and never too often."""

from idp.domain.accounts.security_alert import MOST_TOLD, AlertKind
from tests.flows.alerts import alerted, messages
from tests.flows.provider import Browser, Provider

AN = "001099000001"


async def kinds(provider: Provider, username: str = AN) -> list[AlertKind]:
    account = await provider.stores.accounts.find(username)
    assert account is not None
    return [alert.kind for alert in await provider.stores.security_alerts.of_account(account.account_id, "", 20)]


async def test_a_first_sign_in_alerts_nobody_and_a_second_device_does(provider: Provider, browser: Browser) -> None:
    await browser.signed_in("portal")
    assert await alerted(provider) == []
    await provider.browser().signed_in("portal")
    (letter,) = await alerted(provider)
    assert letter.recipient == "an@example.vn"
    assert "thiết bị" in letter.subject
    (message,) = messages(provider)
    assert message.startswith("To: +84912345678\n")
    assert await kinds(provider) == [AlertKind.NEW_DEVICE]
    await browser.signed_in("portal", prompt="login")
    assert await alerted(provider) == []


async def test_nobody_is_buried_in_alerts(provider: Provider) -> None:
    for _ in range(MOST_TOLD + 3):
        await provider.browser().signed_in("portal")
    assert len(await alerted(provider)) == MOST_TOLD
    assert len(await kinds(provider)) == MOST_TOLD + 2


async def test_whoever_locks_the_account_is_told_by_every_way(provider: Provider, browser: Browser) -> None:
    await browser.signed_in("portal")
    await browser.submit(await browser.get("/account/lock"), "lock-account")
    (letter,) = await alerted(provider)
    assert letter.subject == "Tài khoản của bạn đã bị khóa"
    assert len(messages(provider)) == 1
