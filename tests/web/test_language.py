import pytest

from idp.web.language import negotiate_locale


def test_the_default_is_vietnamese_when_nobody_says_anything() -> None:
    assert negotiate_locale([]) == "vi"
    assert negotiate_locale([None, ""], None, "") == "vi"


def test_the_default_can_be_set() -> None:
    assert negotiate_locale([None], default="en") == "en"


def test_the_person_decides_before_the_service_and_the_browser() -> None:
    assert negotiate_locale(["en", "vi"], "vi", "vi") == "en"
    assert negotiate_locale([None, "en"], "vi", "vi") == "en"


def test_the_service_decides_before_the_browser() -> None:
    assert negotiate_locale([None], "fr en vi", "vi") == "en"


def test_a_language_that_is_not_spoken_here_is_passed_over() -> None:
    assert negotiate_locale(["se"], "fr-CA de", "ja;q=0.9, en-GB;q=0.8") == "en"


@pytest.mark.parametrize("tag", ["en", "EN", "en-GB", "en_US", "en-Latn-US"])
def test_only_the_primary_subtag_counts(tag: str) -> None:
    assert negotiate_locale([tag]) == "en"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("en;q=0.5, vi;q=0.8", "vi"),
        ("vi;q=0.1, en", "en"),
        ("vi;q=0, en;q=0.1", "en"),
        ("en, vi", "en"),
        ("fr, en; q=0.7", "en"),
    ],
)
def test_the_browser_weighs_its_languages(header: str, expected: str) -> None:
    assert negotiate_locale([], None, header) == expected


@pytest.mark.parametrize(
    "header", ["en;q=2", "en;q=-1", "en;q=x", "en;level=1", "en;q=nan", ";;;,,,", "\x00", "*", "q=1;en"]
)
def test_an_unreadable_preference_is_no_preference(header: str) -> None:
    assert negotiate_locale([], None, header) == "vi"


def test_a_list_without_end_is_cut() -> None:
    assert negotiate_locale([], "fr " * 100 + "en", "fr," * 100 + "en") == "vi"
