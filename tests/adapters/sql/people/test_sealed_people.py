import pickle

from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.people.sealed_people import PeopleSealer
from idp.domain.ids import PersonId
from idp.ports.vault import Vault
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import NOW, person

SECRET = "JBSWY3DPEHPK3PXP"


def test_a_sealed_person_opens_to_what_the_record_says(
    vault: Vault, clock: TurnedClock, entropy: SystemEntropy
) -> None:
    record = person(1, totp_secret=SECRET)
    (sealed,) = PeopleSealer(vault, clock, entropy).prepare([record]).people
    data = PersonalData(vault)
    opened = data.open_record(sealed.record_key, PersonId(sealed.person_id), sealed.record)
    assert (opened.personal_number, opened.identity_level) == (record.personal_number, 2)
    assert data.open_erasable(sealed.erasable_key, sealed.person_id, sealed.erasable).email == record.email
    assert sealed.totp is not None
    assert data.open_secret(sealed.erasable_key, sealed.account_id, sealed.totp.secret) == SECRET
    assert [each.field for each in sealed.identifiers] == ["personal_number", "email", "phone_number"]
    assert sealed.identifiers[0].blind_index == data.identifier_index(record.personal_number)
    assert sealed.told() == record


def test_rows_carry_nothing_of_a_person_in_the_clear(vault: Vault, clock: TurnedClock, entropy: SystemEntropy) -> None:
    (sealed,) = PeopleSealer(vault, clock, entropy).prepare([person(1, totp_secret=SECRET)]).people
    rows = repr((sealed.person_row(), sealed.account_row(), sealed.authenticator_row()))
    for told in ("001099000001", "hoa1@example.vn", "+84900000001", "Hoà", SECRET):
        assert told not in rows
    assert sealed.account_row()["created_at"] == NOW


def test_sealed_people_travel_from_one_process_to_another(
    vault: Vault, clock: TurnedClock, entropy: SystemEntropy
) -> None:
    people = PeopleSealer(vault, clock, entropy).prepare([person(1, totp_secret=SECRET), person(2, email=None)])
    arrived = pickle.loads(pickle.dumps(people))  # noqa: S301 -- what we wrote ourselves
    assert arrived.people == people.people
    assert len(arrived.before(1)) == 1
