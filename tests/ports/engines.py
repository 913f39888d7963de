"""The engines that the contracts of the ports are proved on: one line each."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from idp.adapters.sql.schema import prepare
from tests.postgresql import postgresql_url
from tests.valkey import valkey_cluster_url, valkey_url


def sqlite_url(folder: Path) -> str:
    """A new SQLite database with the current schema."""
    path = folder / "idp.db"
    path.write_bytes(_migrated())
    return f"sqlite:///{path}"


@cache
def _migrated() -> bytes:
    """One migrated file for the whole run: migrating takes longer than a test."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "idp.db"
        prepare(f"sqlite:///{path}")
        return path.read_bytes()


# What keeps everything, and what keeps short-lived values: a URL of a fresh, empty store in a folder of the test's own.
DURABLE: dict[str, Callable[[Path], str]] = {"sqlite": sqlite_url, "postgresql": postgresql_url}
SHORT_LIVED: dict[str, Callable[[Path], str]] = DURABLE | {"valkey": valkey_url, "valkey-cluster": valkey_cluster_url}
