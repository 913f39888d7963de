import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement

from tests.house.source import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("runtime", "demo", "test")


def canonical(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None
    return re.sub(r"[-_.]+", "-", match.group()).lower()


def declared(*extras: str) -> set[str]:
    optional = PROJECT["project"]["optional-dependencies"]
    requirements = [*PROJECT["project"]["dependencies"], *(each for extra in extras for each in optional[extra])]
    return {canonical(each) for each in requirements} - {canonical(PROJECT["project"]["name"])}


def locked(lock: str) -> set[str]:
    text = (ROOT / f"requirements/{lock}.txt").read_text(encoding="utf-8")
    return {canonical(line) for line in text.splitlines() if "==" in line}


def test_every_dependency_says_why_it_is_here() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    explained = {canonical(cell) for cell in re.findall(r"^\| `?([A-Za-z0-9._-]+)", page, flags=re.MULTILINE)}
    every = declared(*PROJECT["project"]["optional-dependencies"])
    every |= {canonical(each) for group in PROJECT["dependency-groups"].values() for each in group}
    assert sorted(every - explained) == []


@pytest.mark.parametrize(("lock", "extras"), [
    ("runtime", ["pkcs11", "traces"]), ("demo", ["demo"]), ("test", ["demo", "pkcs11", "traces", "test"]),
])  # fmt: skip
def test_the_lock_holds_every_declared_dependency(lock: str, extras: list[str]) -> None:
    assert sorted(declared(*extras) - locked(lock)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_carries_hashes(lock: str) -> None:
    entries = (ROOT / f"requirements/{lock}.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    assert [entry.split()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


def test_the_locks_agree_on_every_version() -> None:
    pins: dict[str, set[str]] = {}
    for lock in LOCKS:
        text = (ROOT / f"requirements/{lock}.txt").read_text(encoding="utf-8")
        for package, pin in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE):
            pins.setdefault(package, set()).add(pin)
    assert {package for package, versions in pins.items() if len(versions) > 1} == set()


def test_every_lint_exception_gives_its_reason() -> None:
    section = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.ruff.lint]")[2]
    section = section.partition("[tool.mypy]")[0]
    codes = [line.strip() for line in section.splitlines() if re.match(r'\s+"[A-Z]+\d*",', line)]
    assert codes
    assert [line for line in codes if not re.search(r",\s+# \w+", line)] == []


def asked_for(package: str, extras: frozenset[str]) -> list[Requirement]:
    every = map(Requirement, requires(package) or ())
    return [
        each
        for each in every
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in {"", *extras})
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_is_whole_since_pip_adds_nothing_to_it(lock: str) -> None:
    pinned, missing = locked(lock), set()
    waiting = [(package, frozenset[str]()) for package in sorted(pinned)]
    for package, extras in waiting:
        try:
            asked = asked_for(package, extras)
        except PackageNotFoundError:
            continue  # for other platforms
        missing |= {f"{package} asks for {each}" for each in asked if canonical(each.name) not in pinned}
        with_extras = {(each.name, frozenset(each.extras)) for each in asked if each.extras}
        waiting += with_extras.difference(waiting)
    assert sorted(missing) == []


@pytest.mark.parametrize("page", ["Makefile", "docker/Dockerfile", "docs/operator-guide.md"])
def test_no_lock_is_installed_with_a_look_for_newer_releases(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text.count("--require-hashes") == text.count("install --no-deps --require-hashes") > 0
