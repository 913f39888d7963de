import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from idp.adapters.sql.postgresql.database import PostgresqlDatabase
from idp.adapters.sql.schema import migrate
from tests.adapters.turned_clock import TurnedClock
from tests.postgresql import PostgresqlServer, postgresql_url


@pytest.fixture
def url() -> str:
    return postgresql_url()


@pytest.fixture
async def database(url: str, clock: TurnedClock) -> AsyncIterator[PostgresqlDatabase]:
    opened = PostgresqlDatabase(url, clock, size=5, timeout=5.0)
    yield opened
    await opened.close()


@pytest.fixture
def own_server() -> Iterator[PostgresqlServer]:
    """A server that a test may stop, kill and start again."""
    folder = Path(tempfile.mkdtemp(prefix="pg-own-"))
    started = PostgresqlServer(folder, {"synchronous_commit": "on"})
    started.create()
    started.start()
    yield started
    started.stop(9)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def fragile(own_server: PostgresqlServer, clock: TurnedClock) -> AsyncIterator[PostgresqlDatabase]:
    """A database on a server of the test's own, with a short patience."""
    url = own_server.new_database()
    migrate(url)
    opened = PostgresqlDatabase(url, clock, size=2, timeout=0.5)
    yield opened
    await opened.close()
