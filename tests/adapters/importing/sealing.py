"""What a worker of a test seals with: keys that are no secret."""

from idp.adapters.crypto.long_lived_keys import PURPOSES
from idp.adapters.crypto.system import SystemClock, SystemEntropy
from idp.adapters.crypto.vault import KeystoreVault
from idp.adapters.sql.people.sealed_people import PeopleSealer


def open_sealer() -> PeopleSealer:
    keys = {purpose: purpose.encode().ljust(32, b".") for purpose in PURPOSES}
    return PeopleSealer(KeystoreVault(keys), SystemClock(), SystemEntropy())


def fail_to_open() -> PeopleSealer:
    raise SystemExit(3)
