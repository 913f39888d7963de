"""Links that activate accounts, successors of agencies, officers provisioned by others, and posts that end on a day.

Only adds: code of revision 0002 names its columns, and goes on working on this schema. The indexes are small, tens of
thousands of rows at most.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add tables, a column and indexes."""
    _create_activation_links()
    _create_agency_successors()
    _create_officer_provisioning()
    _change_posts()
    op.create_index("ix_agencies_parent_code", "agencies", ["parent", "code"])
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False)


def _bytes(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=empty)


def _number(name: str, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=empty)


def _create_activation_links() -> None:
    op.create_table(
        "activation_links",
        _text("account_id"),
        _bytes("token_hash"),
        _number("created_at"),
        _number("expires_at"),
        _number("claimed_at", empty=True),
        sa.PrimaryKeyConstraint("account_id", name="pk_activation_links"),
        sa.UniqueConstraint("token_hash", name="uq_activation_links_token_hash"),
        sqlite_strict=True,
    )


def _create_agency_successors() -> None:
    op.create_table(
        "agency_successors",
        _text("code"),
        _text("successor"),
        sa.PrimaryKeyConstraint("code", "successor", name="pk_agency_successors"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_agency_successors_successor", "agency_successors", ["successor"])


def _create_officer_provisioning() -> None:
    op.create_table(
        "officer_provisioning",
        _text("account_id"),
        _text("client_id"),
        _bytes("external_index", empty=True),
        _bytes("external_id", empty=True),
        _number("changed_at"),
        sa.PrimaryKeyConstraint("account_id", name="pk_officer_provisioning"),
        sa.UniqueConstraint("external_index", name="uq_officer_provisioning_external_index"),
        sqlite_strict=True,
    )


def _change_posts() -> None:
    op.add_column("officer_posts", _number("settled_at", empty=True))
    op.create_index("ix_officer_posts_account_id_held_from", "officer_posts", ["account_id", "held_from"])
    ending = sa.text("held_to IS NOT NULL AND settled_at IS NULL")
    op.create_index(
        "ix_officer_posts_ending", "officer_posts", ["held_to"], sqlite_where=ending, postgresql_where=ending
    )
