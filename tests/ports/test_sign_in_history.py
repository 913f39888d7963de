"""The contract of `SignInHistory`."""

import asyncio

from idp.adapters.sql.stores import Stores
from idp.domain.abuse.place import Place
from idp.domain.abuse.risk_signals import REMEMBERED, PastSignIn
from idp.domain.accounts.account import Account
from idp.domain.accounts.account_closure import AccountClosure
from idp.domain.ids import AccountId, Seconds
from tests.ports.samples import NOW, event

HANOI = Place("VN", "HN", "Hà Nội", 21.03, 105.85)


def past(account: Account, device: str = "d", at: int = NOW, place: Place | None = HANOI) -> PastSignIn:
    return PastSignIn(account.account_id, device, "home", Seconds(at), place)


async def test_sign_ins_are_told_latest_first(stores: Stores, account: Account) -> None:
    older, newer = past(account, "a", NOW - 60, None), past(account, "b")
    await stores.sign_in_history.add(newer)
    await stores.sign_in_history.add(older)
    assert await stores.sign_in_history.of_account(account.account_id) == (newer, older)
    assert await stores.sign_in_history.of_account(AccountId("nobody")) == ()


async def test_a_device_in_a_network_has_one_entry_however_often_it_signs_in(stores: Stores, account: Account) -> None:
    await asyncio.gather(*(stores.sign_in_history.add(past(account)) for _ in range(20)))
    await stores.sign_in_history.add(past(account, at=NOW + 9, place=None))
    assert await stores.sign_in_history.of_account(account.account_id) == (past(account, at=NOW + 9, place=None),)


async def test_so_many_are_kept_and_the_oldest_go(stores: Stores, account: Account) -> None:
    for number in range(REMEMBERED + 3):
        await stores.sign_in_history.add(past(account, f"d{number}", NOW + number))
    found = await stores.sign_in_history.of_account(account.account_id)
    assert [each.device for each in found] == [f"d{number}" for number in range(REMEMBERED + 2, 2, -1)]


async def test_nothing_is_left_of_a_closed_account_and_nothing_is_added(stores: Stores, account: Account) -> None:
    await stores.sign_in_history.add(past(account))
    asked = AccountClosure(account.account_id, Seconds(NOW), Seconds(NOW))
    await stores.account_closures.ask(asked, event())
    await stores.account_closures.close(asked, Seconds(NOW), event())
    await stores.sign_in_history.add(past(account))
    assert await stores.sign_in_history.of_account(account.account_id) == ()
