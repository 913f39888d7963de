"""An account begins anew: nothing that signs it in is left but its number, and nothing that was open."""

from sqlalchemy import bindparam, select, update

from idp.adapters.sql.authenticators.enrolled_methods import forget_authenticators
from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.loading.tally import BESIDE_IMPORTS
from idp.adapters.sql.people.account_closures import FORGET_ACCOUNT, FREE_CONTACTS
from idp.adapters.sql.people.account_ending import end_everything
from idp.adapters.sql.people.personal_data import Erasable, PersonalData
from idp.adapters.sql.people.updates import UPDATED, kept, moved
from idp.adapters.sql.tables.main import persons
from idp.adapters.sql.trail.security_alerts import forget_notices
from idp.adapters.sql.unit_of_work import Lock, One, Run, UnitOfWork
from idp.domain.events import AccountBegunAnew
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import PersonId, Seconds
from idp.domain.records import UPDATED_AT
from idp.ports.clock import Entropy

_ERASABLE = select(persons.c.erasable_key, persons.c.erasable).where(persons.c.person_id == bindparam("of_person"))
# Contacts and whatever else was told from afar: what the former key sealed is unreadable wherever a copy of it lies.
_TELL_NOTHING = (
    update(persons)
    .where(persons.c.person_id == bindparam("of_person"))
    .values(erasable_key=bindparam("key"), erasable=bindparam("nothing"), updated_at=UPDATED)
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
    (old_key, sealed) = yield One(_ERASABLE, {"of_person": person_id})
    erased = data.open_erasable(old_key, person_id, sealed)
    by_a_file = erased.claims.get(UPDATED_AT)
    moment = moved(by_a_file, now) if erased.all_claims() else kept(by_a_file)
    yield Run(_TELL_NOTHING, {"of_person": person_id, "key": key, "nothing": nothing, **moment})
    yield from end_everything(event.account_id, now, RevocationReason.PASSWORD_CHANGED, event, entropy)
