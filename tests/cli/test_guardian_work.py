import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Idp
from tests.cli.test_import_ import write
from tests.flows.stopping import Process, install

GUARDIAN, CHILD, GROWN = "001190000011", "001220000022", "001200000033"
PEOPLE = f"""
people:
  - {{personal_number: "{GUARDIAN}", name: Nguyễn Thị Ánh, birthdate: 1990-03-08, level: 2}}
  - {{personal_number: "{CHILD}", name: Nguyễn Văn Tí, birthdate: 2020-05-06}}
  - {{personal_number: "{GROWN}", name: Nguyễn Văn Lớn, birthdate: 2000-05-06, level: 1}}
"""


@pytest.fixture
def loaded(idp: Idp, tmp_path: Path) -> Idp:
    idp("import", write(tmp_path / "people.yaml", PEOPLE))
    return idp


def test_a_guardianship_is_recorded_once(loaded: Idp) -> None:
    recorded = [loaded("person", "guardian", CHILD, GUARDIAN, "--json").stdout for _ in range(2)]
    first, second = (json.loads(told)["guardianship_id"] for told in recorded)
    assert first == second
    assert loaded("person", "guardian", CHILD, GUARDIAN).stdout.strip() == first


def test_a_run_that_was_stopped_before_it_confirmed_is_gone_on_with(
    loaded: Idp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    with (process := Process(last=1)).runs():
        loaded("person", "guardian", CHILD, GUARDIAN)
    assert process.is_gone
    assert loaded("person", "guardian", CHILD, GUARDIAN, "--json").exit_code == 0
    (path,) = tmp_path.rglob("idp.db")
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT confirmed_at IS NOT NULL FROM guardianships").fetchall()
    assert found == [(1,)]


def test_a_ward_may_be_grown_up(loaded: Idp) -> None:
    assert loaded("person", "guardian", GROWN, GUARDIAN, "--kind", "ward", "--json").exit_code == 0


@pytest.mark.parametrize(
    ("ward", "guardian", "reason"),
    [
        (GROWN, GUARDIAN, "the child is 14 or older"),
        (CHILD, GROWN, "this person cannot be the guardian"),
        (GUARDIAN, GUARDIAN, "this person cannot be the guardian"),
        ("001220000099", GUARDIAN, "nobody has this identifier"),
    ],
)
def test_what_cannot_be_is_refused_without_repeating_a_number(
    loaded: Idp, ward: str, guardian: str, reason: str
) -> None:
    message = str(loaded("person", "guardian", ward, guardian).exception)
    assert message.startswith(reason)
    assert ward not in message
