import errno
import importlib.util
import io
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idp.cli import main
from idp.cli.refusal import Refusal

IDP = Path(sys.executable).with_name("idp")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([IDP, *arguments], check=False, capture_output=True, text=True, timeout=60)


def test_help_lists_every_command() -> None:
    answer = CliRunner().invoke(main.app, ["--help"])
    assert answer.exit_code == 0
    assert [name for name in main.COMMANDS if f" {name} " not in answer.output] == []


def test_the_package_is_the_command() -> None:
    command = [sys.executable, "-m", "idp", "--help"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (answer.returncode, answer.stdout) == (0, run("--help").stdout)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_names_are_written_in_utf_8_whatever_the_locale(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "clients.yaml").write_text("clients:\n- {client_id: portal, client_name: Cổng dịch vụ}\n", "utf-8")
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    for command in (("import", "clients.yaml"), ("export",), ("client", "list")):
        answer = subprocess.run([IDP, *command], check=False, capture_output=True, cwd=tmp_path, env=environment)
        assert answer.returncode == 0, answer.stderr.decode()
        assert command[0] == "import" or "Cổng dịch vụ" in answer.stdout.decode("utf-8")


def test_a_terminal_of_other_letters_gets_marks_for_those_it_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, "latin-1", write_through=True))
    monkeypatch.setattr(sys, "argv", ["idp", "client", "show", "--nơi"])
    with pytest.raises(SystemExit):
        main.main()
    print("Cổng")
    assert shown.getvalue() == b"C?ng\n"


@pytest.mark.slow
def test_help_answers_in_under_half_a_second() -> None:
    # Seconds of processor time: what else the machine does, and measuring coverage, are not the command's.
    assert statistics.median(processor_seconds() for _ in range(5)) < 0.5


def processor_seconds() -> float:
    to_nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(IDP, [str(IDP), "--help"], {"PATH": os.defpath}, file_actions=to_nowhere)
    _, status, used = os.wait4(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return used.ru_utime + used.ru_stime


def test_help_imports_no_command_and_none_of_their_libraries() -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from idp.cli.main import app, COMMANDS;"
        "CliRunner().invoke(app, ['--help']);"
        "heavy = {'fastapi', 'starlette', 'sqlalchemy', 'pydantic', 'cryptography', 'jinja2', 'joserfc', 'idp.app'};"
        "sys.exit(str(sorted((heavy | {each.module for each in COMMANDS.values()}) & set(sys.modules))))"
    )
    answer = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=60)
    assert answer.stderr.strip() == "[]"


@pytest.mark.parametrize("name", sorted(main.COMMANDS))
def test_every_command_in_the_table_exists_and_explains_itself(name: str) -> None:
    assert importlib.util.find_spec(main.COMMANDS[name].module) is not None
    answer = CliRunner().invoke(main.app, [name, "--help"], prog_name="idp")
    assert answer.exit_code == 0
    assert f"idp {name}" in answer.output


def test_version_is_the_distributions() -> None:
    answer = CliRunner().invoke(main.app, ["--version"])
    assert answer.exit_code == 0
    assert answer.output.strip().count(".") == 2


@pytest.mark.parametrize("arguments", [["nonsense"], ["serve", "--no-such-option"], ["--no-such-option"]])
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(main.app, arguments).exit_code == 2


@pytest.mark.parametrize("arguments", [["client", "show"], ["client", "token", "revoke"], ["import"]])
def test_an_argument_that_is_no_text_is_wrong_usage_in_one_line(arguments: list[str]) -> None:
    answer = CliRunner().invoke(main.app, [*arguments, os.fsdecode(b"\xff")])
    assert answer.exit_code == 2
    assert answer.output.count("\n") == 1
    assert "UTF-8" in answer.output


def test_a_refusal_is_one_line_on_standard_error_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_: object) -> None:
        raise Refusal("the database is at revision 1\nof 2", "run `idp migrate`")

    monkeypatch.setattr(main, "get_command", lambda _: type("Command", (), {"main": staticmethod(refuse)}))
    with pytest.raises(SystemExit) as stop:
        main.main()
    assert stop.value.code == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "idp: the database is at revision 1 of 2: run `idp migrate`\n"


def test_an_unreadable_file_is_named_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise PermissionError(13, "Permission denied", "people.yaml")

    monkeypatch.setattr(main, "get_command", lambda _: type("Command", (), {"main": staticmethod(fail)}))
    with pytest.raises(SystemExit) as stop:
        main.main()
    assert stop.value.code == 1
    assert capsys.readouterr().err.startswith("idp: people.yaml: Permission denied: ")


def test_a_refused_setting_is_one_line(tmp_path: Path) -> None:
    environment = {"IDP_ISSUER": "http://id.example.vn", "PATH": str(IDP.parent)}
    answer = subprocess.run(
        [IDP, "migrate"], check=False, capture_output=True, text=True, timeout=60, cwd=tmp_path, env=environment
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("idp: IDP_ISSUER: ")
    assert answer.stderr.count("\n") == 1


def test_a_full_disk_asks_for_room_and_not_for_permissions() -> None:
    for number, remedy in ((errno.ENOSPC, "make room"), (errno.EACCES, "check the path and its permissions")):
        refusal = main.known_refusal(OSError(number, os.strerror(number), "x"))
        assert refusal is not None
        assert refusal.remedy == remedy


def test_an_error_that_nobody_can_act_on_keeps_its_traceback() -> None:
    assert main.known_refusal(ValueError("a bug")) is None


def test_done_exits_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["idp", "--version"])
    with pytest.raises(SystemExit) as stop:
        main.main()
    assert stop.value.code == 0
