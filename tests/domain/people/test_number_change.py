from datetime import date

import pytest

from idp.domain.ids import PersonId, Seconds
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, IdentityRecord
from idp.domain.people.number_change import NumberChange, renumbered
from idp.domain.people.personal_number import PersonalNumber
from idp.domain.refused_value import InconsistentRecord

RECORD = IdentityRecord(PersonId("p"), "001099000001", 2, {"name": "Hoà", "gender": "male", "birthdate": "1999-01-02"})


def test_the_record_has_the_number_and_what_was_corrected_from_the_register() -> None:
    change = NumberChange(
        personal_number=PersonalNumber("001300000001"), event_at=5_999, gender="female", birthdate=date(2000, 1, 2)
    )
    found = renumbered(RECORD, change)
    assert found.personal_number == "001300000001"
    assert found.claims == {"name": "Hoà", "gender": "female", "birthdate": "2000-01-02"}
    seen = AttributeFacts(POPULATION_REGISTER, Seconds(5))
    assert found.attributes == {"personal_number": seen, "gender": seen, "birthdate": seen}


def test_a_number_that_the_record_has_changes_nothing() -> None:
    assert renumbered(RECORD, NumberChange(personal_number=PersonalNumber("001099000001"), event_at=1)) is RECORD


def test_a_number_of_another_birth_is_refused() -> None:
    with pytest.raises(InconsistentRecord):
        renumbered(RECORD, NumberChange(personal_number=PersonalNumber("001098000001"), event_at=1))


def test_a_year_of_birth_alone_contradicts_as_a_day_does() -> None:
    record = IdentityRecord(PersonId("p"), "001099000001", 0, {"birthdate": "1999"})
    changed = renumbered(record, NumberChange(personal_number=PersonalNumber("001099000002"), event_at=1))
    assert changed.claims == {"birthdate": "1999"}
    with pytest.raises(InconsistentRecord):
        renumbered(record, NumberChange(personal_number=PersonalNumber("001098000001"), event_at=1))


def test_a_birthdate_that_tells_no_year_contradicts_nothing() -> None:
    record = IdentityRecord(PersonId("p"), "001099000001", 0, {"birthdate": "unknown"})
    changed = renumbered(record, NumberChange(personal_number=PersonalNumber("001098000001"), event_at=1))
    assert changed.claims == {"birthdate": "unknown"}
