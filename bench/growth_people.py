"""A database with many people in it, made once in a folder that stays.

`idp import` checks every line that it reads and keeps the database whole all the while: with ten million people that
would take an hour and more on SQLite. Here people are made (`bench.growth_doubles`) and written without that. Rows go
into the tables as they come where keys ascend; those of other tables lie in a file beside the database until all are
there, and are sorted then; indexes come last. What was done when it was stopped is not done again.
"""

import gc
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Final

from bench.growth_doubles import Doubles
from bench.installation import load_records
from idp.adapters.sql.tables import metadata

_IDP: Final = (sys.executable, "-m", "bench.idp_command")
_AT_ONCE: Final = 20_000
_CACHE_KIB: Final = 768 * 1024

_IN_ORDER: Final = ("persons", "accounts", "authenticators", "grants")
_SCATTERED: Final = ("identifiers", "person_likenesses", "name_words")
"""Tables whose keys come in no order: they are sorted once instead of being looked up ten million times."""


def fill(folder: Path, environment: Mapping[str, str], people: int) -> None:
    """Bring the database in `folder` to so many people, unless it has them; clients and people of the scenarios too."""
    folder.mkdir(parents=True, exist_ok=True)
    filled = folder / "filled"
    if filled.exists():
        subprocess.run([*_IDP, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
        return
    if not (folder / "begun").exists():
        _begin(folder, environment)
    with closing(_open(folder)) as connection:
        _add_people(connection, environment, people)
        _sort(connection)
        connection.execute("PRAGMA journal_mode = WAL")
    filled.touch()
    (folder / "scattered.db").unlink()


def _begin(folder: Path, environment: Mapping[str, str]) -> None:
    for left in (*folder.glob("idp.db*"), *folder.glob("scattered.db*")):
        left.unlink()
    load_records(folder, environment)
    with closing(_open(folder)) as connection:
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE scattered.progress (people INTEGER NOT NULL)")
        connection.execute("INSERT INTO scattered.progress VALUES (0)")
        connection.execute("CREATE TABLE scattered.dropped_indexes (sql TEXT NOT NULL)")
        for table in _SCATTERED:
            connection.execute(f"CREATE TABLE scattered.{table} AS SELECT * FROM main.{table}")  # noqa: S608 -- ours
            connection.execute(f"DELETE FROM main.{table}")  # noqa: S608 -- ours
            _drop_indexes(connection, table)
        connection.execute("COMMIT")
    (folder / "begun").touch()


def _open(folder: Path) -> sqlite3.Connection:
    """Return a connection that survives being killed, though not the machine's power."""
    connection = sqlite3.connect(folder / "idp.db", isolation_level=None)
    connection.execute("ATTACH ? AS scattered", (str(folder / "scattered.db"),))
    for schema in ("main", "scattered"):
        connection.execute(f"PRAGMA {schema}.journal_mode = DELETE")
        connection.execute(f"PRAGMA {schema}.synchronous = OFF")
    connection.execute(f"PRAGMA main.cache_size = -{_CACHE_KIB}")
    return connection


def _drop_indexes(connection: sqlite3.Connection, table: str) -> None:
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?", (table,)
    ).fetchall()
    for name, sql in rows:
        connection.execute("INSERT INTO scattered.dropped_indexes VALUES (?)", (sql,))
        connection.execute(f"DROP INDEX {name}")


def _add_people(connection: sqlite3.Connection, environment: Mapping[str, str], people: int) -> None:
    (position,) = connection.execute("SELECT people FROM scattered.progress").fetchone()
    doubles = Doubles(environment)
    # Millions of rows come and go, none of which refers to itself: looking for those took a fifth of the time.
    gc.freeze()
    gc.disable()
    while position < people:
        behind = min(people, position + _AT_ONCE)
        made = [doubles.make(number) for number in range(position, behind)]
        connection.execute("BEGIN")
        for table in (*_IN_ORDER, *_SCATTERED):
            schema = "scattered" if table in _SCATTERED else "main"
            _insert(connection, f"{schema}.{table}", (row for rows in made for row in rows[table]))
        connection.execute("UPDATE scattered.progress SET people = ?", (behind,))
        connection.execute("COMMIT")
        position = behind
        print(f"  {position:,} of {people:,} people", file=sys.stderr)
    gc.enable()


def _insert(connection: sqlite3.Connection, into: str, rows: Iterator[Mapping[str, object]]) -> None:
    for first in rows:
        names, marks = ", ".join(first), ", ".join("?" * len(first))
        every = (tuple(row.values()) for row in chain([first], rows))
        connection.executemany(f"INSERT INTO {into} ({names}) VALUES ({marks})", every)  # noqa: S608 -- ours


def _sort(connection: sqlite3.Connection) -> None:
    """Carry over what lies aside, in the order of its keys, then make the indexes."""
    for table in _SCATTERED:
        keys = ", ".join(column.name for column in metadata.tables[table].primary_key.columns)
        connection.execute("BEGIN")
        if _is_there(connection, table):
            everything = f"SELECT * FROM scattered.{table} ORDER BY {keys}"  # noqa: S608 -- names of ours
            connection.execute(f"INSERT INTO main.{table} {everything}")
            connection.execute(f"DROP TABLE scattered.{table}")
        connection.execute("COMMIT")
    for (sql,) in connection.execute("SELECT sql FROM scattered.dropped_indexes").fetchall():
        connection.execute("BEGIN")
        connection.execute(sql)
        connection.execute("DELETE FROM scattered.dropped_indexes WHERE sql = ?", (sql,))
        connection.execute("COMMIT")


def _is_there(connection: sqlite3.Connection, table: str) -> bool:
    named = connection.execute("SELECT 1 FROM scattered.sqlite_master WHERE name = ?", (table,))
    return named.fetchone() is not None
