import pytest

from idp.domain.time_zones import is_time_zone


@pytest.mark.parametrize(
    "name", ["Asia/Ho_Chi_Minh", "Asia/Saigon", "America/Argentina/Buenos_Aires", "Etc/GMT+7", "UTC", "EST5EDT"]
)
def test_zones_and_links_of_the_tz_database_are_known(name: str) -> None:
    assert is_time_zone(name)


@pytest.mark.parametrize(
    "name", ["", "/", "Asia", "Asia/", "Asia/Ha_Noi", "asia/ho_chi_minh", "Mars/Olympus", "+07:00", "../etc/passwd"]
)
def test_what_only_looks_like_one_is_not(name: str) -> None:
    assert not is_time_zone(name)
