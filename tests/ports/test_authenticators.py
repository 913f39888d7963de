"""The contract of `Authenticators`."""

import asyncio
from base64 import b32encode
from dataclasses import replace

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account, Authenticator, AuthenticatorKind
from idp.domain.accounts.account_closure import AccountClosure
from idp.domain.ids import AccountId, AuthenticatorId, Seconds
from idp.domain.levels.assurance import Method
from idp.domain.records import Records
from tests.ports.samples import EVENT, NOW, digest, event, person

now = Seconds(NOW)
CODES = tuple(bytes(digest(letter)) for letter in "abc")


async def newcomer(stores: Stores) -> AccountId:
    await stores.records.load(Records(people=(person(2),)), EVENT)
    found = await stores.records.account_of(person(2).personal_number)
    assert found is not None
    return found


def totp(account_id: AccountId, name: str = "1") -> Authenticator:
    return Authenticator(
        AuthenticatorId(f"authenticator-{name}"),
        account_id,
        AuthenticatorKind.ONE_TIME_CODE,
        "KRSXG5CTMVRXEZLU",
        now,
        last_step=7,
    )


async def test_an_imported_secret_is_enrolled(stores: Stores, account: Account) -> None:
    (enrolled,) = await stores.authenticators.enrolled(account.account_id)
    assert (enrolled.kind, enrolled.secret) == (AuthenticatorKind.ONE_TIME_CODE, "JBSWY3DPEHPK3PXP")
    assert (enrolled.last_step, enrolled.created_at) == (0, NOW)
    assert await stores.authenticators.enrolled(AccountId("nobody")) == ()


async def test_a_time_step_is_accepted_once_and_never_an_earlier_one(stores: Stores, account: Account) -> None:
    (enrolled,) = await stores.authenticators.enrolled(account.account_id)
    accept = stores.authenticators.accept_time_step
    steps = [60_000, 60_000, 59_999, 60_001, 60_001]
    accepted = [await accept(enrolled.authenticator_id, step, event()) for step in steps]
    assert accepted == [True, False, False, True, False]
    assert not await accept(AuthenticatorId("nobody's"), 60_002, event())
    assert len([record async for record in stores.audit_log.records()]) == 1 + 2


async def test_of_50_parallel_uses_of_one_code_one_is_accepted(stores: Stores, account: Account) -> None:
    (enrolled,) = await stores.authenticators.enrolled(account.account_id)
    accept = stores.authenticators.accept_time_step
    accepted = await asyncio.gather(*(accept(enrolled.authenticator_id, 60_000, event()) for _ in range(50)))
    assert sum(accepted) == 1


async def test_enrolling_brings_one_time_codes_and_recovery_codes(stores: Stores) -> None:
    account_id = await newcomer(stores)
    assert await stores.authenticators.enrol_totp(totp(account_id), CODES, event())
    one_time, recovery = await stores.authenticators.enrolled(account_id)
    assert one_time == totp(account_id)
    assert (recovery.kind, recovery.secret, recovery.remaining) == (AuthenticatorKind.RECOVERY_CODES, "", 3)


async def test_one_time_codes_are_not_enrolled_over_others(stores: Stores, account: Account) -> None:
    assert not await stores.authenticators.enrol_totp(totp(account.account_id), CODES, event())
    (enrolled,) = await stores.authenticators.enrolled(account.account_id)
    assert enrolled.secret == "JBSWY3DPEHPK3PXP"


async def test_nobody_cannot_enrol(stores: Stores) -> None:
    assert not await stores.authenticators.enrol_totp(totp(AccountId("nobody")), CODES, event())


async def test_of_50_parallel_enrolments_one_succeeds(stores: Stores) -> None:
    account_id = await newcomer(stores)
    enrol = stores.authenticators.enrol_totp
    done = await asyncio.gather(*(enrol(totp(account_id, str(n)), CODES, event()) for n in range(50)))
    assert sum(done) == 1
    assert len(await stores.authenticators.enrolled(account_id)) == 2


async def test_a_recovery_code_is_used_once(stores: Stores) -> None:
    account_id = await newcomer(stores)
    await stores.authenticators.enrol_totp(totp(account_id), CODES, event())
    use = stores.authenticators.use_recovery_code
    assert sum(await asyncio.gather(*(use(account_id, CODES[0], now, event()) for _ in range(50)))) == 1
    _, recovery = await stores.authenticators.enrolled(account_id)
    assert recovery.remaining == 2


async def test_an_unknown_or_a_stranger_s_recovery_code_is_refused(stores: Stores, account: Account) -> None:
    account_id = await newcomer(stores)
    await stores.authenticators.enrol_totp(totp(account_id), CODES, event())
    assert not await stores.authenticators.use_recovery_code(account_id, digest("z"), now, event())
    assert not await stores.authenticators.use_recovery_code(account.account_id, CODES[0], now, event())


def device(account_id: AccountId, name: str, secret: str = "") -> Authenticator:
    """A further device; each has a secret of its own."""
    own = b32encode(name.encode().ljust(20, b".")).decode()
    return replace(totp(account_id, name), secret=secret or own, name=f"Máy {name}", created_at=Seconds(NOW + 1))


async def test_further_devices_stand_beside_the_first(stores: Stores, account: Account) -> None:
    store, account_id = stores.authenticators, account.account_id
    first, *_ = await store.enrolled(account_id)
    for name in ("2", "3"):
        assert await store.add_totp(device(account_id, name), 3, event())

    assert await store.enrolled(account_id) == (first, device(account_id, "2"), device(account_id, "3"))
    assert await store.methods(account_id, now) == {Method.ONE_TIME_CODE}
    assert not await store.add_totp(device(account_id, "4"), 3, event())
    assert not await store.add_totp(device(AccountId("nobody"), "4"), 3, event())


async def test_a_first_device_may_be_added_without_recovery_codes(stores: Stores) -> None:
    account_id = await newcomer(stores)
    assert await stores.authenticators.add_totp(device(account_id, "1"), 5, event())
    assert await stores.authenticators.enrolled(account_id) == (device(account_id, "1"),)
    assert not await stores.authenticators.enrol_totp(totp(account_id, "2"), CODES, event())


async def test_two_devices_never_have_one_secret(stores: Stores, account: Account) -> None:
    first, *_ = await stores.authenticators.enrolled(account.account_id)
    assert not await stores.authenticators.add_totp(device(account.account_id, "2", first.secret), 5, event())
    added = await asyncio.gather(
        *(
            stores.authenticators.add_totp(device(account.account_id, f"{n}", "KRSXG5CTMVRXEZLU"), 5, event())
            for n in range(20)
        )
    )
    assert sum(added) == 1


async def test_no_more_devices_are_added_at_once_than_there_may_be(stores: Stores, account: Account) -> None:
    add = stores.authenticators.add_totp
    added = await asyncio.gather(*(add(device(account.account_id, f"{n:02d}"), 5, event()) for n in range(50)))
    assert sum(added) == 4
    assert len(await stores.authenticators.enrolled(account.account_id)) == 5


async def test_each_device_counts_its_own_time_steps(stores: Stores, account: Account) -> None:
    store = stores.authenticators
    await store.add_totp(device(account.account_id, "2"), 5, event())
    first, second = await store.enrolled(account.account_id)
    for one in (first, second):
        accepted = await asyncio.gather(
            *(store.accept_time_step(one.authenticator_id, 60_000, event()) for _ in range(50))
        )
        assert sum(accepted) == 1
    assert {one.last_used_at for one in await store.enrolled(account.account_id)} == {60_000 * 30}


async def test_a_device_is_renamed_by_its_owner_alone(stores: Stores, account: Account) -> None:
    store = stores.authenticators
    await store.add_totp(device(account.account_id, "2"), 5, event())
    first, second = await store.enrolled(account.account_id)
    for one in (first, second):
        assert await store.rename(account.account_id, one.authenticator_id, "Điện thoại", event())
    other = await newcomer(stores)
    assert not await store.rename(other, first.authenticator_id, "x", event())
    assert not await store.rename(account.account_id, AuthenticatorId("nobody's"), "x", event())
    assert [one.name for one in await store.enrolled(account.account_id)] == ["Điện thoại", "Điện thoại"]


async def test_when_the_first_device_goes_another_takes_its_place(stores: Stores, account: Account) -> None:
    store = stores.authenticators
    for name in ("2", "3"):
        await store.add_totp(device(account.account_id, name), 5, event())
    first, second, third = await store.enrolled(account.account_id)
    await store.accept_time_step(second.authenticator_id, 60_000, event())

    assert await store.remove(account.account_id, first.authenticator_id, event())
    assert not await store.remove(account.account_id, first.authenticator_id, event())

    moved = replace(second, last_step=60_000)
    assert await store.enrolled(account.account_id) == (moved, third)
    assert not await store.accept_time_step(second.authenticator_id, 60_000, event())
    # The place that earlier releases know is taken again.
    assert not await store.enrol_totp(totp(account.account_id, "9"), CODES, event())


async def test_devices_are_removed_by_their_owner_down_to_none(stores: Stores, account: Account) -> None:
    store = stores.authenticators
    await store.add_totp(device(account.account_id, "2"), 5, event())
    other = await newcomer(stores)
    for one in reversed(await store.enrolled(account.account_id)):
        assert not await store.remove(other, one.authenticator_id, event())
        assert await store.remove(account.account_id, one.authenticator_id, event())
    assert await store.enrolled(account.account_id) == ()
    assert await store.methods(account.account_id, now) == frozenset()


async def test_fresh_recovery_codes_take_the_place_of_the_old_ones(stores: Stores) -> None:
    account_id, store = await newcomer(stores), stores.authenticators
    await store.enrol_totp(totp(account_id), CODES, event())
    fresh = (bytes(digest("y")), bytes(digest("z")))

    assert await store.replace_recovery_codes(account_id, fresh, Seconds(NOW + 5), event())

    _, recovery = await store.enrolled(account_id)
    assert (recovery.remaining, recovery.created_at) == (2, NOW + 5)
    assert not await store.use_recovery_code(account_id, CODES[0], now, event())
    assert await store.use_recovery_code(account_id, fresh[0], now, event())
    assert not await store.replace_recovery_codes(AccountId("nobody"), fresh, now, event())


async def test_recovery_codes_take_no_place_twice_nor_that_of_newer_ones(stores: Stores) -> None:
    account_id, store = await newcomer(stores), stores.authenticators
    fresh, other = (bytes(digest("y")),), (bytes(digest("z")),)
    moment = Seconds(NOW + 5)
    assert await store.replace_recovery_codes(account_id, fresh, moment, event(), older_than=now)
    assert await store.use_recovery_code(account_id, fresh[0], moment, event())

    assert await store.replace_recovery_codes(account_id, fresh, Seconds(NOW + 9), event(), older_than=now)
    assert not await store.replace_recovery_codes(account_id, other, Seconds(NOW + 9), event(), older_than=moment)

    (recovery,) = await store.enrolled(account_id)
    assert (recovery.remaining, recovery.created_at) == (0, moment)
    assert await store.replace_recovery_codes(account_id, other, Seconds(NOW + 9), event(), older_than=Seconds(NOW + 6))


async def test_nothing_of_a_device_is_left_when_the_account_closes(stores: Stores, account: Account) -> None:
    await stores.authenticators.add_totp(device(account.account_id, "2"), 5, event())
    closure = AccountClosure(account.account_id, now, now)
    await stores.account_closures.ask(closure, event())
    assert await stores.account_closures.close(closure, now, event()) is not None
    assert await stores.authenticators.enrolled(account.account_id) == ()
    assert await stores.authenticators.methods(account.account_id, now) == frozenset()
