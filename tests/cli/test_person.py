import json
from pathlib import Path

import pytest

from tests.cli.conftest import Idp
from tests.cli.test_import_ import FILE, write


@pytest.fixture
def loaded(idp: Idp, tmp_path: Path) -> Idp:
    idp("import", write(tmp_path / "all.yaml", FILE))
    return idp


@pytest.mark.parametrize("identifier", ["001099000001", "001 099 000 001", "AN@example.vn"])
def test_a_citizen_is_found_by_any_identifier(loaded: Idp, identifier: str) -> None:
    found = json.loads(loaded("person", "show", identifier, "--json").stdout)
    assert (found["kind"], found["name"], found["identity_level"]) == ("citizen", "Nguyễn Văn An", 2)
    assert found["contacts"] == ["an…@example.vn"]
    assert (found["second_factors"], found["has_password"], found["agency"]) == (["totp"], True, None)


def test_an_officer_is_found_by_username(loaded: Idp) -> None:
    found = json.loads(loaded("person", "show", "B@G10.vn", "--json").stdout)
    assert (found["kind"], found["agency"], found["second_factors"]) == ("officer", "G10.01", [])
    assert "Nguyễn Văn An" in loaded("person", "show", "b@g10.vn").stdout


@pytest.mark.parametrize(
    ("identifier", "reason"),
    [
        ("001099000002", "nobody has this identifier"),
        ("x\x00", "An identifier has no control or invisible characters"),
        ("1", "A personal number has 12 digits"),
        ("a" * 5000, "This is too long for an identifier"),
    ],
)
def test_who_cannot_be_found_is_refused_without_repeating_the_identifier(
    loaded: Idp, identifier: str, reason: str
) -> None:
    for command in ("show", "lock", "unlock", "activation-code"):
        message = str(loaded("person", command, identifier).exception)
        assert message.startswith(reason)
        assert "001099000002" not in message


def test_an_account_is_locked_and_unlocked_and_twice_is_once(loaded: Idp) -> None:
    for _ in range(2):
        locked = loaded("person", "lock", "001099000001", "--reason", "identity-card", "--json")
        assert json.loads(locked.stdout)["status"] == "locked"
    assert "the account is locked" in str(loaded("person", "activation-code", "001099000001").exception)
    assert json.loads(loaded("person", "show", "b@g10.vn", "--json").stdout)["status"] == "active"
    assert json.loads(loaded("person", "unlock", "001099000001", "--json").stdout)["status"] == "active"


def test_an_account_stays_locked_while_it_is_on_another_ground(loaded: Idp) -> None:
    loaded("person", "lock", "001099000001", "--reason", "death")
    locked = loaded("person", "lock", "001099000001", "--reason", "operator", "--json")
    assert sorted(json.loads(locked.stdout)["locks"]) == ["death", "operator"]
    ended = json.loads(loaded("person", "unlock", "001099000001", "--reason", "operator", "--json").stdout)
    assert (ended["status"], ended["locks"]) == ("locked", ["death"])
    ended = json.loads(loaded("person", "unlock", "001099000001", "--reason", "death", "--json").stdout)
    assert (ended["status"], ended["locks"]) == ("active", [])


@pytest.mark.parametrize("ground", ["closed", "merged"])
def test_nobody_ends_by_hand_the_lock_of_accounts_that_are_no_more(loaded: Idp, ground: str) -> None:
    for command in ("lock", "unlock"):
        refused = loaded("person", command, "001099000001", "--reason", ground)
        assert "accounts that are no more" in str(refused.exception)
    assert json.loads(loaded("person", "show", "001099000001", "--json").stdout)["status"] == "active"


def test_an_unknown_ground_is_wrong_usage(loaded: Idp) -> None:
    assert loaded("person", "lock", "001099000001", "--reason", "mood").exit_code == 2


def test_a_counter_code_is_told_once_and_is_another_each_time(loaded: Idp) -> None:
    first = loaded("person", "activation-code", "001099000001")
    assert first.stdout.strip().isdecimal()
    second = json.loads(loaded("person", "activation-code", "001099000001", "--json").stdout)
    assert (len(second["code"]), second["valid_hours"]) == (8, 72)
