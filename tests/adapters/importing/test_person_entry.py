from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from idp.adapters.importing.person_entry import OfficerEntry, PersonEntry
from idp.adapters.importing.problems import problems_of

PERSON: dict[str, Any] = {"personal_number": "001099000001", "name": "Nguyễn Thị Minh Khai"}
OFFICER: dict[str, Any] = {
    "personal_number": "001085000002",
    "agency": "G10.01",
    "position": "Chuyên viên",
    "roles": ["proofing_officer"],
    "username": "B@g10.example.vn",
}
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
CLAIMS: dict[str, Any] = {
    "name": "Nguyễn Văn An",
    "family_name": "Nguyễn",
    "given_name": "An",
    "middle_name": "Văn",
    "nickname": "Tí",
    "preferred_username": "an.nguyen",
    "profile": "https://an.example.vn/",
    "picture": "https://an.example.vn/an.jpg",
    "website": "http://an.example.vn",
    "gender": "male",
    "birthdate": "1999-01-02",
    "zoneinfo": "Asia/Ho_Chi_Minh",
    "locale": "vi-VN",
    "updated_at": 1_700_000_000,
}
CONTACTS: dict[str, Any] = {
    "email": "an@example.vn",
    "email_verified": True,
    "phone_number": "0912345678",
    "phone_number_verified": True,
}


def reasons(values: dict[str, Any], model: type[PersonEntry] | type[OfficerEntry] = PersonEntry) -> list[str]:
    with pytest.raises(ValidationError) as refusal:
        model.model_validate(values)
    return [str(problem) for problem in problems_of(refusal.value)]


def test_a_number_and_a_name_are_enough() -> None:
    person = PersonEntry.model_validate(PERSON)
    assert (person.level, person.email, person.claims()) == (0, None, {"name": "Nguyễn Thị Minh Khai"})


def test_a_person_may_carry_every_standard_claim() -> None:
    address = {
        "formatted": "1 Tràng Tiền\nHà Nội",
        "street_address": "1 Tràng Tiền",
        "locality": "Hoàn Kiếm",
        "region": "Hà Nội",
        "postal_code": "100000",
        "country": "Việt Nam",
    }
    person = PersonEntry.model_validate({**PERSON, **CLAIMS, **CONTACTS, "address": address})

    assert person.claims() == {**CLAIMS, "address": address}
    assert (person.email, person.phone_number) == ("an@example.vn", "+84912345678")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"personal_number": 1_099_000_001}, "personal_number: must be text; write digits in quotes"),
        ({"personal_number": "003099000001"}, "personal_number: The personal number names no known place of birth."),
        ({"name": "An\x00"}, "name: A name has no control or invisible characters."),
        ({"name": None}, "name: must be text; write digits in quotes"),
        ({"gender": "female"}, "The gender contradicts the personal number."),
        ({"birthdate": "1998-01-02"}, "The birth date contradicts the personal number."),
        ({"birthdate": "1998"}, "The birth date contradicts the personal number."),
        ({"birthdate": "1999-02-29"}, "birthdate: must be a date, YYYY-MM-DD"),
        ({"phone_number": "912345678"}, "phone_number: A phone number has +84 or 0 and 9 more digits."),
        ({"email": "a@"}, "email: This is not an e-mail address."),
        ({"email_verified": False}, "email_verified: must be True"),
        ({"level": 3}, "level: must be less than or equal to 2"),
        ({"level": "2"}, "level: must be a whole number"),
        ({"level": True}, "level: must be a whole number"),
        ({"address": "Hà Nội"}, "address: must be a mapping"),
        ({"address": {"planet": "Earth"}}, "address.planet: is an unknown name"),
        ({"locale": "tiếng Việt"}, "locale: must be a language tag such as vi"),
        ({"zoneinfo": "../etc/passwd"}, "zoneinfo: must be a time zone of the tz database, such as Asia/Ho_Chi_Minh"),
        ({"zoneinfo": "Mars/Olympus"}, "zoneinfo: must be a time zone of the tz database, such as Asia/Ho_Chi_Minh"),
        ({"website": "javascript:alert(1)"}, "website: must be a web address"),
        ({"nickname": "x" * 257}, "nickname: has more than 256 characters"),
        ({"updated_at": -1}, "updated_at: must be greater than or equal to 0"),
        ({"password": "kort"}, "password: a password has at least 8 characters and at most 1024 bytes"),
        ({"password": "12345678", "password_hash": HASH}, "give password or password_hash, not both"),
        ({"totp_secret": "nope"}, "totp_secret: must be base32 of 10 to 64 bytes"),
        ({"shoe_size": 42}, "shoe_size: is an unknown name"),
    ],
)
def test_a_person_that_breaks_a_rule_is_refused_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    assert reasons({**PERSON, **changes}) == [reason]


def test_all_problems_of_a_person_are_told_at_once() -> None:
    assert len(reasons({"personal_number": "1", "name": "", "level": 9, "odd": 1})) == 4


def test_credentials_do_not_show() -> None:
    shown = repr(
        PersonEntry.model_validate({**PERSON, "password": "hunter2hunter2", "totp_secret": "JBSWY3DPEHPK3PXP"})
    )
    assert "hunter2" not in shown
    assert "JBSWY3DP" not in shown


def test_an_officer_has_a_place_roles_and_a_username() -> None:
    officer = OfficerEntry.model_validate({**OFFICER, "agency": "000.00.01.G10"})
    assert (officer.agency, officer.username, officer.roles) == ("G10.01", "b@g10.example.vn", ["proofing_officer"])


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"agency": "Z1"}, "agency"),
        ({"username": "001085000002"}, "username"),
        ({"position": ""}, "position"),
        ({"roles": ["king"]}, "roles[0]"),
        ({"roles": "proofing_officer"}, "roles"),
        ({"name": "An"}, "name"),
    ],
)
def test_an_officer_that_breaks_a_rule_is_refused(changes: dict[str, Any], path: str) -> None:
    assert reasons({**OFFICER, **changes}, OfficerEntry)[0].startswith(f"{path}: ")


@given(
    st.dictionaries(
        st.sampled_from(sorted(PersonEntry.model_fields)) | st.text(max_size=10),
        st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.text(max_size=3), max_size=2),
    )
)
def test_arbitrary_records_are_read_or_refused_by_path(values: dict[str, Any]) -> None:
    try:
        PersonEntry.model_validate(values)
    except ValidationError as refusal:
        assert problems_of(refusal)  # noqa: PT017 - both outcomes are right


def test_a_residence_is_codes_of_units_and_no_standard_claim() -> None:
    entry = PersonEntry.model_validate({**PERSON, "residence": {"province": "01", "commune": "00199"}})
    assert entry.claims()["residence"] == {"province": "01", "commune": "00199"}
    assert PersonEntry.model_validate({**PERSON, "residence": {"province": "79"}}).claims()["residence"] == {
        "province": "79"
    }


@pytest.mark.parametrize(
    "residence", [{"commune": "00199"}, {"province": "Hà Nội"}, {"province": "01", "commune": "1"}]
)
def test_what_is_no_code_of_a_unit_is_refused(residence: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PersonEntry.model_validate({**PERSON, "residence": residence})


def test_a_post_is_held_in_the_years_that_are_kept_or_without_an_end() -> None:
    told = OfficerEntry.model_validate({**OFFICER, "held_from": "1970-01-01", "held_to": "9999-12-31"})
    assert told.held_to is None
    for days in ({"held_from": "1969-12-31"}, {"held_from": "9999-12-31"}, {"held_to": "9999-01-01"}):
        (reason,) = reasons({**OFFICER, **days}, OfficerEntry)
        assert "1970 to 9998" in reason
