from pathlib import Path

import pytest

from idp.adapters.places.network_file import NetworkPlaces, open_places
from idp.domain.abuse.place import Place
from idp.settings import SettingsError

HANOI = Place("VN", "HN", "Hà Nội", 21.03, 105.85)
HUE = Place("VN", "26", "Huế", 16.46, 107.59)
PARIS = Place("FR", "", "Pháp", 48.86, 2.35)
HEADING = "network,country,province,name,latitude,longitude\n"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("10.0.0.1", HANOI),
        ("10.1.2.3", HUE),
        ("10.1.2.4", PARIS),
        ("10.1.2.5", HUE),
        ("10.1.3.0", HUE),
        ("10.2.0.0", HANOI),
        ("10.255.255.255", HANOI),
        ("11.0.0.0", None),
        ("9.255.255.255", None),
        ("::ffff:10.1.2.4", PARIS),
        ("2001:db8:1::5", PARIS),
        ("2001:db8:1::/64", PARIS),
        ("2001:db8:2::", None),
        ("unknown", None),
        ("", None),
    ],
)
def test_the_narrowest_network_counts(address: str, place: Place | None) -> None:
    rows = [("10.1.0.0/16", HUE), ("10.0.0.0/8", HANOI), ("10.1.2.4", PARIS), ("2001:db8:1::/48", PARIS)]
    assert NetworkPlaces(rows).find(address) == place
    assert NetworkPlaces(reversed(rows)).find(address) == place


def test_networks_that_end_together_leave_nothing_behind() -> None:
    places = NetworkPlaces([("10.0.0.0/24", HANOI), ("10.0.0.128/25", HUE), ("10.0.0.192/26", PARIS)])
    assert [places.find(f"10.0.0.{last}") for last in (1, 129, 193, 255)] == [HANOI, HUE, PARIS, PARIS]
    assert places.find("10.0.1.0") is None


def test_a_file_is_read_and_without_one_no_address_has_a_place(tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text(f'{HEADING}127.0.0.0/8,VN,HN,"Hà Nội",21.03,105.85\n', encoding="utf-8")
    assert open_places(file).find("127.0.0.1") == HANOI
    assert open_places(None).find("127.0.0.1") is None


@pytest.mark.parametrize(
    "line",
    [
        "10.0.0.1/8,VN,HN,Hà Nội,21.03,105.85",
        "10.0.0.0/33,VN,HN,Hà Nội,21.03,105.85",
        "2001:db8::/96,VN,HN,Hà Nội,21.03,105.85",
        "somewhere,VN,HN,Hà Nội,21.03,105.85",
        "10.0.0.0/8,vn,HN,Hà Nội,21.03,105.85",
        "10.0.0.0/8,VN,HN,Hà Nội,121.03,105.85",
        "10.0.0.0/8,VN,HN,Hà Nội,nan,105.85",
        "10.0.0.0/8,VN,HN,Hà Nội,21.03",
        "10.0.0.0/8",
        "",
    ],
)
def test_a_line_that_says_nothing_is_refused_by_its_number(line: str, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text(f"{HEADING}10.9.0.0/16,VN,HN,Hà Nội,21.03,105.85\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="line 3"):
        open_places(file)


@pytest.mark.parametrize("content", [b"", b"network,place\n", b"\xff\xfe"])
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match="IDP_NETWORK_PLACES"):
        open_places(file)
    with pytest.raises(SettingsError, match="cannot be read"):
        open_places(tmp_path / "gone.csv")
