"""An account begins anew: nothing that signs it in is left but its number, and nothing that was open."""

from sqlalchemy import bindparam, update

from idp.adapters.sql.authenticators.enrolled_methods import forget_authenticators
from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.loading.tally import BESIDE_IMPORTS
from idp.adapters.sql.people.account_closures import FORGET_ACCOUNT, FREE_CONTACTS
from idp.adapters.sql.people.account_ending import end_everything
from idp.adapters.sql.people.personal_data import Erasable, PersonalData
from idp.adapters.sql.tables.main import persons
from idp.adapters.sql.trail.security_alerts import forget_notices
from idp.adapters.sql.unit_of_work import Lock, Run, UnitOfWork
from idp.domain.events import AccountBegunAnew
from idp.domain.grant import RevocationReason
from idp.domain.ids import PersonId, Seconds
from idp.ports.clock import Entropy

# Contacts and whatever else was told from afar: what the former key sealed is unreadable wherever a copy of it lies.
_TELL_NOTHING = (
    update(persons)
    .where(persons.c.person_id == bindparam("of_person"))
    .values(erasable_key=bindparam("key"), erasable=bindparam("nothing"))
)


def begin_anew(
    person_id: PersonId, data: PersonalData, now: Seconds, event: AccountBegunAnew, entropy: Entropy
) -> UnitOfWork[None]:
    """Take password, second factors and contacts away, and end sessions and grants; services are told."""
    account, key = {"of_account": event.account_id}, data.new_key()
    yield BESIDE_IMPORTS
    yield Lock((account_lock(event.account_id),))
    yield Run(FORGET_ACCOUNT, account)
    yield from forget_authenticators(event.account_id)
    yield from forget_notices(event.account_id)
    yield Run(FREE_CONTACTS, account)
    nothing = data.seal_erasable(key, person_id, Erasable())
    yield Run(_TELL_NOTHING, {"of_person": person_id, "key": key, "nothing": nothing})
    yield from end_everything(event.account_id, now, RevocationReason.PASSWORD_CHANGED, event, entropy)
