from datetime import date

from idp.domain.offices.agency import DISTRICTS_ENDED, Agency, AgencyKind


def test_an_agency_exists_from_its_first_day_and_no_more_on_the_day_it_ended() -> None:
    district = Agency(
        code="H26.12",
        name="Quận Hoàn Kiếm",
        kind=AgencyKind.DISTRICT,
        valid_from=date(1981, 1, 1),
        valid_to=DISTRICTS_ENDED,
        successors=("H26.101",),
    )
    assert not district.is_valid(date(1980, 12, 31))
    assert district.is_valid(date(2025, 6, 30))
    assert not district.is_valid(date(2025, 7, 1))
    assert district.is_over(date(2025, 7, 1))


def test_an_agency_without_days_exists_always() -> None:
    assert Agency(code="G10", name="Bộ", kind=AgencyKind.MINISTRY).is_valid(date(1945, 9, 2))
