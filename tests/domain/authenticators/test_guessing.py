import time

import pytest

from idp.domain.authenticators.guessing import FEWEST_GUESSES, guesses, plain

WORDS = frozenset({"password", "sunshine", "nguyen", "matkhau"})


def worth(password: str, *about: str) -> float:
    return guesses(password, WORDS.__contains__, about)


@pytest.mark.parametrize(
    ("password", "same"),
    [("P@SSWORD", "password"), ("mậtkhẩu", "matkhau"), ("Ｓｕｎｓｈｉｎｅ", "sunshine"), ("pass word", "password")],
)
def test_capitals_tone_marks_width_and_stand_ins_add_nothing(password: str, same: str) -> None:
    assert worth(password) == worth(same)


def test_a_part_is_worth_what_trying_it_costs_and_the_cheapest_reading_counts() -> None:
    assert worth("sunshine") == 4.0
    assert worth("sunshinek") == 5.5
    assert worth("sunshine7") == 5.0
    assert worth("sunshine2024") == 6.0
    assert worth("sunshine20011975") == 7.0
    assert worth("sunshineqwerty") == 5.5
    assert worth("sunshinepassword") == 8.0
    assert worth("sunshine", "Sun Shine") == 1.0


def test_what_is_repeated_is_guessed_once() -> None:
    assert worth("k8v!k8v!k8v!k8v!") == worth("k8v!")
    assert worth("sunshine-sunshine") < 2 * worth("sunshine")
    assert worth("11111111") < worth("17294630")


def test_every_letter_of_nonsense_counts() -> None:
    assert worth("xkvwzqjp") > FEWEST_GUESSES
    assert worth("") == 0.0


def test_what_others_know_counts_in_pieces_too() -> None:
    assert worth("quynhloan1985", "Trần Quỳnh Loan") < FEWEST_GUESSES < worth("quynhloan1985")


def test_words_are_compared_as_they_are_listed() -> None:
    assert plain("  Đường Ｘanh ") == "duongxanh"


def test_the_longest_password_is_read_as_fast_as_a_long_one() -> None:
    started = time.process_time()
    assert worth("bốn con chim sẻ " * 64) > 0
    assert time.process_time() - started < 0.5
