"""Which engines whole applications are tested on: `pytest --engines postgresql`, SQLite unless said otherwise.

A folder stands for one provider. On PostgreSQL it holds the name of its database; a folder that was copied from a
prepared one finds the name of the other's there, and gets a database copied from it.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from tests.postgresql import postgresql_url, server
from tests.valkey import valkey_url

VARIABLE = "TEST_ENGINES"
CHOICES = ("sqlite", "postgresql", "sqlite+valkey", "postgresql+valkey")


def chosen() -> str:
    return os.environ.get(VARIABLE, CHOICES[0])


def database_url(folder: Path) -> str:
    """The URL of the folder's database."""
    if not chosen().startswith("postgresql"):
        return f"sqlite:///{folder}/idp.db"
    note = folder / "postgresql.txt"
    if not note.exists():
        url = postgresql_url()
    else:
        home, url = note.read_text().splitlines()
        if home == str(folder):
            return url
        url = server().new_database(urlsplit(url).path.removeprefix("/"))
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(f"{folder}\n{url}\n")
    return url


def state_url(folder: Path) -> str:
    """The URL of the folder's short-lived state; empty where its database keeps it. A copied folder starts afresh."""
    return valkey_url(folder) if chosen().endswith("+valkey") else ""
