"""`idp admin`: administrators, and links by which they take their accounts over."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Idp

ROOT = "root@example.vn"


def made(idp: Idp, *arguments: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(idp("admin", *arguments, "--json").stdout)
    return document


def in_database(question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(next(Path.cwd().glob("var/*.db")))) as database:
        return database.execute(question).fetchall()


def test_the_link_is_printed_and_kept_as_a_hash(idp: Idp) -> None:
    document = made(idp, "create", ROOT.upper(), "--role", "security_admin", "--role", "client_admin")
    assert (document["username"], document["valid_hours"]) == (ROOT, 24)
    place, _, token = document["activation_link"].rpartition("/")
    assert place == "http://localhost:8000/activate"
    assert len(token) == 43
    assert in_database("SELECT token_hash FROM activation_links") == [(hashlib.sha256(token.encode()).digest(),)]
    assert in_database("SELECT agency_code, roles FROM officer_posts") == [("", '["client_admin","security_admin"]')]


def test_the_account_has_no_number_and_is_found_by_the_username_alone(idp: Idp) -> None:
    made(idp, "create", ROOT, "--role", "auditor")
    shown = json.loads(idp("person", "show", ROOT, "--json").stdout)
    assert (shown["kind"], shown["name"], shown["roles"], shown["has_password"]) == (
        "officer", ROOT, ["auditor"], False,
    )  # fmt: skip
    assert in_database("SELECT kind FROM identifiers") == [("username",)]
    assert "officers" not in json.loads(idp("export", "--json").stdout or "{}")


def test_another_link_takes_the_place_of_the_first(idp: Idp) -> None:
    first = made(idp, "create", ROOT, "--role", "auditor")["activation_link"]
    printed = idp("admin", "link", ROOT)
    second = printed.stdout.strip()
    assert second != first
    token = second.rpartition("/")[2]
    assert in_database("SELECT token_hash FROM activation_links") == [(hashlib.sha256(token.encode()).digest(),)]
    assert "once" in printed.stderr


def test_a_post_in_an_agency_takes_a_known_one(idp: Idp, tmp_path: Path) -> None:
    refused = idp("admin", "create", ROOT, "--role", "agency_admin", "--agency", "G10")
    assert (refused.exit_code, str(refused.exception)) == (
        1,
        "there is no such agency: import it first, or leave --agency out",
    )
    (tmp_path / "agencies.yaml").write_text("agencies: [{code: G10, name: Bộ, kind: ministry}]", encoding="utf-8")
    assert idp("import", tmp_path / "agencies.yaml").exit_code == 0
    made(idp, "create", ROOT, "--role", "agency_admin", "--agency", "g10")
    assert in_database("SELECT agency_code FROM officer_posts") == [("G10",)]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("create", ROOT), 2),
        (("create", ROOT, "--role", "king"), 2),
        (("create", ROOT, "--role", "proofing_officer"), 2),
        (("create", "001099000001", "--role", "auditor"), 1),
        (("create", ROOT, "--role", "auditor", "--agency", "?"), 1),
        (("link", ROOT), 1),
    ],
)
def test_what_cannot_be_made_is_refused(idp: Idp, arguments: tuple[str, ...], status: int) -> None:
    assert idp("admin", *arguments).exit_code == status
    assert in_database("SELECT * FROM officers") == []


def test_a_username_is_taken_once(idp: Idp) -> None:
    made(idp, "create", ROOT, "--role", "auditor")
    refused = idp("admin", "create", ROOT, "--role", "auditor")
    assert refused.exit_code == 1
    assert "somebody signs in with this username already" in str(refused.exception)
    assert len(in_database("SELECT * FROM persons")) == 1


def test_a_locked_account_gets_no_link(idp: Idp) -> None:
    made(idp, "create", ROOT, "--role", "auditor")
    assert idp("person", "lock", ROOT).exit_code == 0
    assert "the account is locked" in str(idp("admin", "link", ROOT).exception)
