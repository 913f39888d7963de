"""What the tests of this folder read: the project's own files as git knows them, parsed once."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return every file that a clone of this tree would hold, deleted ones left out."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def modules(*rooms: str) -> Iterator[Path]:
    """Yield the tracked Python modules below the given folders."""
    tops = [ROOT / room for room in rooms]
    for path in tracked_files():
        if path.suffix == ".py" and any(path.is_relative_to(top) for top in tops):
            yield path


@cache
def tree(path: Path) -> ast.Module:
    """Return the module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name(path: Path) -> str:
    """Return the path as it is written from the top of the project."""
    return path.relative_to(ROOT).as_posix()
