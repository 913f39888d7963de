"""Alembic's entry: runs revisions on the connection of whoever asked, inside that caller's transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
