"""What `/readyz` asks of the adapters: a database that takes writes, a keystore that gives keys."""

from typing import Final

from sqlalchemy import false, update

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables import clients
from idp.adapters.sql.unit_of_work import Run, UnitOfWork
from idp.ports.keys import TokenSigner

# It changes nothing, and takes the write lock to find that out: a read-only file and a stuck lock both show.
_NO_CHANGE: Final = update(clients).where(false()).values(wants_logout=0)


async def store_is_writable(database: Database) -> None:
    """Return when the database took a write. Raises `StoreUnavailableError`."""
    await database.write(_change_nothing())


def _change_nothing() -> UnitOfWork[None]:
    yield Run(_NO_CHANGE, {})


async def keystore_is_readable(signer: TokenSigner) -> None:
    """Return when there are keys to publish. Raises LookupError, and whatever the keystore raises."""
    if b'"kid"' not in signer.jwks():
        raise LookupError("no published key")
