import pytest

from idp.domain.people.identity_record import IdentityCard
from idp.domain.people.likeness import LikenessKind, card_key, likenesses

CLAIMS = {"name": "Nguyễn Thị Hoà", "birthdate": "1999-01-02"}


def compared(**changes: object) -> dict[LikenessKind, str]:
    return dict(likenesses({**CLAIMS, **changes}, None))


@pytest.mark.parametrize("name", ["Nguyễn Thị Hòa", "nguyễn thị hoà", "Hoà Nguyễn Thị"])
def test_a_name_is_compared_by_its_words_in_any_order_and_spelling(name: str) -> None:
    assert compared(name=name) == compared()


@pytest.mark.parametrize(
    "changes", [{"name": "Nguyễn Thị Hoa"}, {"name": "Nguyễn Hoà"}, {"birthdate": "1999-01-03"}, {"birthdate": "1999"}]
)
def test_another_name_or_birthdate_is_another_likeness(changes: dict[str, object]) -> None:
    assert compared(**changes) != compared()


@pytest.mark.parametrize("claims", [{}, {"name": "Nguyễn Thị Hoà"}, {"birthdate": "1999-01-02"}])
def test_who_has_no_name_or_no_birthdate_is_like_nobody_by_them(claims: dict[str, object]) -> None:
    assert not list(likenesses(claims, None))


def test_a_card_is_compared_by_letters_and_digits() -> None:
    found = dict(likenesses(CLAIMS, IdentityCard("tt-123 456")))

    assert found[LikenessKind.CARD] == card_key("TT 123456") == "TT123456"
    assert found[LikenessKind.NAME_AND_BIRTHDATE] == compared()[LikenessKind.NAME_AND_BIRTHDATE]
