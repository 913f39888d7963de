from pathlib import Path

from idp.adapters.places.network_file import open_places
from idp.cli.demo_places import NETWORK_PLACES


def test_whoever_tries_the_demo_is_in_hanoi(tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text(NETWORK_PLACES, encoding="utf-8")
    found = open_places(file)
    assert {place.code for address in ("127.0.0.1", "::1") if (place := found.find(address))} == {"VN-HN"}
    assert found.find("8.8.8.8") is None
