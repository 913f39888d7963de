"""The people room on real stores, and the officers who look."""

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import load_secret
from idp.journeys.administration.administrator import Administrator, Administrators
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.people import PeopleRoom, PeopleStores
from idp.journeys.administration.people_tickets import PeopleTickets
from idp.journeys.administration.record_looks import RecordLooks
from tests.journeys.stage import ORIGIN, Stage

OFFICER = "identity@g10.example.vn"
COLLEAGUE = "identity2@g10.example.vn"


async def admitted(stage: Stage, username: str = OFFICER) -> Administrator:
    """The officer, let in."""
    account = await stage.stores.accounts.find(username)
    assert account is not None
    return await Administrators(stage.stores.accounts).admit(account.account_id, ORIGIN)


def tickets_of(stage: Stage) -> PeopleTickets:
    """The room's tickets."""
    keystore = FileKeystore(
        stage.settings.keystore_path, load_secret(stage.settings.secret_file, create=False), stage.clock
    )
    return PeopleTickets(stage.stores.short_lived, keystore.vault(), stage.clock, stage.entropy)


def room_of(stage: Stage) -> PeopleRoom:
    """The room, put together as the composition root does it."""
    stores = stage.stores
    ports = PeopleStores(
        records=stores.identity_records,
        search=stores.people_search,
        accounts=stores.accounts,
        authenticators=stores.authenticators,
        locks=stores.account_locks,
        duplicates=stores.duplicates,
        history=stores.audit_history,
        audit=stores.audit_trail,
    )
    looks = RecordLooks(stores.accounts, stores.record_accesses)
    budget = LookUpBudget(stage.throttling, stores.audit_trail, stage.clock)
    return PeopleRoom(ports, looks, tickets_of(stage), budget, stage.clock, stage.entropy)
