import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.names import parse_name
from idp.domain.refused_value import RefusedName


def test_a_name_is_kept_whole_in_composed_form_with_single_spaces() -> None:
    decomposed = unicodedata.normalize("NFD", "  Nguyễn  Thị Minh\tKhai ".replace("\t", " "))

    assert parse_name(decomposed) == "Nguyễn Thị Minh Khai"


@pytest.mark.parametrize(
    "text", ["H’Hen Niê", "Y Moan Ênuôl", "O'Brien-Nguyễn", "Ng", "Lê Văn Tám II", "محمد", "山田 太郎"]
)
def test_names_of_every_people_of_the_country_and_of_foreigners_are_kept(text: str) -> None:
    assert parse_name(text) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "name_empty"),
        ("   ", "name_empty"),
        ("123", "name_letters"),
        ("-", "name_letters"),
        ("An\x00", "name_control_character"),
        ("An\nBình", "name_control_character"),
        ("An\tBình", "name_control_character"),
        ("An\u202eBình", "name_control_character"),
        ("An\u200bBình", "name_control_character"),
        ("An\ufeff", "name_control_character"),
        ("An\ud800", "name_control_character"),
        ("An\u2028Bình", "name_control_character"),
        ("An\u3164Bình", "name_control_character"),
        ("\u2800An", "name_control_character"),
        ("An\u034f\u115f", "name_control_character"),
        ("An\ufe0f", "name_control_character"),
        ("A" * 257, "name_length"),
        ("A" * 50_000_000, "name_length"),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused_without_repeating_it(text: str, code: str) -> None:
    with pytest.raises(RefusedName) as refusal:
        parse_name(text)
    assert refusal.value.code == code
    assert len(str(refusal.value)) < 100


@given(st.text(max_size=300))
def test_arbitrary_text_is_kept_in_a_stable_form_or_refused(text: str) -> None:
    try:
        name = parse_name(text)
    except RefusedName:
        return
    assert parse_name(name) == name
    assert unicodedata.is_normalized("NFC", name)
    name.encode()
