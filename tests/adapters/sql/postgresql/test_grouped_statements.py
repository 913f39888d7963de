import pytest
from sqlalchemy import Text, bindparam, column, select, table, text, update
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.postgresql.grouped_statements import (
    NotGroupableError,
    by_place,
    grouped_conclusion,
    grouped_read,
    in_columns,
)

notes = table("notes", column("key", Text), column("value", Text))
STATEMENTS = CompiledStatements(dialect())  # type: ignore[no-untyped-call]


def flat(statement: str) -> str:
    return " ".join(statement.split())


def test_parameters_of_a_read_become_columns_and_its_first_row_is_taken_for_each() -> None:
    one = STATEMENTS[select(notes.c.value).where(notes.c.key == bindparam("key"))].text
    assert flat(grouped_read(one)) == (
        "SELECT asked.position, answer.* FROM unnest($1::VARCHAR[]) WITH ORDINALITY AS asked (p1, position), "
        "LATERAL (SELECT * FROM (SELECT notes.value FROM notes WHERE notes.key = asked.p1) AS every_answer LIMIT 1) "
        "AS answer"
    )


def test_a_change_is_joined_to_the_rows_by_its_own_condition() -> None:
    inner = select(notes.c.value).where(notes.c.key == "x").scalar_subquery()
    change = update(notes).where(notes.c.key == bindparam("k")).values(value=inner.concat("y")).returning(notes.c.key)
    one, bind = STATEMENTS[change]
    place = bind({"k": "k"}).index("k") + 1
    grouped = flat(grouped_conclusion(one, place))
    rows = "unnest($1::VARCHAR[], $2::VARCHAR[], $3::VARCHAR[]) WITH ORDINALITY AS asked (p1, p2, p3, position)"
    assert f"FROM {rows} WHERE notes.key = asked.p{place}" in grouped
    assert "$4::BIGINT" in grouped
    assert "$5::VARCHAR[], $6::TEXT[], $7::BYTEA[]" in grouped


@pytest.mark.parametrize("statement", ["SELECT 1", "SELECT value FROM notes WHERE key = $1"])
def test_without_parameters_or_their_types_there_is_nothing_to_group(statement: str) -> None:
    with pytest.raises(NotGroupableError):
        grouped_read(statement)


def test_a_change_without_a_condition_is_none_that_could_be_joined() -> None:
    with pytest.raises(NotGroupableError):
        grouped_conclusion("INSERT INTO notes (key) VALUES ($1::VARCHAR)", 1)
    with pytest.raises(NotGroupableError):
        grouped_conclusion("INSERT INTO notes SELECT (SELECT 1 WHERE true), $1::VARCHAR", 1)


def test_values_are_sent_as_columns_and_answers_come_by_their_place() -> None:
    assert in_columns([("a", 1), ("b", 2)]) == [["a", "b"], [1, 2]]
    assert by_place([(3, "c", 4), (1, "a", 2)], 3) == [("a", 2), None, ("c", 4)]


def test_what_is_written_by_hand_with_types_is_grouped_too() -> None:
    one = STATEMENTS[text("SELECT :key").bindparams(bindparam("key", type_=Text))].text
    assert "asked.p1" in grouped_read(one)
