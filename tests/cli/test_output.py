import json

import pytest

from idp.cli.output import print_json, print_table


def test_json_keeps_vietnamese_readable(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "Nguyễn Thị Ánh"})
    printed = capsys.readouterr().out
    assert "Nguyễn Thị Ánh" in printed
    assert json.loads(printed) == {"name": "Nguyễn Thị Ánh"}


def test_a_table_never_reads_its_cells_as_markup_and_never_cuts_them(capsys: pytest.CaptureFixture[str]) -> None:
    secret = "JBSWY3DPEHPK3PXP" * 4
    print_table("People", ["Name", "Secret"], [["[red]Ánh[/red]", secret]])
    printed = capsys.readouterr().out
    assert "[red]Ánh[/red]" in printed
    assert secret in printed
