"""What the database holds of a person, and what is left when the key of the erasable part is destroyed."""

import re
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace

import pytest

from idp.adapters.crypto.long_lived_keys import PURPOSES
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.crypto.vault import KeystoreVault
from idp.adapters.sql.stores import Stores, open_stores
from idp.adapters.sql.url import is_postgresql, sqlite_path
from idp.domain.accounts.account import Account
from idp.domain.ids import AuthenticatorId
from idp.domain.records import AgencyRecord, Loaded, Records
from idp.ports.records import RecordConflictError
from idp.ports.vault import VaultError
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT, NOW, event, officer, person
from tests.postgresql import program, run_sql

AGENCY = AgencyRecord("G10.01", "Cục Đất đai", "department")


def execute(url: str, statement: str) -> None:
    if is_postgresql(url):
        run_sql(url, statement)
        return
    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as connection:
        connection.execute(statement)


def erase(url: str) -> None:
    execute(url, "UPDATE persons SET erasable_key = NULL, erasable = NULL")


def dump(url: str) -> bytes:
    """Everything that the database holds, bytes in hexadecimal digits."""
    if is_postgresql(url):
        return subprocess.run([program("pg_dump"), "--inserts", url], check=True, capture_output=True).stdout
    with closing(sqlite3.connect(sqlite_path(url))) as connection:
        return b"".join(line.encode() for line in connection.iterdump())


async def test_nothing_in_the_file_tells_who_somebody_is(stores: Stores, account: Account, database_url: str) -> None:
    await stores.records.load(Records(agencies=(AGENCY,), officers=(officer(1),)), EVENT)
    await stores.close()
    whole = dump(database_url)
    blobs = b"".join(bytes.fromhex(found.decode()) for found in re.findall(rb"(?:X'|\\x)([0-9A-Fa-f]*)", whole))
    assert len(blobs) > 500
    for told in (
        "001099000001",
        "Nguyễn",
        "hoa1",
        "+8490",
        "Hàng Bài",
        "1999-01-02",
        "b1@g10",
        "Chuyên viên",
        "JBSWY3",
    ):
        assert told.encode() not in whole
        assert told.encode() not in blobs


async def test_another_person_s_row_does_not_open(stores: Stores, account: Account, database_url: str) -> None:
    await stores.records.load(Records(people=(person(2),)), EVENT)
    execute(database_url, "UPDATE persons SET record = (SELECT record FROM persons AS other LIMIT 1)")
    opened = 0
    for number in (1, 2):
        found = await stores.accounts.find(person(number).personal_number)
        assert found is not None
        try:
            await stores.accounts.profile(found.account_id)
        except VaultError:
            continue
        opened += 1
    assert opened == 1


async def test_another_keystore_opens_and_finds_nothing(
    stores: Stores, account: Account, database_url: str, clock: TurnedClock
) -> None:
    strangers = KeystoreVault(dict.fromkeys(PURPOSES, b"?" * 32))
    elsewhere = open_stores(database_url, strangers, clock, SystemEntropy())
    assert await elsewhere.accounts.find(person(1).personal_number) is None
    with pytest.raises(VaultError):
        await elsewhere.accounts.profile(account.account_id)
    await elsewhere.close()


async def test_what_may_be_erased_is_gone_with_its_key(stores: Stores, account: Account, database_url: str) -> None:
    erase(database_url)
    profile = await stores.accounts.profile(account.account_id)
    assert profile is not None
    kept = {"name": "Nguyễn Thị Hoà", "birthdate": "1999-01-02", "gender": "male"}
    assert profile.claims == kept | {"updated_at": NOW}
    assert await stores.accounts.contacts(account.account_id) == ()
    assert await stores.authenticators.enrolled(account.account_id) == ()
    assert not await stores.authenticators.accept_time_step(AuthenticatorId("unknown"), 1, event())


async def test_an_erased_person_is_left_alone_by_what_is_loaded(
    stores: Stores, account: Account, database_url: str
) -> None:
    erase(database_url)
    again = person(1, email="moi@example.vn", totp_secret="KRSXG5CTMVRXEZLU")
    bare = replace(again, email=None, phone_number=None, claims={"name": "Nguyễn Thị Hoà"})
    for each in (again, bare):
        assert await stores.records.load(Records(people=(each,)), EVENT) == Loaded(unchanged=1)
        assert await stores.accounts.contacts(account.account_id) == ()
        assert await stores.authenticators.enrolled(account.account_id) == ()


async def test_an_erased_person_is_no_officer(stores: Stores, account: Account, database_url: str) -> None:
    erase(database_url)
    with pytest.raises(RecordConflictError, match="erased"):
        await stores.records.load(Records(agencies=(AGENCY,), officers=(officer(1),)), EVENT)


async def test_an_officer_whose_post_ended_has_none_until_a_new_one(
    stores: Stores, account: Account, database_url: str
) -> None:
    await stores.records.load(Records(agencies=(AGENCY,), officers=(officer(1),)), EVENT)
    execute(database_url, "UPDATE officer_posts SET held_from = held_from - 2, held_to = held_from - 1")
    found = await stores.accounts.find(officer(1).username)
    assert found is not None
    profile = await stores.accounts.profile(found.account_id)
    assert profile is not None
    assert profile.officer is None
    assert await stores.records.load(Records(officers=(officer(1),)), EVENT) == Loaded(changed=1)
    profile = await stores.accounts.profile(found.account_id)
    assert profile is not None
    assert profile.officer is not None
