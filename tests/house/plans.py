"""The official plans and their modules (`tests/conformance/plans.yaml`), and which of them a test stands for."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

import yaml

from tests.house.source import ROOT, modules, tree

ROOM: Final = ROOT / "tests/conformance"


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan: its modules by their official names, the files that test them, and what is left out with its reason."""

    name: str
    modules: tuple[str, ...]
    patterns: tuple[str, ...]
    reruns: str
    left_out: dict[str, str]

    @property
    def files(self) -> list[Path]:
        """The files of tests, as git knows them."""
        return [
            path for path in modules("tests/conformance") if any(fnmatch(path.name, each) for each in self.patterns)
        ]

    def tested(self) -> set[str]:
        """The names of the functions that these files define, or import by name from another file of this room."""
        return {name for path in self.files for name in _defined(path) | _imported(path)}


def plans() -> Iterator[Plan]:
    """Yield every plan in the order of the list."""
    listed: dict[str, dict[str, Any]] = yaml.safe_load((ROOM / "plans.yaml").read_text(encoding="utf-8"))
    for plan, told in listed.items():
        yield Plan(
            name=plan,
            modules=tuple(told.get("modules", ())),
            patterns=tuple(told["tests"]),
            reruns=told.get("reruns", ""),
            left_out=told.get("left_out", {}),
        )


def function_of(module: str) -> str:
    """The name of the test that stands for a module."""
    return "test_" + module.replace("-", "_").lower()


def _defined(path: Path) -> set[str]:
    return {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def _imported(path: Path) -> set[str]:
    """The functions of this room's other files that stand under their own names in this one."""
    room = ".".join(ROOM.relative_to(ROOT).parts)
    return {
        alias.name
        for node in tree(path).body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{room}.")
        for alias in node.names
        if alias.asname is None and alias.name in _defined(ROOT.joinpath(*node.module.split(".")).with_suffix(".py"))
    }
