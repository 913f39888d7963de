import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from idp.domain.values import dataclass

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    family: str
    given: str = "An"


@dataclass(slots=True)
class Counter:
    value: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    value: int


def test_values_are_equal_and_hashed_by_their_fields() -> None:
    assert Name(family="Lê") == Name(family="Lê", given="An")
    assert hash(Name(family="Lê")) == hash(Name(family="Lê"))
    assert len({Name(family="Lê"), Name(family="Lê"), replace(Name(family="Lê"), given="Bình")}) == 2
    assert [field.name for field in fields(Name)] == ["family", "given"]
    assert not hasattr(Name(family="Lê"), "__dict__")


def test_what_may_change_has_no_hash() -> None:
    counter = Counter()
    counter.value += 1
    assert counter == Counter(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(counter)


def test_what_is_told_apart_by_identity_stays_so() -> None:
    assert Token(1) != Token(1)
    assert len({Token(1), Token(1)}) == 2


@pytest.mark.slow
def test_the_type_checker_refuses_to_change_a_value(tmp_path: Path) -> None:
    changing = tmp_path / "changing.py"
    changing.write_text(
        "from idp.domain.accounts.account import Account\n"
        "def change(account: Account) -> None:\n"
        "    account.sessions_valid_from = account.sessions_valid_from\n"
    )
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", ROOT / "pyproject.toml", changing],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 1
    assert 'Property "sessions_valid_from" defined in "Account" is read-only' in checked.stdout
