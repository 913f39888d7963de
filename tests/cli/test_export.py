import json
import stat
from pathlib import Path

from idp.adapters.backup.export_file import appearing_file
from idp.cli.refusal import Refusal
from idp.cli.sample_people import sample_lines
from tests.cli.conftest import Idp
from tests.cli.test_import_ import FILE, write


def test_an_export_imports_elsewhere_and_tells_no_secret(idp: Idp, tmp_path: Path) -> None:
    idp("import", write(tmp_path / "all.yaml", FILE))
    exported = idp("export").stdout

    assert "hunter" not in exported
    assert "argon2" not in exported
    assert "JBSWY3DP" not in exported
    assert "0123456789abcdef" not in exported
    assert "0 new, 0 changed, 7 unchanged" in idp("import", write(tmp_path / "again.yaml", exported)).output


def test_importing_an_export_keeps_the_credentials(idp: Idp, tmp_path: Path) -> None:
    file = write(tmp_path / "all.yaml", FILE)
    idp("import", file)
    idp("import", write(tmp_path / "again.yaml", idp("export").stdout))
    assert "0 new, 0 changed, 7 unchanged" in idp("import", file).output


def test_a_file_is_made_for_its_owner_alone(idp: Idp, tmp_path: Path) -> None:
    idp("import", write(tmp_path / "all.yaml", FILE))
    out = tmp_path / "export.yaml"
    out.touch(mode=0o644)

    assert "7 records" in idp("export", "--out", out).stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".*.draft"))


def test_people_alone_are_written_as_json_lines(idp: Idp, tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"
    file.write_bytes(b"".join(sample_lines(1200, seed=2)))
    idp("import", file)
    out = tmp_path / "out.jsonl"
    idp("export", "--out", out)

    assert len(out.read_text().splitlines()) == 1200
    assert "0 new, 0 changed, 1200 unchanged" in idp("import", out).output


def test_json_is_one_document(idp: Idp, tmp_path: Path) -> None:
    idp("import", write(tmp_path / "all.yaml", FILE))
    document = json.loads(idp("export", "--json").stdout)
    assert {section: len(records) for section, records in document.items()} == {
        "agencies": 2,
        "people": 1,
        "officers": 1,
        "organisations": 1,
        "resources": 1,
        "clients": 1,
    }


def test_posts_that_a_file_does_not_hold_are_counted_on_standard_error(idp: Idp, tmp_path: Path) -> None:
    file = write(tmp_path / "all.yaml", FILE)
    idp("import", file)
    assert idp("export").stderr == ""
    later = FILE.replace(
        "agency: G10.01, position: Chuyên viên", "agency: G10, position: Vụ phó, held_from: 2099-01-01"
    )
    idp("import", write(tmp_path / "later.yaml", later))
    for options in ((), ("--json",)):
        exported = idp("export", *options)
        assert "left out: 1" in exported.stderr
        assert ("Vụ phó" in exported.stdout, "Chuyên viên" in exported.stdout) == (True, False)
        again = write(tmp_path / "again.yaml", exported.stdout)
        assert "0 new, 0 changed, 7 unchanged" in idp("import", again).output
    assert "left out" not in idp("export", "--out", tmp_path / "people.jsonl").stderr


def test_disabled_clients_are_left_out(idp: Idp, tmp_path: Path) -> None:
    idp("import", write(tmp_path / "all.yaml", FILE))
    idp("client", "disable", "portal")
    assert "portal" not in idp("export").stdout


def test_a_folder_that_cannot_be_written_is_an_error_that_leaves_nothing(idp: Idp, tmp_path: Path) -> None:
    result = idp("export", "--out", tmp_path / "absent" / "export.yaml")
    assert isinstance(result.exception, FileNotFoundError)


def test_a_file_that_another_export_writes_is_refused(idp: Idp, tmp_path: Path) -> None:
    with appearing_file(tmp_path / "export.yaml"):
        result = idp("export", "--out", tmp_path / "export.yaml")
    assert isinstance(result.exception, Refusal)
    assert "is being written by another process" in str(result.exception)
