import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.accounts.sign_in_identifier import IdentifierKind, parse_sign_in_identifier, parse_username
from idp.domain.refused_value import RefusedIdentifier


@pytest.mark.parametrize(
    ("typed", "kind", "canonical"),
    [
        ("001099000001", IdentifierKind.PERSONAL_NUMBER, "001099000001"),
        (" 001 099 000 001 ", IdentifierKind.PERSONAL_NUMBER, "001099000001"),
        ("012345678", IdentifierKind.LEGACY_PERSONAL_NUMBER, "012345678"),
        ("0912 345 678", IdentifierKind.PHONE_NUMBER, "+84912345678"),
        ("84912345678", IdentifierKind.PHONE_NUMBER, "+84912345678"),
        ("+84 912.345.678", IdentifierKind.PHONE_NUMBER, "+84912345678"),
        ("An.Nguyen@Example.VN", IdentifierKind.EMAIL, "an.nguyen@example.vn"),
        ("b@g10.example.vn", IdentifierKind.EMAIL, "b@g10.example.vn"),
        ("Can-Bo.01", IdentifierKind.USERNAME, "can-bo.01"),
    ],
)
def test_what_was_typed_has_one_kind_and_one_canonical_form(typed: str, kind: IdentifierKind, canonical: str) -> None:
    identifier = parse_sign_in_identifier(typed)

    assert (identifier.kind, identifier.canonical) == (kind, canonical)


@pytest.mark.parametrize("username", ["b@g10.example.vn", "Can-Bo.01", "B@G10.example.VN"])
def test_an_officers_username_is_found_under_the_form_it_is_kept_in(username: str) -> None:
    assert parse_sign_in_identifier(username).canonical == parse_username(username)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "identifier_empty"),
        ("  \u00a0 ", "identifier_empty"),
        ("a" * 321, "identifier_length"),
        ("a" * 50_000_000, "identifier_length"),
        ("admin\x00", "identifier_characters"),
        ("ad\nmin", "identifier_characters"),
        ("ad\u202emin", "identifier_characters"),
        ("an\u3164@example.vn", "identifier_characters"),
        ("an\ufe0f@example.vn", "identifier_characters"),
        ("ad\ud800min", "identifier_characters"),
        ("001", "personal_number_form"),
        ("0010990000019999", "personal_number_form"),
        ("003099000001", "personal_number_birthplace"),
        ("+1 202 555 0100", "phone_number_form"),
        ("a@b", "email_address_form"),
        ("ab", "username_form"),
        ("nguyễn văn an", "username_form"),
        ("' or 1=1 --", "username_form"),
        ("-ab-", "username_form"),
    ],
)
def test_what_can_be_no_identifier_is_refused_without_repeating_it(typed: str, code: str) -> None:
    with pytest.raises(RefusedIdentifier) as refusal:
        parse_sign_in_identifier(typed)
    assert refusal.value.code == code


@pytest.mark.parametrize("text", ["12-34", "001099000001", "0912345678", "ab", "x" * 65, "a b c", "a@b"])
def test_a_username_that_could_be_a_number_or_is_malformed_is_refused(text: str) -> None:
    with pytest.raises(RefusedIdentifier):
        parse_username(text)


@given(st.text(max_size=400) | st.emails() | st.from_regex(r"\A\+?[0-9 .]{1,16}\Z"))
def test_arbitrary_text_is_read_stably_or_refused(typed: str) -> None:
    try:
        identifier = parse_sign_in_identifier(typed)
    except RefusedIdentifier:
        return
    assert parse_sign_in_identifier(identifier.canonical) == identifier
    assert parse_sign_in_identifier(unicodedata.normalize("NFD", typed)) == identifier
    assert "\x00" not in identifier.canonical
