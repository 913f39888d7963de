import unicodedata

import pytest

from idp.domain.invisible_characters import has_invisible

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
