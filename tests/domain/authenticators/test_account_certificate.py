import pytest

from idp.domain.authenticators.account_certificate import AccountCertificate, CheckedCertificate, name_of
from idp.domain.ids import AccountId, Seconds


@pytest.mark.parametrize(
    ("typed", "name"),
    [("  Thẻ   của\tBộ ", "Thẻ của Bộ"), ("a\u202eb\x00c", "a b c"), ("", ""), ("x" * 99, "x" * 60)],
)
def test_a_name_is_one_line_that_can_be_shown(typed: str, name: str) -> None:
    assert name_of(typed) == name


def test_a_certificate_is_over_after_the_second_that_it_names() -> None:
    checked = CheckedCertificate(b"1", "CN=a", "CN=b", Seconds(100))
    card = AccountCertificate(
        certificate_id="c", account_id=AccountId("a"), certificate=checked, name="", created_at=Seconds(1)
    )
    assert [card.is_over(Seconds(now)) for now in (100, 101)] == [False, True]
    assert "CN=a" not in repr(card)
