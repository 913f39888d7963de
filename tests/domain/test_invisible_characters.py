import unicodedata

import pytest

from idp.domain.invisible_characters import has_invisible, legible

HIDDEN = ("\u00ad", "\u034f", "\u115f", "\u1160", "\u200b", "\u200d", "\u2060", "\u2800", "\u3164", "\ufe0f", "\uffa0")


@pytest.mark.parametrize("character", [*HIDDEN, "\U000e0061", "\U000e0100"])
def test_a_character_that_shows_nothing_is_found_anywhere(character: str) -> None:
    assert has_invisible(f"Nguyễn{character}An")
    assert has_invisible(character)


@pytest.mark.parametrize(
    "text", ["", "an", "Nguyễn Văn An", unicodedata.normalize("NFD", "Hoà Đậu"), "山田 太郎", "محمد"]
)
def test_what_is_seen_and_the_spaces_between_are_not(text: str) -> None:
    assert not has_invisible(text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Công văn 12/CV-CQĐT ", "Công văn 12/CV-CQĐT"),
        ("a\0b", "a b"),
        ("a\x1b[31mb", "a [31mb"),
        ("a\r\nb\tc\x85d\u2028e", "a b c d e"),
        ("gpj\u202etxt.exe\u2066\u200b", "gpjtxt.exe"),
        ("\u3164\u200b\n", ""),
    ],
)
def test_what_is_kept_of_a_text_is_what_is_seen(typed: str, kept: str) -> None:
    assert legible(typed) == kept


def test_lines_stay_where_a_text_has_some() -> None:
    assert legible("a\r\nb\n\nc\x0bd\n", lines=True) == "a\nb\n\nc d"
