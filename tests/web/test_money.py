import pytest

from clients.relying_party.pages import money
from idp.web.money import money_text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("0", "VND", "0\u00a0₫"),
        ("999", "VND", "999\u00a0₫"),
        ("20000000", "VND", "20.000.000\u00a0₫"),
        ("20000000.00", "VND", "20.000.000\u00a0₫"),
        ("1200.5", "VND", "1\u202f200.5\u00a0VND"),
        ("1200.50", "EUR", "1\u202f200.50\u00a0EUR"),
    ],
)
def test_an_amount_is_written_as_people_write_it(amount: str, currency: str, text: str) -> None:
    assert money_text(amount, currency) == text


@pytest.mark.parametrize("dong", [0, 1_000, 20_000_000])
def test_the_payment_gateway_writes_dong_as_the_page_that_asks_for_approval(dong: int) -> None:
    assert money(dong) == money_text(str(dong), "VND")
