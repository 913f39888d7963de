import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idp.cli.main import app
from idp.cli.sample_people import PASSWORD


def test_lines_go_to_standard_output() -> None:
    result = CliRunner().invoke(app, ["demo-data", "--people", "3", "--seed", "9"])
    assert result.exit_code == 0
    assert [list(json.loads(line)) for line in result.stdout.splitlines()] == [["people"]] * 3


def test_a_file_is_written_and_told_with_the_password(tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"
    result = CliRunner().invoke(app, ["demo-data", "--people", "4500", "--out", str(file), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"people": 4500, "seed": 1, "file": str(file), "password": PASSWORD}
    assert len(file.read_bytes().splitlines()) == 4500

    assert PASSWORD in CliRunner().invoke(app, ["demo-data", "--people", "1", "--out", str(file)]).stdout


@pytest.mark.parametrize("arguments", [[], ["--people", "0"], ["--people", "many"], ["--people", "-1"]])
def test_a_number_of_people_is_needed(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, ["demo-data", *arguments]).exit_code == 2


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo-data", "--people", "1", "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert "name a file that can be written" in str(result.exception)


def test_whoever_reads_may_stop_reading() -> None:
    script = "import sys; from idp.cli.main import main; sys.argv = ['idp', 'demo-data', '--people', '50000']; main()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith(b'{"people"')
        process.stdout.close()
        assert process.stderr.read() == b""
