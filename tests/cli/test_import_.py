import json
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from bench.machine import family
from idp.cli.refusal import Refusal
from idp.cli.sample_people import sample_lines
from tests.cli.conftest import Idp

FILE = """
agencies:
  - {code: G10.01, name: Vụ Đất đai, parent: G10, kind: department}
  - {code: G10, name: Bộ Tài nguyên và Môi trường, kind: ministry}
organisations: [{tax_code: "0100109106", name: Tập đoàn, representatives: ["001099000001"]}]
people:
  - personal_number: "001099000001"
    name: Nguyễn Văn An
    birthdate: 1999-01-02
    email: an@example.vn
    level: 2
    password: hunter2hunter2
    totp_secret: JBSWY3DPEHPK3PXP
officers:
  - {personal_number: "001099000001", agency: G10.01, position: Chuyên viên, username: b@g10.vn, password: hunter33}
resources: [{audience: "https://api.example", scopes: [dossier.read]}]
clients: [{client_id: portal, client_secret: 0123456789abcdef, redirect_uris: ["https://portal.example/callback"]}]
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_loaded_and_loading_it_again_changes_nothing(idp: Idp, tmp_path: Path) -> None:
    file = write(tmp_path / "all.yaml", FILE)

    assert f"{file}: 7 new, 0 changed, 0 unchanged" in idp("import", file).output
    assert f"{file}: 0 new, 0 changed, 7 unchanged" in idp("import", file).output


def test_a_changed_record_is_counted_as_changed(idp: Idp, tmp_path: Path) -> None:
    idp("import", write(tmp_path / "all.yaml", FILE))
    changed = idp("import", write(tmp_path / "all.yaml", FILE.replace("Văn An", "Văn Anh")), "--json")
    assert json.loads(changed.output) == {
        "files": [{"file": str(tmp_path / "all.yaml"), "created": 0, "changed": 1, "unchanged": 6}]
    }


def test_nothing_of_a_bad_file_is_loaded_and_every_problem_is_told(idp: Idp, tmp_path: Path) -> None:
    bad = FILE.replace('"001099000001"\n    name', '"1"\n    name').replace("level: 2", "level: 9")
    file = write(tmp_path / "all.yaml", bad)
    result = idp("import", file)

    assert isinstance(result.exception, Refusal)
    assert str(result.exception).startswith(f"{file}: people[0].personal_number: A personal number has 12 digits.")
    assert "(and 1 more)" in str(result.exception)
    assert "people[0].level" in result.output
    assert "7 new" in idp("import", write(tmp_path / "all.yaml", FILE)).output


def test_problems_are_told_as_json_too(idp: Idp, tmp_path: Path) -> None:
    file = write(tmp_path / "all.yaml", "people: [{}]")
    assert json.loads(idp("import", file, "--json").output)["files"][0]["problems"] == [
        {"path": "people[0].personal_number", "reason": "is required"},
        {"path": "people[0].name", "reason": "is required"},
    ]


@pytest.mark.parametrize(
    ("replaced", "by", "path"),
    [
        ("agency: G10.01", "agency: G11", "officers[0].agency"),
        ("parent: G10", "parent: G12", "agencies[0].parent"),
        (
            'representatives: ["001099000001"]',
            'representatives: ["001199000009"]',
            "organisations[0].representatives[0]",
        ),
    ],
)
def test_a_reference_to_what_is_unknown_is_refused_and_nothing_is_loaded(
    idp: Idp, tmp_path: Path, replaced: str, by: str, path: str
) -> None:
    result = idp("import", write(tmp_path / "all.yaml", FILE.replace(replaced, by)))

    assert f"all.yaml: {path}: " in str(result.exception)
    assert "7 new" in idp("import", write(tmp_path / "all.yaml", FILE)).output


def test_files_are_loaded_in_order_until_one_is_refused(idp: Idp, tmp_path: Path) -> None:
    good, bad = write(tmp_path / "good.yaml", FILE), write(tmp_path / "bad.yaml", "people: {}")
    result = idp("import", good, bad, good)
    assert result.output.count("new") == 1
    assert str(result.exception).startswith(f"{bad}: people: must be a list")


def test_what_is_wrong_with_the_files_behind_is_told_too_and_none_of_them_is_loaded(idp: Idp, tmp_path: Path) -> None:
    bad, worse = write(tmp_path / "bad.yaml", "people: {}"), write(tmp_path / "worse.yaml", "people: [{}, 7]")
    good, lines = write(tmp_path / "good.yaml", FILE), write(tmp_path / "lines.jsonl", "oops")

    result = idp("import", bad, good, lines, worse)
    assert str(result.exception).startswith(f"{bad}: people: must be a list (and 3 more)")
    assert f"{worse}: people[1]: must be a mapping" in result.output
    assert "lines.jsonl" not in result.output
    told = json.loads(idp("import", bad, good, worse, "--json").output)["files"]
    assert [(Path(each["file"]).name, len(each["problems"])) for each in told] == [("bad.yaml", 1), ("worse.yaml", 3)]
    assert "7 new" in idp("import", good).output


def test_the_path_of_a_problem_names_line_and_field(idp: Idp, tmp_path: Path) -> None:
    file = write(tmp_path / "people.jsonl", json.dumps({"people": {"personal_number": "1", "name": "An"}}))
    told = json.loads(idp("import", file, "--json").output)["files"]
    assert told[0]["problems"] == [{"path": "line 1: personal_number", "reason": "A personal number has 12 digits."}]


def test_json_lines_are_loaded_and_go_on_after_a_fix(idp: Idp, tmp_path: Path) -> None:
    lines = list(sample_lines(50, seed=1))
    file = tmp_path / "people.jsonl"
    file.write_bytes(b"".join([*lines[:30], b"oops\n", *lines[31:]]))
    result = idp("import", file)
    assert str(result.exception).startswith(f"{file}: line 31: is not JSON")

    file.write_bytes(b"".join(lines))
    assert "20 new, 0 changed, 30 unchanged" in idp("import", file).output


def test_somebody_elses_contact_is_refused_by_line(idp: Idp, tmp_path: Path) -> None:
    idp("import", write(tmp_path / "all.yaml", FILE))
    person = {"people": {"personal_number": "001199000007", "name": "Bình", "email": "AN@example.vn"}}
    file = write(tmp_path / "people.jsonl", json.dumps(person))

    message = str(idp("import", file).exception)
    assert message.startswith(f"{file}: line 1: email: belongs to somebody else")
    assert "example.vn" not in message


@pytest.mark.parametrize("arguments", [[], ["--nonsense", "x.yaml"]])
def test_wrong_usage_exits_with_two(idp: Idp, arguments: list[str]) -> None:
    assert idp("import", *arguments).exit_code == 2


def test_what_is_no_file_is_refused_before_anything_is_loaded(idp: Idp, tmp_path: Path) -> None:
    result = idp("import", write(tmp_path / "all.yaml", FILE), tmp_path / "absent.yaml", tmp_path)
    assert "absent.yaml is not a file" in str(result.exception)
    assert "7 new" in idp("import", tmp_path / "all.yaml").output


def people_in(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "var/idp.db")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM persons").fetchone()
        return int(count)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_a_load_that_was_killed_lost_nothing_it_had_committed_and_goes_on_there(idp: Idp, tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"
    file.write_bytes(b"".join(sample_lines(20_000, seed=3)))
    command = [str(Path(sys.executable).with_name("idp")), "import", str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while people_in(tmp_path) < 4000:
            assert process.poll() is None
        helpers = set(family(process.pid)) - {process.pid}
        process.kill()
    assert len(helpers) > 1
    while any(is_alive(helper) for helper in helpers):
        time.sleep(0.01)

    kept = people_in(tmp_path)
    assert kept % 2000 == 0
    told = re.search(r"(\d+) new, 0 changed, 0 unchanged", idp("import", file).output)
    assert told
    assert int(told[1]) == 20_000 - kept
    assert people_in(tmp_path) == 20_000
