"""What the processes that help `idp import` seal with: the same settings and keystore, opened by each for itself."""

from idp.adapters.crypto.keystore import open_keystore
from idp.adapters.crypto.system import SystemClock, SystemEntropy
from idp.adapters.sql.people.sealed_people import PeopleSealer
from idp.settings import load_settings


def open_preparer() -> PeopleSealer:
    """Open what the command has opened before, so nothing is created and nothing new is to be refused."""
    settings = load_settings()
    clock = SystemClock()
    return PeopleSealer(open_keystore(settings, clock).vault(), clock, SystemEntropy())
