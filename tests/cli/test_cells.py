import pytest

from idp.cli.cells import cell


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ([], "–"),
        ({}, "–"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ("text", "text"),
        (["a", "b"], "a\nb"),
        ({"vi": "Cổng", "": "Portal"}, "vi: Cổng\nPortal"),
    ],
)
def test_values_are_written_as_people_read_them(value: object, text: str) -> None:
    assert cell(value) == text
