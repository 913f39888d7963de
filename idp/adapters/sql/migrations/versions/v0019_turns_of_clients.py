"""Messages to clients are found by client, so that none waits behind the messages of another.

Only adds indexes: code of revision 0002 leaves them alone. It looks for what is due without them, so the indexes of the
due time stay until a release later.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

OLDEST_CODE = "0002"


def upgrade() -> None:
    """Add the indexes."""
    for messages in ("outbox", "client_notifications"):
        op.create_index(f"ix_{messages}_client_id_due_at_message_id", messages, ["client_id", "due_at", "message_id"])
    op.execute(sa.text("UPDATE schema_support SET oldest_revision = :code").bindparams(code=OLDEST_CODE))
