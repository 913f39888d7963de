import re

from idp.domain.people.birthplaces import COUNTRY_CODES_FROM, PROVINCES


def test_the_63_former_provinces_have_distinct_names_and_three_digit_codes_below_those_of_countries() -> None:
    assert len(PROVINCES) == len(set(PROVINCES.values())) == 63
    assert all(re.fullmatch("[0-9]{3}", code) and code < COUNTRY_CODES_FROM for code in PROVINCES)


def test_the_ends_of_the_table_are_ha_noi_and_ca_mau() -> None:
    assert (PROVINCES["001"], PROVINCES["079"], PROVINCES["096"]) == ("Hà Nội", "Hồ Chí Minh", "Cà Mau")
