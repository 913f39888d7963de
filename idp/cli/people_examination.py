"""What `idp doctor` says of e-mail addresses that nothing is sent to."""

from typing import Final

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore import vault_as_it_is
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.sql.database import EngineDatabase
from idp.adapters.sql.people.stray_addresses import StrayAddresses
from idp.cli.finding import Finding, warning, well
from idp.ports.clock import Clock
from idp.ports.vault import VaultError
from idp.settings import Settings

MOST_LOOKED_AT: Final = 10_000
"""Records, the first ones: the addresses are from before they were refused, and each record is opened."""
_CHECK: Final = "e-mail addresses"


async def examine_people(settings: Settings, secret: Secret, database: EngineDatabase, clock: Clock) -> Finding | None:
    """Return what there is to say; None where the keys cannot be used, which is told elsewhere."""
    try:
        vault = vault_as_it_is(settings, secret, clock)
        if vault is None:
            return None
        looked, astray = await StrayAddresses(database, vault).count(MOST_LOOKED_AT)
    except (KeyMaterialError, VaultError):
        return None
    which = f"{looked} people" if looked < MOST_LOOKED_AT else f"the first {looked} people"
    if not astray:
        return well(_CHECK, f"messages go where the addresses of {which} say")
    told = f"{astray} of {which} have one whose messages would go to another domain; nothing is sent there"
    return warning(_CHECK, told, "they name another one in their account or at a counter")
