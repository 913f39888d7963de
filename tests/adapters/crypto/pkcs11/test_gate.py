import subprocess
import sys
from pathlib import Path

import pytest

from idp.adapters.crypto.pkcs11.gate import MachineGate

TRY = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), int(sys.argv[2]) | fcntl.LOCK_NB)"
SHARED, ALONE = 1, 2


def may_enter(folder: Path, operation: int) -> bool:
    """Whether another process gets the lock now."""
    trying = [sys.executable, "-c", TRY, str(folder), str(operation)]
    return subprocess.run(trying, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize(("writing", "others_look"), [(False, True), (True, False)])
def test_others_look_while_nobody_writes(tmp_path: Path, writing: bool, others_look: bool) -> None:
    gate = MachineGate(tmp_path / "lib.so")
    with gate.entered(writing=writing):
        assert may_enter(tmp_path, SHARED) is others_look
        assert not may_enter(tmp_path, ALONE)
    assert may_enter(tmp_path, ALONE)


def test_who_writes_may_look_inside_and_goes_on_writing(tmp_path: Path) -> None:
    gate = MachineGate(tmp_path / "lib.so")
    with gate.entered(writing=True):
        with gate.entered(writing=False):
            pass
        assert not may_enter(tmp_path, SHARED)
    assert may_enter(tmp_path, ALONE)


def test_where_nothing_can_be_locked_there_is_no_gate() -> None:
    with MachineGate(Path("/nowhere/lib.so")).entered(writing=True):
        pass
