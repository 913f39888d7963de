import pytest

from idp.domain.grants.currencies import minor_units


@pytest.mark.parametrize(("currency", "decimals"), [("VND", 0), ("JPY", 0), ("USD", 2), ("EUR", 2), ("KWD", 3)])
def test_amounts_take_the_decimals_of_their_currency(currency: str, decimals: int) -> None:
    assert minor_units(currency) == decimals


def test_a_currency_that_nobody_knows_takes_two() -> None:
    assert minor_units("QQQ") == 2
