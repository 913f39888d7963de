"""A database with many people in it, made once in a folder that stays.

`idp import` checks every line that it reads and keeps the database whole all the while: with ten million people that
would take an hour and more on SQLite. Here people are made (`bench.growth.doubles`) and written without that, rows as
they come into tables whose keys ascend. Identifiers lie in a file beside the database until all are there, and are
sorted then; what says nothing of its own about anybody (a living grant each, words of names, marks of likeness that
nobody else has) is added by a statement for all at once. What was done when it was stopped is not done again.
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

from bench.growth.doubles import MODELS, Doubles
from bench.installation import load_records
from idp.domain.people.likeness import LikenessKind

_IDP: Final = (sys.executable, "-m", "bench.idp_command")
_AT_ONCE: Final = 20_000
_CACHE_KIB: Final = 768 * 1024

_IN_ORDER: Final = ("persons", "accounts", "authenticators")

_SORT_IDENTIFIERS: Final = "INSERT INTO identifiers SELECT * FROM aside.identifiers ORDER BY blind_index"
_ADD_LIKENESSES: Final = f"""
INSERT INTO person_likenesses (blind_index, person_id, kind)
SELECT randomblob(32) AS blind, person_id, '{LikenessKind.NAME_AND_BIRTHDATE}' FROM persons
WHERE rowid > (SELECT before FROM aside.progress) ORDER BY blind
"""  # noqa: S608 -- names of ours
_ADD_WORDS: Final = f"""
INSERT INTO name_words (token, person_id)
SELECT words.token, persons.person_id FROM persons CROSS JOIN aside.words
ON words.model = (persons.rowid - 1 - (SELECT before FROM aside.progress)) % {MODELS}
WHERE persons.rowid > (SELECT before FROM aside.progress) ORDER BY words.token, persons.person_id
"""  # noqa: S608 -- a number of ours
# The first sixteen digits of an account's identifier are its moment, so that those of sessions ascend too.
_ADD_GRANTS: Final = """
INSERT INTO grants ({names}, grant_id, session_id, account_id, family_hash, turn_hash)
SELECT {marks}, ? || account_id, substr(account_id, 1, 16) || lower(hex(randomblob(8))), account_id,
  randomblob(32), randomblob(32) FROM accounts WHERE rowid > (SELECT before FROM aside.progress)
"""
_INDEX: Final = "ix_identifiers_account_id"
"""Of identifiers, which are sorted otherwise: made when all are there."""


def fill(folder: Path, environment: Mapping[str, str], people: int) -> None:
    """Bring the database in `folder` to so many people, unless it has them; clients and people of the scenarios too."""
    folder.mkdir(parents=True, exist_ok=True)
    filled = folder / "filled"
    if filled.exists():
        subprocess.run([*_IDP, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
        return
    doubles = _begin(folder, environment)
    with closing(_open(folder)) as connection:
        _add_people(connection, doubles, people)
        _add_the_rest(connection, doubles)
        connection.execute("PRAGMA journal_mode = WAL")
    filled.touch()
    (folder / "aside.db").unlink()


def _begin(folder: Path, environment: Mapping[str, str]) -> Doubles:
    begun = folder / "begun"
    if begun.exists():
        return Doubles(environment)
    for left in (*folder.glob("idp.db*"), *folder.glob("aside.db*")):
        left.unlink()
    load_records(folder, environment)
    doubles = Doubles(environment)
    with closing(_open(folder)) as connection:
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE aside.progress AS SELECT 0 AS people, count(*) AS before FROM persons")
        connection.execute("CREATE TABLE aside.identifiers AS SELECT * FROM main.identifiers WHERE 0")
        connection.execute("CREATE TABLE aside.done (part TEXT PRIMARY KEY)")
        connection.execute("CREATE TABLE aside.words (model, token, PRIMARY KEY (model, token)) WITHOUT ROWID")
        connection.executemany("INSERT INTO aside.words VALUES (?, ?)", doubles.words())
        connection.execute("COMMIT")
    begun.touch()
    return doubles


def _open(folder: Path) -> sqlite3.Connection:
    """Return a connection that survives being killed, though not the machine's power."""
    connection = sqlite3.connect(folder / "idp.db", isolation_level=None)
    connection.execute("ATTACH ? AS aside", (str(folder / "aside.db"),))
    for schema in ("main", "aside"):
        connection.execute(f"PRAGMA {schema}.journal_mode = DELETE")
        connection.execute(f"PRAGMA {schema}.synchronous = OFF")
    connection.execute(f"PRAGMA main.cache_size = -{_CACHE_KIB}")
    return connection


def _add_people(connection: sqlite3.Connection, doubles: Doubles, people: int) -> None:
    (position,) = connection.execute("SELECT people FROM aside.progress").fetchone()
    # Millions of rows come and go, none of which refers to itself: looking for those took a fifth of the time.
    gc.freeze()
    gc.disable()
    while position < people:
        behind = min(people, position + _AT_ONCE)
        made = [doubles.make(number) for number in range(position, behind)]
        connection.execute("BEGIN")
        for table in _IN_ORDER:
            _insert(connection, f"main.{table}", (row for rows in made for row in rows[table]))
        _insert(connection, "aside.identifiers", (row for rows in made for row in rows["identifiers"]))
        connection.execute("UPDATE aside.progress SET people = ?", (behind,))
        connection.execute("COMMIT")
        position = behind
        print(f"  {position:,} of {people:,} people", file=sys.stderr)
    gc.enable()


def _insert(connection: sqlite3.Connection, into: str, rows: Iterator[Mapping[str, object]]) -> None:
    for first in rows:
        names, marks = ", ".join(first), ", ".join("?" * len(first))
        every = (tuple(row.values()) for row in chain([first], rows))
        connection.executemany(f"INSERT INTO {into} ({names}) VALUES ({marks})", every)  # noqa: S608 -- ours


def _add_the_rest(connection: sqlite3.Connection, doubles: Doubles) -> None:
    """Do what is done for all at once, each part of it in one transaction."""
    (index,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (_INDEX,)).fetchone()
    prefix, grant = doubles.grant()
    add_grants = _ADD_GRANTS.format(names=", ".join(grant), marks=", ".join("?" * len(grant)))
    parts: dict[str, list[tuple[str, tuple[object, ...]]]] = {
        "identifiers": [(f"DROP INDEX {_INDEX}", ()), (_SORT_IDENTIFIERS, ()), (index, ())],
        "likenesses": [(_ADD_LIKENESSES, ())],
        "words": [(_ADD_WORDS, ())],
        "grants": [(add_grants, (*grant.values(), prefix))],
    }
    done = {part for (part,) in connection.execute("SELECT part FROM aside.done")}
    for part, statements in parts.items():
        if part not in done:
            connection.execute("BEGIN")
            for statement, values in statements:
                connection.execute(statement, values)
            connection.execute("INSERT INTO aside.done VALUES (?)", (part,))
            connection.execute("COMMIT")
            print(f"  {part} are there", file=sys.stderr)
