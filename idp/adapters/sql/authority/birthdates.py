"""What a birthdate that changed means for guardianships: a round looks at them at once."""

from sqlalchemy import bindparam, update

from idp.adapters.sql.tables.authority import guardianships

LOOK_AT_WARD = update(guardianships).where(guardianships.c.ward == bindparam("person")).values(due_at=bindparam("at"))
"""Whoever writes another birthdate into the record of `person` runs this in the same transaction, `at` that moment."""
