from pathlib import Path

import pytest

from idp.cli.file_examination import examine_files
from idp.cli.finding import Level
from idp.settings import Settings

HEADING = "network,country,province,name,latitude,longitude\n"


def said(**settings: object) -> list[tuple[Level, str]]:
    return [(finding.level, finding.says) for finding in examine_files(Settings().model_copy(update=settings))]


def test_nothing_is_said_where_nothing_is_set() -> None:
    assert said() == []


def test_places_are_read_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    [(level, _)] = said(network_places=path)
    assert level is Level.FAIL
    path.write_text(f"{HEADING}203.0.113.0/24,VN,HN,H\u00e0 N\u1ed9i,21,105.8\n")
    assert said(network_places=path) == [(Level.OK, f"{path} tells where networks are")]
    path.write_text(f"{path.read_text()}x\n")
    [(level, says)] = said(network_places=path)
    assert (level, "line 3" in says) == (Level.FAIL, True)


@pytest.mark.parametrize("name", ["messages_secret", "biometric_verifier_keys", "service_key"])
def test_a_file_that_nothing_uses_is_looked_at_too(name: str, tmp_path: Path) -> None:
    [(level, says)] = said(**{name: tmp_path / "file"})
    assert (level, says) == (Level.FAIL, f"IDP_{name.upper()} names a file that cannot be read")
    (tmp_path / "file").write_text("something")
    [(level, says)] = said(**{name: tmp_path / "file"})
    assert (level, says) == (Level.WARN, f"IDP_{name.upper()} is set and nothing uses it")


def test_a_file_that_is_used_is_looked_at_by_who_uses_it(tmp_path: Path) -> None:
    assert said(messages="https://sms.example.vn/", messages_secret=tmp_path / "file") == []


@pytest.mark.parametrize("name", ["client_ca", "passkey_metadata"])
def test_a_folder_that_was_named_is_there(name: str, tmp_path: Path) -> None:
    [(level, says)] = said(**{name: tmp_path / "folder"})
    assert (level, says) == (Level.FAIL, f"IDP_{name.upper()} names a folder that is not there")
    (tmp_path / "folder").mkdir()
    assert said(**{name: tmp_path / "folder"}) == []
