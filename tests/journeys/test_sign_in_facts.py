"""Facts are made of the audit trail once each, wherever a reader was stopped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from idp.adapters.crypto.long_lived_keys import PURPOSES
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.crypto.vault import KeystoreVault
from idp.adapters.sql.stores import Stores, open_stores
from idp.domain.accounts.account import AccountKind
from idp.domain.events import (
    AuthorizationGranted,
    AuthorizationRefused,
    Event,
    PasswordRefused,
    SecondFactorRefused,
    SessionStarted,
)
from idp.domain.ids import AccountId, ClientId, GrantId, Seconds, SessionId
from idp.domain.levels.assurance import Level
from idp.domain.sign_ins.sign_in_fact import Outcome
from idp.journeys import trail_reading
from idp.journeys.sign_in_facts import SignInFactReader
from idp.ports.sign_in_facts import Dimension, Period
from tests.adapters.turned_clock import TurnedClock
from tests.ports.engines import sqlite_url
from tests.ports.samples import EVENT, NOW, ORIGIN
from tests.ports.test_sign_in_facts import SHAPE

ACCOUNT, PORTAL, SESSION = AccountId("account-1"), ClientId("portal"), SessionId("session-1")
STARTED = SessionStarted(
    origin=ORIGIN,
    account_id=ACCOUNT,
    session_id=SESSION,
    acr="urn:vn:loa:2",
    amr=("mfa", "otp", "pwd"),
    stepped_up=False,
    client_id=PORTAL,
    account_kind="officer",
)
GRANTED = AuthorizationGranted(
    origin=ORIGIN,
    client_id=PORTAL,
    account_id=ACCOUNT,
    session_id=SESSION,
    grant_id=GrantId("grant-1"),
    scopes=SHAPE.scopes,
    acr="LoA1",
    amr=("mfa", "otp", "pwd"),
    shape=SHAPE,
    policy=1,
)
REFUSED = AuthorizationRefused(origin=ORIGIN, error="access_denied", client_id=PORTAL)
MISTYPED = PasswordRefused(origin=ORIGIN, reason="wrong")
WRONG_CODE = SecondFactorRefused(origin=ORIGIN, account_id=ACCOUNT, method="otp", reason="WrongCodeError")
EVER = Period(Seconds(0), Seconds(2 * NOW))


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with opened(tmp_path) as stores:
        yield stores


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Stores]:
    vault = KeystoreVault({purpose: purpose.encode().ljust(32, b".") for purpose in PURPOSES})
    stores = open_stores(sqlite_url(folder), vault, TurnedClock(), SystemEntropy())
    yield stores
    await stores.close()


async def read(stores: Stores) -> int:
    return await SignInFactReader(stores.audit_log, stores.sign_in_facts).read_on(lambda: True)


async def counted(stores: Stores, *by: Dimension) -> dict[tuple[str | int, ...], int]:
    return dict(await stores.sign_in_facts.counts(by, EVER, frozenset(Outcome)))


async def test_each_outcome_of_a_sign_in_becomes_one_fact_and_nothing_else_does(stores: Stores) -> None:
    await stores.audit_trail.record(STARTED, EVENT, GRANTED, REFUSED, MISTYPED, WRONG_CODE)
    assert await read(stores) == 5
    assert await counted(stores, Dimension.OUTCOME, Dimension.ERROR) == {
        ("signed_in", ""): 1,
        ("granted", ""): 1,
        ("refused", "access_denied"): 1,
        ("password_refused", "wrong"): 1,
        ("second_factor_refused", "WrongCodeError"): 1,
    }
    kinds = await counted(stores, Dimension.OUTCOME, Dimension.KIND, Dimension.LEVEL, Dimension.METHODS)
    assert kinds["signed_in", "officer", 2, "mfa otp pwd"] == 1
    assert kinds["granted", "citizen", 2, "mfa otp pwd"] == 1
    (shape,) = await stores.sign_in_facts.shapes(EVER)
    assert (shape.client_id, shape.shape, shape.count) == (PORTAL, SHAPE, 1)


async def test_a_grant_that_told_less_than_was_done_counts_by_what_was_done(stores: Stores) -> None:
    before = replace(GRANTED, shape=None)
    await stores.audit_trail.record(before)
    await read(stores)
    assert await counted(stores, Dimension.ACR, Dimension.LEVEL) == {("LoA1", int(Level.TWO)): 1}
    assert await stores.sign_in_facts.shapes(EVER) == ()


async def test_a_reader_goes_on_where_another_stopped(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail_reading, "BATCH", 3)
    await stores.audit_trail.record(*trail(8))
    turns = iter([True, True, False])
    reader = SignInFactReader(stores.audit_log, stores.sign_in_facts)
    assert await reader.read_on(lambda: next(turns)) == 6
    assert await stores.sign_in_facts.position("main") == 6
    assert await read(stores) == 2
    assert await read(stores) == 0
    assert await counted(stores) == {(): 8}


def trail(length: int) -> list[Event]:
    return [replace(GRANTED, grant_id=GrantId(f"grant-{number}")) for number in range(length)]


async def test_many_readers_at_once_store_everything_once(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail_reading, "BATCH", 2)
    await stores.audit_trail.record(*trail(7))
    assert sum(await asyncio.gather(*(read(stores) for _ in range(50)))) == 7
    assert await counted(stores, Dimension.KIND) == {(AccountKind.CITIZEN.value,): 7}
