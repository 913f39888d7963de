from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.adapters.sql.sqlite.database import SqliteDatabase
from tests.adapters.turned_clock import TurnedClock
from tests.ports.engines import sqlite_url


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Path(sqlite_url(tmp_path).removeprefix("sqlite:///"))


@pytest.fixture
def database(path: Path, clock: TurnedClock) -> Iterator[SqliteDatabase]:
    opened = SqliteDatabase(path, clock, lock_timeout=0.05)
    yield opened
    opened.close_now()
