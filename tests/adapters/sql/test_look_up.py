from sqlalchemy import LargeBinary, column, select
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.look_up import AT_ONCE, is_one_of_the_keys, portions


def test_keys_come_in_portions_of_one_length_filled_up_with_the_last() -> None:
    keys = [number.to_bytes(2) for number in range(AT_ONCE + 3)]
    first, second = portions(keys)
    assert list(first.values()) == keys[:AT_ONCE]
    assert list(second.values()) == [*keys[AT_ONCE:], *[keys[-1]] * (AT_ONCE - 3)]


def test_no_keys_are_no_portion() -> None:
    assert list(portions([])) == []


def test_every_portion_is_the_same_statement_with_its_keys_in_their_places() -> None:
    statement = select(column("k", LargeBinary)).where(is_one_of_the_keys(column("k", LargeBinary)))
    text, bind = CompiledStatements(dialect())[statement]  # type: ignore[no-untyped-call]
    (portion,) = portions([b"a", b"b"])
    assert bind(portion) == (b"a", *[b"b"] * (AT_ONCE - 1))
    assert f"${AT_ONCE}" in text
