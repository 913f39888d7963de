"""Moving wrapped data keys, on every engine that keeps them."""

import pytest

from idp.adapters.crypto.vault import KeystoreVault
from idp.adapters.sql.rewrapping import BATCH, START, Rewrapping, WrappedKey
from idp.adapters.sql.stores import Stores
from idp.domain.records import Records
from tests.ports.samples import EVENT, person


@pytest.fixture
def rewrapping(stores: Stores) -> Rewrapping:
    return Rewrapping(stores.database)


async def load(stores: Stores, count: int) -> None:
    await stores.records.load(Records(people=tuple(person(number) for number in range(1, count + 1))), EVENT)


async def every(rewrapping: Rewrapping) -> list[WrappedKey]:
    found: list[WrappedKey] = []
    after = START
    while page := await rewrapping.page(after):
        assert len({key.row for key in page}) <= BATCH
        found += page
        after = page[-1].row
    return found


async def test_an_empty_database_has_no_keys(rewrapping: Rewrapping) -> None:
    assert await rewrapping.page(START) == ()
    assert await rewrapping.count() == 0


async def test_every_key_of_everybody_is_walked_past_once(stores: Stores, rewrapping: Rewrapping) -> None:
    await load(stores, BATCH + 3)
    keys = await every(rewrapping)
    assert await rewrapping.count() == BATCH + 3
    assert len({(key.row, key.column) for key in keys}) == len(keys) == 2 * (BATCH + 3)
    assert {key.column for key in keys} == {"record_key", "erasable_key"}
    assert [key.row for key in keys] == sorted(key.row for key in keys)


async def test_a_key_is_replaced_where_it_is_still_the_one_that_was_read(
    stores: Stores, rewrapping: Rewrapping
) -> None:
    await load(stores, 2)
    first, second, *others = await every(rewrapping)
    await rewrapping.replace({first: b"\2new", second: b"\2also new"})
    assert [key.value for key in await every(rewrapping)] == [b"\2new", b"\2also new", *(key.value for key in others)]
    await rewrapping.replace({first: b"\3late", others[0]: b"\2too"})
    assert [key.value for key in await every(rewrapping)] == [
        b"\2new",
        b"\2also new",
        b"\2too",
        *(key.value for key in others[1:]),
    ]


async def test_a_person_keeps_name_contacts_and_factors(
    stores: Stores, rewrapping: Rewrapping, vault: KeystoreVault
) -> None:
    await stores.records.load(Records(people=(person(1, totp_secret="JBSWY3DPEHPK3PXP"),)), EVENT)
    before = await stores.accounts.find(person(1).personal_number)
    assert before is not None
    await rewrapping.replace({key: vault.rewrap(key.value) for key in await every(rewrapping)})
    assert await stores.accounts.find(person(1).personal_number) == before
    profile = await stores.accounts.profile(before.account_id)
    assert profile is not None
    assert profile.claims["name"] == person(1).claims["name"]
    (factor,) = await stores.authenticators.enrolled(before.account_id)
    assert factor.secret == "JBSWY3DPEHPK3PXP"
