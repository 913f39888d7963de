"""A database as the first release had it: made older again, whatever the releases since have added."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from idp.adapters.sql.revisions import MIGRATIONS

FIRST = "0001"
_NAMES = "SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('index', 'table')"


def make_older(database: Path, scratch: Path) -> None:
    """Take from a SQLite database everything that the first revision did not have; what it had keeps its rows."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{scratch}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, FIRST)
    engine.dispose()
    with closing(sqlite3.connect(scratch)) as first, closing(sqlite3.connect(database, isolation_level=None)) as last:
        last.execute("PRAGMA foreign_keys = OFF")
        known = set(first.execute(_NAMES))
        # Indexes before the columns that they are on.
        for kind, name in sorted(set(last.execute(_NAMES)) - known):
            last.execute(f"DROP {kind.upper()} IF EXISTS {name}")
        for kind, name in known:
            if kind == "table":
                for column in _columns(last, name) - _columns(first, name):
                    last.execute(f"ALTER TABLE {name} DROP COLUMN {column}")
        last.execute("UPDATE alembic_version SET version_num = ?", (FIRST,))


def _columns(connection: Any, table: str) -> set[str]:
    return {str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")}
