"""`idp keys rewrap` killed in the middle, while another process brings people in."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

PEOPLE = 2500
LATECOMERS = 500
IDP = Path(sys.executable).with_name("idp")


class Provider:
    """A provider in a folder of its own, whose commands are real processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "IDP_ARGON2": "m=8,t=1,p=1"}

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [IDP, *map(str, arguments)], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True
        )

    def run(self, *arguments: object) -> str:
        command = self.start(*arguments)
        output, _ = command.communicate(timeout=300)
        assert command.returncode == 0, output
        return output

    def versions(self) -> dict[int, int]:
        """How many data keys lie under each version."""
        with closing(sqlite3.connect(self.folder / "var" / "idp.db", timeout=30)) as database:
            rows = database.execute(
                "SELECT hex(substr(wrapped, 1, 1)), count(*) FROM "
                "(SELECT record_key AS wrapped FROM persons UNION ALL SELECT erasable_key FROM persons) GROUP BY 1"
            ).fetchall()
        return {int(version, 16): count for version, count in rows}


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    provider = Provider(tmp_path)
    everybody = tmp_path / "everybody.jsonl"
    provider.run("demo-data", "--people", PEOPLE + LATECOMERS, "--out", everybody)
    lines = everybody.read_bytes().splitlines(keepends=True)
    (tmp_path / "people.jsonl").write_bytes(b"".join(lines[:PEOPLE]))
    (tmp_path / "latecomers.jsonl").write_bytes(b"".join(lines[PEOPLE:]))
    provider.run("import", tmp_path / "people.jsonl")
    return provider


def test_killed_in_the_middle_it_goes_on_and_everybody_is_still_there(provider: Provider, tmp_path: Path) -> None:
    rewrapping = provider.start("keys", "rewrap")
    deadline = time.monotonic() + 120
    while not provider.versions().get(2):
        assert time.monotonic() < deadline
        time.sleep(0.002)
    rewrapping.send_signal(signal.SIGKILL)
    rewrapping.communicate()
    assert set(provider.versions()) == {1, 2}, "it was killed in the middle"
    assert provider.run("export").count("personal_number:") == PEOPLE

    importing = provider.start("import", tmp_path / "latecomers.jsonl")
    told = json.loads(provider.run("keys", "rewrap", "--json"))
    output, _ = importing.communicate(timeout=300)
    assert importing.returncode == 0, output
    assert told["version"] == 2
    assert provider.versions().keys() == {2}
    last = json.loads(provider.run("keys", "rewrap", "--finish", "--json"))
    assert last["data_keys"] == {"2": 2 * (PEOPLE + LATECOMERS)}
    assert provider.run("export").count("personal_number:") == PEOPLE + LATECOMERS
    provider.run("audit", "verify")
