import json
from pathlib import Path

import pytest

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.statement_issuers import read_statement_issuers

KEY = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "1"}
ISSUER = {"issuer": "https://registry.example.vn", "jwks": {"keys": [KEY]}}


def test_without_the_folder_nobody_is_trusted(tmp_path: Path) -> None:
    assert read_statement_issuers(tmp_path / "none") == {}


def test_each_file_names_an_issuer_and_its_keys(tmp_path: Path) -> None:
    (tmp_path / "registry.json").write_text(json.dumps(ISSUER))
    (tmp_path / "other.json").write_text(json.dumps({**ISSUER, "issuer": "https://other.example.vn"}))
    (tmp_path / "README.md").write_text("not an issuer")
    assert read_statement_issuers(tmp_path) == {
        "https://other.example.vn": (KEY,),
        "https://registry.example.vn": (KEY,),
    }


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "null",
        "7",
        json.dumps({"issuer": "https://registry.example.vn"}),
        json.dumps({"jwks": {"keys": [KEY]}}),
        json.dumps({**ISSUER, "issuer": 7}),
        json.dumps({**ISSUER, "issuer": ""}),
        json.dumps({**ISSUER, "jwks": {"keys": []}}),
        json.dumps({**ISSUER, "jwks": {"keys": [{**KEY, "d": "private"}]}}),
        json.dumps({**ISSUER, "padding": "x" * 70_000}),
    ],
)
def test_a_file_that_names_nobody_stops_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "broken.json").write_text(content)
    with pytest.raises(KeyMaterialError, match=r"broken\.json"):
        read_statement_issuers(tmp_path)


def test_two_files_about_one_issuer_stop_the_start(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(ISSUER))
    with pytest.raises(KeyMaterialError, match="second file"):
        read_statement_issuers(tmp_path)


def test_a_folder_out_of_reach_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(KeyMaterialError, match="cannot be looked into"):
        read_statement_issuers(tmp_path)
