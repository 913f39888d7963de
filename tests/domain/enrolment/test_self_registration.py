import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from idp.domain.enrolment.self_registration import (
    Obstacle,
    ObstacleError,
    RefusedEntry,
    check_against_register,
    is_old_enough,
    new_person,
    parse_applicant,
    parse_birthdate,
)
from idp.domain.ids import Seconds
from idp.domain.people.identity_record import IdentityCard
from idp.domain.people.register_entry import LifeStatus, RegisterEntry, Residence
from idp.domain.people.verification import verification_of

NOW = Seconds(int(datetime(2026, 11, 22, 5, tzinfo=UTC).timestamp()))
HAI = parse_applicant("001 203 000 077", " Đỗ  Minh Hải", "30/4/2003", "hai@Example.vn")
ENTRY = RegisterEntry(
    personal_number="001203000077",
    name="Đỗ Minh Hải",
    birthdate="2003-04-30",
    gender="male",
    life_status=LifeStatus.ALIVE,
    card=IdentityCard("001203000077", "2022-05-10", "2026-11-22"),
    residence=Residence("01", "00070"),
)


def test_what_is_typed_is_kept_in_its_canonical_form() -> None:
    assert (HAI.personal_number, HAI.name, HAI.birthdate) == ("001203000077", "Đỗ Minh Hải", "2003-04-30")
    assert HAI.email == "hai@example.vn"
    assert "hai@" not in repr(HAI)


@pytest.mark.parametrize("typed", ["2003-04-30", "30/04/2003", "30.4.2003", "30-04-2003", "30 4 2003", " 30/4/2003 "])
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert parse_birthdate(typed) == "2003-04-30"


@pytest.mark.parametrize(
    "typed", ["", "2003", "04/2003", "31/02/2003", "30/04/03", "1/1/1800", "30/4/2003 x", "٣٠/٤/٢٠٠٣"]
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- of any kind: whatever reads the form catches it
        parse_birthdate(typed)


@pytest.mark.parametrize(("position", "field"), list(enumerate(["personal_number", "name", "birthdate", "email"])))
def test_the_first_field_of_no_form_is_named_without_its_value(position: int, field: str) -> None:
    typed = ["001203000077", "Đỗ Minh Hải", "30/4/2003", "hai@example.vn"]
    typed[position] = "\x00?"
    with pytest.raises(RefusedEntry) as refused:
        parse_applicant(*typed)
    assert refused.value.field == field
    assert "?" not in str(refused.value)


def test_the_fourteenth_birthday_is_the_day() -> None:
    assert is_old_enough(replace(HAI, birthdate="2012-11-22"), NOW)
    assert not is_old_enough(replace(HAI, birthdate="2012-11-23"), NOW)


def test_who_is_as_the_register_says_is_confirmed() -> None:
    assert check_against_register(HAI, ENTRY, NOW) is ENTRY


@pytest.mark.parametrize(
    ("entry", "obstacle"),
    [
        (None, Obstacle.UNKNOWN),
        (replace(ENTRY, name="ĐỖ MINH HẢI"), Obstacle.DIFFERENT),
        (replace(ENTRY, name="Do Minh Hai"), Obstacle.DIFFERENT),
        (replace(ENTRY, birthdate="2003-05-01"), Obstacle.DIFFERENT),
        (replace(ENTRY, personal_number="001203000078"), Obstacle.DIFFERENT),
        (replace(ENTRY, life_status=LifeStatus.DECEASED), Obstacle.NOT_ALIVE),
        (replace(ENTRY, life_status=LifeStatus.MISSING), Obstacle.NOT_ALIVE),
        (replace(ENTRY, card=None), Obstacle.CARD_NOT_VALID),
        (replace(ENTRY, card=IdentityCard("1", None, "2026-11-21")), Obstacle.CARD_NOT_VALID),
    ],
)
def test_anything_else_opens_no_account(entry: RegisterEntry | None, obstacle: Obstacle) -> None:
    with pytest.raises(ObstacleError) as refused:
        check_against_register(HAI, entry, NOW)
    assert refused.value.obstacle is obstacle


def test_the_register_may_write_a_name_in_another_unicode_form() -> None:
    decomposed = unicodedata.normalize("NFD", "Đỗ Minh Hải")
    told = replace(ENTRY, name=decomposed)
    assert check_against_register(HAI, told, NOW) is told


def test_a_card_without_an_end_is_valid() -> None:
    told = replace(ENTRY, card=IdentityCard("1"))
    assert check_against_register(HAI, told, NOW) is told


def test_a_new_person_has_level_1_and_its_evidence() -> None:
    person = new_person(HAI, ENTRY, "$argon2id$hash", "en", NOW)
    assert (person.identity_level, person.email, person.own_claims) == (1, "hai@example.vn", {"locale": "en"})
    assert set(person.attributes) == {"personal_number", *person.claims}
    verification = verification_of(1, person.verification)
    assert verification is not None
    assert verification.time == "2026-11-22T12:00:00+07:00"
    (evidence,) = verification.evidence
    assert evidence["record"]["source"] == {"name": "Bộ Công an", "country_code": "VN"}


def test_who_is_registered_as_living_nowhere_has_no_residence() -> None:
    person = new_person(HAI, replace(ENTRY, residence=None), "hash", "vi", NOW)
    assert "residence" not in {*person.claims, *person.attributes}
