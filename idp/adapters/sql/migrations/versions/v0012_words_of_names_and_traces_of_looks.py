"""Words by which people are found, and the traces of officers who looked at records.

Adds tables only: code of revision 0002 knows nothing of them, and goes on working on this schema. People whom it loads
or registers meanwhile get their words afterwards, as do those who are there now.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

OLDEST_CODE = "0002"

_DAY = 24 * 3600


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "name_words",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        _text("person_id"),
        sa.PrimaryKeyConstraint("token", "person_id", name="pk_name_words"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "name_word_progress",
        _text("part"),
        _text("position"),
        _number("until"),
        sa.PrimaryKeyConstraint("part", name="pk_name_word_progress"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    _add_accesses()
    _remember_who_is_there()
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _add_accesses() -> None:
    op.create_table(
        "record_accesses",
        _text("access_id"),
        _text("person_id"),
        _text("officer"),
        _text("officer_id"),
        _text("agency_code"),
        _number("at"),
        _text("purpose"),
        _text("seen"),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        _number("expires_at"),
        sa.PrimaryKeyConstraint("access_id", name="pk_record_accesses"),
        sqlite_strict=True,
    )
    op.create_index("ix_record_accesses_person_id_access_id", "record_accesses", ["person_id", "access_id"])
    op.create_index("ix_record_accesses_expires_at", "record_accesses", ["expires_at"])


def _remember_who_is_there() -> None:
    """Have words made for everybody who came before a day from now: nodes of the release before may run until then."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    now = "unixepoch()" if is_sqlite else "extract(epoch FROM now())::bigint"
    op.execute(
        "INSERT INTO name_word_progress (part, position, until) "  # noqa: S608 -- both parts stand above
        f"SELECT 'people', '', {now} + {_DAY} WHERE EXISTS (SELECT 1 FROM persons)"
    )


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)
