"""The contract of `AccountCertificates`."""

import asyncio
from dataclasses import replace

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account
from idp.domain.authenticators.account_certificate import AccountCertificate, CheckedCertificate
from idp.domain.ids import AccountId, Seconds
from idp.domain.levels.assurance import Method
from idp.domain.records import Records
from tests.ports.samples import EVENT, NOW, digest, event, person

now = Seconds(NOW)
ENDS = Seconds(NOW + 1000)


@pytest.fixture
async def holder(stores: Stores) -> AccountId:
    await stores.records.load(Records(people=(person(2),)), EVENT)
    found = await stores.records.account_of(person(2).personal_number)
    assert found is not None
    return found


def card(account_id: AccountId, letter: str = "a", **changes: object) -> AccountCertificate:
    checked = CheckedCertificate(bytes(digest(letter)), "CN=Nguyễn An,C=VN", "CN=Cards CA,C=VN", ENDS)
    made = AccountCertificate(
        certificate_id=f"card-{letter}",
        account_id=account_id,
        certificate=checked,
        name="Thẻ ở cơ quan",
        created_at=now,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # whatever fields a test names


async def test_a_certificate_is_found_by_its_hash_and_told_as_it_was_added(stores: Stores, holder: AccountId) -> None:
    certificates = stores.account_certificates
    assert await certificates.add(card(holder), 10, event())
    assert await certificates.holder(bytes(digest("a"))) == holder
    assert await certificates.holder(bytes(digest("b"))) is None
    assert await certificates.of_account(holder) == (card(holder),)
    assert Method.CERTIFICATE in await stores.authenticators.methods(holder, now)
    assert Method.CERTIFICATE in await stores.authenticators.methods(holder, ENDS)
    assert Method.CERTIFICATE not in await stores.authenticators.methods(holder, Seconds(ENDS + 1))


async def test_a_certificate_is_one_accounts(stores: Stores, account: Account, holder: AccountId) -> None:
    certificates = stores.account_certificates
    assert await certificates.add(card(holder), 10, event())
    again = card(account.account_id, certificate_id="card-of-somebody-else")
    assert not await certificates.add(again, 10, event())
    assert not await certificates.add(card(holder, certificate_id="once-more"), 10, event())
    assert await certificates.of_account(account.account_id) == ()
    assert len([record async for record in stores.audit_log.records()]) == 2 + 1


async def test_of_50_accounts_that_add_one_certificate_at_once_one_has_it(stores: Stores, holder: AccountId) -> None:
    added = await asyncio.gather(
        *(
            stores.account_certificates.add(card(holder, certificate_id=f"card-{number}"), 99, event())
            for number in range(50)
        )
    )
    assert sum(added) == 1


async def test_of_50_certificates_added_at_once_as_many_as_may_be_are(stores: Stores, holder: AccountId) -> None:
    letters = [chr(ord("A") + number) for number in range(50)]
    added = await asyncio.gather(
        *(stores.account_certificates.add(card(holder, letter), 3, event()) for letter in letters)
    )
    assert sum(added) == 3
    assert len(await stores.account_certificates.of_account(holder)) == 3


async def test_a_use_is_recorded_while_the_account_has_the_certificate(
    stores: Stores, account: Account, holder: AccountId
) -> None:
    certificates, thumbprint = stores.account_certificates, bytes(digest("a"))
    assert await certificates.add(card(holder), 10, event())
    later = Seconds(now + 5)
    assert not await certificates.accept(account.account_id, thumbprint, later, event())
    assert await certificates.accept(holder, thumbprint, later, event())
    (used,) = await certificates.of_account(holder)
    assert used.last_used_at == later
    assert await certificates.remove(holder, "card-a", event())
    assert not await certificates.accept(holder, thumbprint, later, event())


async def test_a_certificate_is_taken_away_by_its_own_account_alone(
    stores: Stores, account: Account, holder: AccountId
) -> None:
    certificates = stores.account_certificates
    assert await certificates.add(card(holder), 10, event())
    assert not await certificates.remove(account.account_id, "card-a", event())
    assert await certificates.remove(holder, "card-a", event())
    assert not await certificates.remove(holder, "card-a", event())
    assert await certificates.of_account(holder) == ()
    assert await certificates.add(card(account.account_id), 10, event())


async def test_nobody_adds_for_an_account_that_is_not_there(stores: Stores) -> None:
    assert not await stores.account_certificates.add(card(AccountId("nobody")), 10, event())
