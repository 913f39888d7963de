"""The contract of `Authenticators`."""

import asyncio

from idp.adapters.sql.stores import Stores
from idp.domain.account import Account, Authenticator, AuthenticatorKind
from idp.domain.ids import AccountId, AuthenticatorId, Seconds
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
