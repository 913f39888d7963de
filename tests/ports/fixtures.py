"""What the tests of ports and of their SQL adapters share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.adapters.crypto.long_lived_keys import PURPOSES
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.crypto.vault import KeystoreVault
from idp.adapters.redis.opening import open_state
from idp.adapters.sql.stores import Stores, open_stores
from idp.domain.accounts.account import Account
from idp.domain.records import Records
from idp.ports.short_lived import ShortLivedStore
from idp.ports.vault import Vault
from idp.settings import Settings
from tests.adapters.turned_clock import TurnedClock
from tests.ports.engines import DURABLE, SHORT_LIVED
from tests.ports.samples import EVENT, person

__all__ = ["account", "clock", "database_url", "entropy", "short_lived", "stores", "vault"]


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def entropy() -> SystemEntropy:
    return SystemEntropy()


@pytest.fixture(scope="session")
def vault() -> Vault:
    return KeystoreVault({purpose: purpose.encode().ljust(32, b".") for purpose in PURPOSES})


@pytest.fixture(params=sorted(DURABLE))
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return DURABLE[request.param](tmp_path)


@pytest.fixture
async def stores(database_url: str, vault: Vault, clock: TurnedClock, entropy: SystemEntropy) -> AsyncIterator[Stores]:
    opened = open_stores(database_url, vault, clock, entropy)
    yield opened
    await opened.close()


@pytest.fixture(params=sorted(SHORT_LIVED))
async def short_lived(
    request: pytest.FixtureRequest, tmp_path: Path, vault: Vault, clock: TurnedClock, entropy: SystemEntropy
) -> AsyncIterator[ShortLivedStore]:
    url = SHORT_LIVED[request.param](tmp_path)
    state = open_state(Settings(state_url=url), clock) if url.startswith("redis") else None
    opened = open_stores(DURABLE["sqlite"](tmp_path) if state else url, vault, clock, entropy, state)
    yield opened.short_lived
    await opened.close()


@pytest.fixture
async def account(stores: Stores) -> Account:
    """The citizen's account of person 1, who has a one-time-code secret."""
    await stores.records.load(Records(people=(person(1, totp_secret="JBSWY3DPEHPK3PXP"),)), EVENT)
    found = await stores.accounts.find(person(1).personal_number)
    assert found is not None
    return found
