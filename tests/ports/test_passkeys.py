"""The contract of `Passkeys`."""

import asyncio
from dataclasses import replace

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account
from idp.domain.authenticators.passkey import MOST_PASSKEYS, Passkey
from idp.domain.ids import AccountId, PasskeyId, Seconds
from idp.domain.records import Records
from tests.ports.samples import EVENT, NOW, event, person

now = Seconds(NOW)


def passkey(account: Account, name: str = "1", *, sign_count: int = 0) -> Passkey:
    return Passkey(
        passkey_id=PasskeyId(f"passkey-{name}"),
        account_id=account.account_id,
        credential_id=f"credential {name}".encode(),
        public_key=b"\xa5key",
        sign_count=sign_count,
        aaguid="6d6f6465-6c2d-4b68-8f61-206d617500aa",
        transports=("hybrid", "internal"),
        backup_eligible=True,
        backed_up=False,
        attested_as="Khoá mẫu",
        created_at=now,
        name="Điện thoại của Hoà",
    )


async def events_in(stores: Stores) -> int:
    return len([record async for record in stores.audit_log.records()]) - 1


async def test_a_passkey_is_found_by_what_its_authenticator_calls_it(stores: Stores, account: Account) -> None:
    assert await stores.passkeys.add(passkey(account), event())
    assert await stores.passkeys.find(b"credential 1") == replace(passkey(account), name="")
    assert await stores.passkeys.find(b"credential 2") is None
    assert await stores.passkeys.of_account(account.account_id) == (passkey(account),)
    assert await stores.passkeys.of_account(AccountId("nobody")) == ()
    assert await events_in(stores) == 1


async def test_a_credential_is_added_once_whoever_shows_it(stores: Stores, account: Account) -> None:
    await stores.records.load(Records(people=(person(2),)), EVENT)
    other = await stores.accounts.find(person(2).personal_number)
    assert other is not None
    assert await stores.passkeys.add(passkey(account), event())
    assert not await stores.passkeys.add(replace(passkey(other), passkey_id=PasskeyId("passkey-9")), event())
    assert await stores.passkeys.of_account(other.account_id) == ()
    assert await events_in(stores) == 2


async def test_nobody_cannot_have_one(stores: Stores, account: Account) -> None:
    assert not await stores.passkeys.add(replace(passkey(account), account_id=AccountId("nobody")), event())


async def test_of_50_registrations_of_one_credential_one_succeeds(stores: Stores, account: Account) -> None:
    made = [replace(passkey(account), passkey_id=PasskeyId(f"passkey-{n}")) for n in range(50)]
    assert sum(await asyncio.gather(*(stores.passkeys.add(one, event()) for one in made))) == 1


async def test_an_account_has_its_most_and_no_more_however_fast_they_come(stores: Stores, account: Account) -> None:
    made = [passkey(account, str(n)) for n in range(MOST_PASSKEYS + 5)]
    assert sum(await asyncio.gather(*(stores.passkeys.add(one, event()) for one in made))) == MOST_PASSKEYS
    assert len(await stores.passkeys.of_account(account.account_id)) == MOST_PASSKEYS


async def use(stores: Stores, count: int, *, backed_up: bool = False, at: int = NOW) -> bool:
    return await stores.passkeys.accept_use(
        PasskeyId("passkey-1"), sign_count=count, backed_up=backed_up, now=Seconds(at), event=event()
    )


async def test_a_counter_goes_up_and_never_down_and_a_refused_use_leaves_nothing(
    stores: Stores, account: Account
) -> None:
    await stores.passkeys.add(passkey(account, sign_count=5), event())
    assert [await use(stores, count, at=NOW + count) for count in (5, 4, 0, 6, 6, 9)] == [
        False, False, False, True, False, True,
    ]  # fmt: skip
    found = await stores.passkeys.find(b"credential 1")
    assert found is not None
    assert (found.sign_count, found.last_used_at) == (9, NOW + 9)
    assert await events_in(stores) == 1 + 2


async def test_who_does_not_count_says_nothing_for_ever(stores: Stores, account: Account) -> None:
    await stores.passkeys.add(passkey(account), event())
    assert [await use(stores, count, backed_up=True) for count in (0, 0, 1, 0)] == [True, True, True, False]
    found = await stores.passkeys.find(b"credential 1")
    assert found is not None
    assert found.backed_up


async def test_of_50_uses_with_one_count_one_is_accepted(stores: Stores, account: Account) -> None:
    await stores.passkeys.add(passkey(account, sign_count=5), event())
    assert sum(await asyncio.gather(*(use(stores, 6) for _ in range(50)))) == 1


async def test_a_passkey_that_is_gone_is_not_used(stores: Stores) -> None:
    assert not await use(stores, 1)


async def test_its_owner_and_nobody_else_renames_and_removes_it(stores: Stores, account: Account) -> None:
    await stores.passkeys.add(passkey(account), event())
    stranger, mine, key = AccountId("nobody"), account.account_id, PasskeyId("passkey-1")
    assert not await stores.passkeys.rename(stranger, key, "x", event())
    assert not await stores.passkeys.remove(stranger, key, event())
    assert await stores.passkeys.rename(mine, key, "Khoá ở cơ quan", event())
    assert [one.name for one in await stores.passkeys.of_account(mine)] == ["Khoá ở cơ quan"]
    assert await stores.passkeys.remove(mine, key, event())
    assert not await stores.passkeys.remove(mine, key, event())
    assert not await stores.passkeys.rename(mine, key, "x", event())
    assert await stores.passkeys.of_account(mine) == ()
    assert await events_in(stores) == 3
