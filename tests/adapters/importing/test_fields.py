import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.importing import fields

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43


def test_text_is_composed_and_stripped() -> None:
    assert fields.check_text(unicodedata.normalize("NFD", " Việt "), limit=10) == "Việt"
    assert fields.check_text("1 Tràng Tiền\nHà Nội", limit=30, lines=True) == "1 Tràng Tiền\nHà Nội"


@pytest.mark.parametrize("text", ["", " ", "a\x00", "a\nb", "a\u202eb", "a\ud800", "a\u3164", "a\ufe0f", "x" * 11])
def test_text_that_is_empty_overlong_or_invisible_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is empty|characters|invisible"):
        fields.check_text(text, limit=10)


def test_a_password_is_composed_and_otherwise_kept() -> None:
    assert fields.check_password(unicodedata.normalize("NFD", " mật khẩu ")) == unicodedata.normalize(
        "NFC", " mật khẩu "
    )


@pytest.mark.parametrize(
    "text", ["", "seven77", "a" * 1025, "ế" * 400, "a" * 10_000_000, "password\x00", "password\n", "password\ud800"]
)
def test_a_password_that_nobody_could_type_or_that_is_too_short_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a password has"):
        fields.check_password(text)


@pytest.mark.parametrize("value", [HASH, "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + "A" * 22])
def test_an_argon2id_string_is_kept(value: str) -> None:
    assert fields.check_password_hash(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "hunter2hunter2",
        HASH.replace("argon2id", "argon2x"),
        HASH.replace("v=19", "v=16"),
        HASH.replace("m=19456", "m=9999999"),
        HASH.replace("m=19456", "m=4"),
        HASH.replace("m=19456,t=2", "m=65536,t=99"),
        HASH.replace("p=1", "p=17"),
        HASH + "=",
        HASH + "\n",
        HASH.replace("c29tZXNhbHRzb21lc2FsdA", "a" * 13),
        HASH * 1000,
        "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
    ],
)
def test_another_hash_or_one_that_costs_too_much_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"argon2|bear|base64") as refusal:
        fields.check_password_hash(value)
    assert not value or value not in str(refusal.value)


@pytest.mark.parametrize("value", ["JBSWY3DPEHPK3PXP", "jbsw y3dp ehpk 3pxp", "JBSWY3DPEHPK3PXP===="])
def test_a_one_time_code_secret_is_upper_case_base32(value: str) -> None:
    assert fields.check_totp_secret(value) == "JBSWY3DPEHPK3PXP"


@pytest.mark.parametrize(
    "value", ["", "JBSWY3DP", "JBSWY3DPEHPK3PX1", "A" * 400, "JBSWY3DPEHPK3PXé", "JBSWY3DPEHPK3PX\x00", "A" * 17]
)
def test_a_one_time_code_secret_of_another_form_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="base32"):
        fields.check_totp_secret(value)


def test_a_date_is_a_date_or_its_text() -> None:
    assert fields.check_date(date(2025, 3, 1)) == fields.check_date("2025-03-01") == date(2025, 3, 1)
    assert fields.check_birthdate(date(1999, 1, 2)) == "1999-01-02"
    assert fields.check_birthdate("1950") == "1950"


@pytest.mark.parametrize(
    "value", ["", "2025-02-30", "20250301", "1.3.2025", 20250301, None, datetime(2025, 3, 1, tzinfo=UTC), [], "0000"]
)
def test_anything_else_is_no_date(value: object) -> None:
    with pytest.raises(ValueError, match="must be a date"):
        fields.check_date(value)
    with pytest.raises(ValueError, match="must be a date"):
        fields.check_birthdate(value)


@pytest.mark.parametrize(
    "name", ["Asia/Ho_Chi_Minh", "Asia/Saigon", "America/Argentina/Buenos_Aires", "Etc/GMT+7", "UTC", "EST5EDT"]
)
def test_zones_and_links_of_the_tz_database_are_kept(name: str) -> None:
    assert fields.check_time_zone(name) == name


@pytest.mark.parametrize(
    "name", ["", "/", "Asia", "Asia/", "Asia/Ha_Noi", "asia/ho_chi_minh", "Mars/Olympus", "+07:00", "../etc/passwd"]
)
def test_what_only_looks_like_a_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="tz database"):
        fields.check_time_zone(name)


@given(st.text(max_size=50))
def test_arbitrary_text_passes_or_is_refused_with_value_error(text: str) -> None:
    for check in (fields.check_password, fields.check_password_hash, fields.check_totp_secret, fields.check_birthdate):
        try:
            check(text)
        except ValueError:
            continue
