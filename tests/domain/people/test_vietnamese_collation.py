import random
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.names import Name
from idp.domain.people.vietnamese_collation import collation_key, fold_marks, folded_name_words, name_words


def test_letters_stand_in_the_order_of_the_vietnamese_alphabet() -> None:
    ordered = [
        "a",
        "ă",
        "â",
        "b",
        "c",
        "d",
        "đ",
        "e",
        "ê",
        "g",
        "h",
        "i",
        "k",
        "l",
        "m",
        "n",
        "o",
        "ô",
        "ơ",
        "p",
        "q",
        "r",
        "s",
        "t",
        "u",
        "ư",
        "v",
        "x",
        "y",
    ]
    shuffled = random.Random(7).sample(ordered, len(ordered))

    assert sorted(shuffled, key=collation_key) == ordered


def test_tones_decide_only_between_words_of_the_same_letters() -> None:
    ordered = ["ma", "mà", "mả", "mã", "má", "mạ", "mai", "màn"]

    assert sorted(random.Random(7).sample(ordered, len(ordered)), key=collation_key) == ordered


def test_foreign_letters_stand_beside_their_plain_ones() -> None:
    assert sorted(["zu", "çb", "cu", "ça", "da", "山"], key=collation_key) == ["山", "cu", "ça", "çb", "da", "zu"]


def test_folding_takes_tone_and_letter_marks_away() -> None:
    assert fold_marks("Đặng Thị Ưởng") == "dang thi uong"


def test_both_spellings_of_a_tone_are_one_search_word() -> None:
    assert name_words(Name("Hòa")) == name_words(Name("HOÀ")) != name_words(Name("Hoa"))


def test_a_search_word_with_marks_keeps_letters_and_tone_apart_from_the_folded_one() -> None:
    assert name_words(Name("Đường")) == {"đương1"}
    assert folded_name_words(Name("Đường Đường Lê")) == {"duong", "le"}


def test_a_tone_mark_with_nothing_below_it_has_a_place_too() -> None:
    assert collation_key("\u0300") < collation_key("a")


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_order_does_not_depend_on_case_or_composition(first: str, second: str) -> None:
    assert collation_key(first.lower()) == collation_key(unicodedata.normalize("NFD", first.lower()))
    assert (collation_key(first) < collation_key(second)) or (collation_key(second) <= collation_key(first))
