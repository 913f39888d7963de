"""Programs under valgrind's callgrind, which counts every instruction they execute, whatever else the machine does.

Nothing is counted until it is told to: starting and warming up run at a tenth of their usual speed, counting at a
fiftieth. Valgrind runs one thread at a time, on a processor that it pretends to be: vectors of 256 bits at most.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ANSWER_LIMIT = 120
_NAMED = re.compile(r"\((\d+)\)(?: (.*))?")


class NotInstalledError(Exception):
    """Valgrind is missing."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Turns counting on and off in a process that was started by `command`, and reads what was counted."""

    folder: Path
    pid: int

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count for as long as this lasts."""
        self._tell("instrumentation", "on")
        self._tell("zero")
        yield
        self._tell("instrumentation", "off")

    def take(self) -> Path:
        """Return the file of everything counted since counting began, or since this was called last."""
        before = self._files()
        self._tell("dump")
        (new,) = self._files() - before
        return new

    def _files(self) -> set[Path]:
        return set(self.folder.glob("callgrind.out.[0-9]*"))

    def _tell(self, *words: str) -> None:
        subprocess.run(
            [_program("vgdb"), f"--vgdb-prefix={self.folder}/vgdb", f"--pid={self.pid}", *words],
            check=True, capture_output=True, timeout=_ANSWER_LIMIT,
        )  # fmt: skip


def command(folder: Path, program: Path, *arguments: str) -> tuple[str, ...]:
    """Return what starts a program of Python's under callgrind, whose files go to `folder`.

    Raises `NotInstalledError`.
    """
    return (
        _program("valgrind"), "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/callgrind.out",
        f"--vgdb-prefix={folder}/vgdb", f"--log-file={folder}/valgrind.log",
        sys.executable, "-P", str(program), *arguments,
    )  # fmt: skip


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NotInstalledError("valgrind is not installed: make valgrind")
    return found


def total(file: Path) -> int:
    """Return how many instructions a file of callgrind's counts."""
    for line in reversed(_lines(file)):
        if line.startswith("totals: "):
            return int(line.removeprefix("totals: "))
    raise ValueError(f"no total in {file.name}")


@dataclass
class Spent:
    """Instructions of one function: its own, and those of everything that it called."""

    own: int = 0
    whole: int = 0


def functions(file: Path) -> dict[str, Spent]:
    """Return what each function of a file of callgrind's spent, by `name [library]`.

    What a function called of itself is told apart as `name'2`, and counted each time.
    """
    names: dict[str, str] = {}
    found: dict[str, Spent] = {}
    current, calling, library = Spent(), False, ""
    for line in _lines(file):
        key, _, rest = line.partition("=")
        if key in {"ob", "cob", "fn", "cfn"}:
            name = _name(rest, names, key[-2:])
            if key == "ob":
                library = Path(name).name
            elif key == "fn":
                current = found.setdefault(f"{name} [{library}]", Spent())
        elif key == "calls":
            calling = True
        elif line[:1] in set("0123456789+-*"):
            cost = int(line.split()[1])
            current.whole += cost
            current.own += 0 if calling else cost
            calling = False
    return found


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines()


def _name(text: str, names: dict[str, str], kind: str) -> str:
    """Return a name, which is given in full once and by its number afterwards."""
    match = _NAMED.fullmatch(text)
    if match is None:
        return text
    if match[2]:
        names[kind + match[1]] = match[2]
    return names[kind + match[1]]
