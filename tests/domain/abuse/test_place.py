import pytest

from idp.domain.abuse.place import Place, kilometres

HANOI = Place("VN", "HN", "Hà Nội", 21.0285, 105.8542)
SAIGON = Place("VN", "SG", "Thành phố Hồ Chí Minh", 10.7769, 106.7009)


def test_distance_is_measured_on_the_ground() -> None:
    assert kilometres(HANOI, SAIGON) == pytest.approx(1144, abs=3)
    assert kilometres(SAIGON, HANOI) == pytest.approx(kilometres(HANOI, SAIGON))
    assert kilometres(HANOI, HANOI) == 0


def test_the_other_side_of_the_globe_is_half_its_girth_away() -> None:
    there = Place("XX", "", "", -HANOI.latitude, HANOI.longitude - 180)
    assert kilometres(HANOI, there) == pytest.approx(20015, abs=1)


def test_only_country_and_province_leave_for_events() -> None:
    assert HANOI.code == "VN-HN"
    assert Place("FR", "", "Pháp", 48.86, 2.35).code == "FR"
