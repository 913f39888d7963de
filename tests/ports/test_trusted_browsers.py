"""The contract of `TrustedBrowsers`."""

from dataclasses import replace

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System
from idp.domain.accounts.account import Account
from idp.domain.authenticators.trusted_browser import TRUSTED_FOR, TrustedBrowser
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, Seconds
from tests.ports.samples import NOW, event

LATER = Seconds(NOW + 60)


def browser(account_id: AccountId, name: str = "1", at: int = NOW) -> TrustedBrowser:
    return TrustedBrowser(
        browser_id=f"browser-{name}",
        account_id=account_id,
        browser=BrowserKind(BrowserFamily.FIREFOX, System.LINUX),
        place="VN-HN",
        trusted_at=Seconds(at),
    )


async def test_a_browser_is_trusted_for_a_while_and_by_its_owner_alone(stores: Stores, account: Account) -> None:
    trusted, one = stores.trusted_browsers, browser(account.account_id)
    await trusted.trust(one, event())

    assert await trusted.is_trusted(one.browser_id, account.account_id, LATER)
    assert not await trusted.is_trusted(one.browser_id, AccountId("somebody"), LATER)
    assert not await trusted.is_trusted("browser-2", account.account_id, LATER)
    assert await trusted.is_trusted(one.browser_id, account.account_id, Seconds(NOW + TRUSTED_FOR - 1))
    assert not await trusted.is_trusted(one.browser_id, account.account_id, Seconds(NOW + TRUSTED_FOR))


async def test_browsers_are_listed_latest_first_and_trusting_again_begins_anew(
    stores: Stores, account: Account
) -> None:
    trusted = stores.trusted_browsers
    first, second = browser(account.account_id), browser(account.account_id, "2", NOW + 5)
    for one in (first, second):
        await trusted.trust(one, event())
    assert await trusted.of_account(account.account_id, LATER) == (second, first)

    again = replace(first, trusted_at=Seconds(NOW + 9), place=None)
    await trusted.trust(again, event())
    assert await trusted.of_account(account.account_id, LATER) == (again, second)


async def test_trust_is_taken_back_from_one_or_from_all(stores: Stores, account: Account) -> None:
    trusted, somebody = stores.trusted_browsers, AccountId("somebody")
    for name in ("1", "2", "3"):
        await trusted.trust(browser(account.account_id, name), event())
    before = len([one async for one in stores.audit_log.records()])

    assert await trusted.revoke(account.account_id, "browser-1", event())
    assert not await trusted.revoke(account.account_id, "browser-1", event())
    assert not await trusted.revoke(somebody, "browser-2", event())
    assert await trusted.revoke_all(account.account_id, event()) == 2
    assert await trusted.revoke_all(account.account_id, event()) == 0

    assert await trusted.of_account(account.account_id, LATER) == ()
    assert len([one async for one in stores.audit_log.records()]) == before + 2


@pytest.mark.parametrize("end", ["everywhere", "password", "lock"])
async def test_trust_ends_with_everything_else_that_is_open(stores: Stores, account: Account, end: str) -> None:
    trusted, one, now = stores.trusted_browsers, browser(account.account_id), Seconds(NOW)
    await trusted.trust(one, event())

    if end == "everywhere":
        await stores.accounts.end_all_sessions(account.account_id, now, event())
    elif end == "password":
        await stores.accounts.change_password(
            account.account_id, "$argon2id$x", now, event(), valid_from=account.sessions_valid_from
        )
    else:
        reason = RevocationReason.ACCOUNT_LOCKED
        await stores.accounts.set_locked(account.account_id, locked=True, now=now, reason=reason, event=event())

    assert not await trusted.is_trusted(one.browser_id, account.account_id, LATER)
    assert await trusted.of_account(account.account_id, LATER) == ()


async def test_what_is_over_is_swept(stores: Stores, account: Account) -> None:
    trusted, one = stores.trusted_browsers, browser(account.account_id)
    await trusted.trust(one, event())
    await stores.housekeeping.sweep(Seconds(one.expires_at + 24 * 3600), 10)
    assert not await trusted.revoke(account.account_id, one.browser_id, event())
