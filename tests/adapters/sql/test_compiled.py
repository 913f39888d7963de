import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Integer, bindparam, column, literal, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import Executable

import idp.adapters.sql
from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.rewrapping import Keeper
from idp.adapters.sql.url import sqlite_path
from tests.ports.engines import sqlite_url

DIALECTS: dict[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": asyncpg.dialect(),  # type: ignore[no-untyped-call]
}


def every_statement() -> Iterator[tuple[str, Executable]]:
    for module in pkgutil.walk_packages(idp.adapters.sql.__path__, "idp.adapters.sql."):
        # Migrations run once, and what PostgreSQL alone is sent has plans of its own (`postgresql/test_plans.py`).
        if {"migrations", "postgresql"} & set(module.name.split(".")):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, Executable):
                    yield f"{module.name.rpartition('.')[2]}.{name}", each
                if isinstance(each, Keeper):
                    # The count of everybody, which an operator asks for, comes first and reads all of them.
                    walked = each.statements[1:]
                    yield from ((f"rewrapping.{each.columns[0]}.{number}", one) for number, one in enumerate(walked))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_statement_compiles_once_for_every_engine(dialect: str) -> None:
    statements = dict(every_statement())
    assert len(statements) > 300
    compiled = CompiledStatements(DIALECTS[dialect])
    for name, statement in statements.items():
        assert "POSTCOMPILE" not in compiled[statement].text, name
        assert compiled[statement] is compiled[statement]


def test_parameters_are_bound_by_name_and_constants_stand_in_the_statement() -> None:
    compiled = CompiledStatements(DIALECTS["sqlite"])
    number = column("n", Integer)
    text, bind = compiled[select(number).where(number == bindparam("b"), number != 7, number > bindparam("a"))]
    assert text.split() == ["SELECT", "n", "WHERE", "n", "=", "?", "AND", "n", "!=", "?", "AND", "n", ">", "?"]
    assert bind({"a": 1, "b": 2}) == (2, 7, 1)
    assert compiled[select(literal(None))].bind({}) in {(), (None,)}
    assert compiled[select(number).where(number == bindparam("a"))].bind({"a": 5}) == (5,)
    assert compiled[select(number)].bind({}) == ()


def test_a_forgotten_parameter_is_an_error() -> None:
    compiled = CompiledStatements(DIALECTS["sqlite"])
    number = column("n", Integer)
    for statement in (
        select(number).where(number == bindparam("a")),
        select(number).where(number == bindparam("a"), number == 1),
        select(number).where(number == bindparam("a"), number == bindparam("b")),
    ):
        with pytest.raises(KeyError):
            compiled[statement].bind({})


# Registers that are small, the few jobs, a count of everybody that an operator asks for, and what others are made of.
READ_IN_WHOLE = {
    "client_rows._RESOURCES",
    "assurance_policies._ALL",
    "days._ALL",
    "guardianships._SELECT",
    "lock_requests._with_key",
    # Of a stretch that an index bounds, how many there are.
    "lock_requests._LATE",
    "initial_access_tokens._ALL",
    "export._AGENCIES",
    "export._SUCCESSORS",
    "outbox._PENDING",
    "logout_queue._told",
    "leases._LOOK",
    "leases._RENEW",
    "leases._RELEASE_ALL",
    "told_keys._STATES",
}


def test_every_statement_finds_its_rows_by_an_index(tmp_path: Path) -> None:
    compiled = CompiledStatements(DIALECTS["sqlite"])
    scanning = set()
    with closing(sqlite3.connect(sqlite_path(sqlite_url(tmp_path)))) as connection:
        for name, statement in every_statement():
            text = compiled[statement].text
            plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", [None] * text.count("?"))
            scanned = [step for *_, step in plan if step.startswith("SCAN")]
            if set(scanned) - {
                "SCAN CONSTANT ROW",
                "SCAN request",
                "SCAN newest_of_week",
                "SCAN above",
                "SCAN within",
                "SCAN under",
                "SCAN counted",
                "SCAN candidates",
                "SCAN clients_waiting",
            }:
                scanning.add(name)
    assert scanning == READ_IN_WHOLE
