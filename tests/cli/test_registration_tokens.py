import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.cli.conftest import Idp


def created(idp: Idp, *options: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(idp("client", "token", "create", *options, "--json").stdout)
    return document


def listed(idp: Idp) -> list[dict[str, Any]]:
    tokens: list[dict[str, Any]] = json.loads(idp("client", "token", "list", "--json").stdout)
    return tokens


def test_a_token_is_printed_once_and_kept_as_a_hash(idp: Idp) -> None:
    made = created(idp, "--note", "Bộ Nội vụ")
    issued = made.pop("initial_access_token")
    assert len(issued) == 43
    assert listed(idp) == [made]
    assert (made["uses_left"], made["state"], made["note"]) == (1, "usable", "Bộ Nội vụ")
    assert issued not in idp("client", "token", "list").stdout
    with closing(sqlite3.connect(next(Path.cwd().glob("var/*.db")))) as database:
        ((kept,),) = database.execute("SELECT token_hash FROM initial_access_tokens").fetchall()
    assert kept == hashlib.sha256(issued.encode()).digest()


def test_a_token_says_how_often_and_how_long_it_may_be_used(idp: Idp) -> None:
    assert created(idp, "--uses", "5", "--hours", "48")["uses_left"] == 5
    assert idp("client", "token", "create", "--uses", "0").exit_code == 2
    assert idp("client", "token", "create", "--hours", "2161").exit_code == 2


def test_a_token_is_revoked_once(idp: Idp) -> None:
    token_id = created(idp)["token_id"]
    assert "is revoked" in idp("client", "token", "revoke", token_id).stdout
    assert [token["state"] for token in listed(idp)] == ["revoked"]
    refused = idp("client", "token", "revoke", token_id)
    assert refused.exit_code == 1
    assert "no such token" in str(refused.exception)
