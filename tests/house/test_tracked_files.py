import re

import pytest

from tests.house.source import ROOT, name, tracked_files

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
TRUST_ANCHORS = {"keys/passkey-metadata/globalsign-roots.pem"}
"""Certificates that everybody may have, and has."""

PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----")
MACHINE_PATH = re.compile(r"(?<![\w./:*-])/(?:work|root|home|Users)/\w")
REGISTRY = re.compile(r"(?:index-url|find-links)\s*=?\s*\S|\b(?:pypi\.org|pythonhosted|registry\.npmjs|crates\.io)\b")

TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".yml",
    ".yaml",
    ".html",
    ".css",
    ".js",
    ".json",
    ".jsonl",
    ".po",
    ".sh",
    ".svg",
    "",
}


def findings(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked_files():
        if path.suffix not in TEXT or path == ROOT / "tests/house/test_tracked_files.py":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{name(path)}:{number}")
    return found


@pytest.mark.parametrize("pattern", [UNFINISHED, PRIVATE_KEY, MACHINE_PATH, REGISTRY], ids=[
    "unfinished work", "private keys", "paths of one machine", "registry hosts",
])  # fmt: skip
def test_no_tracked_file_carries(pattern: re.Pattern[str]) -> None:
    assert findings(pattern) == []


def test_what_runs_and_what_is_secret_is_not_tracked() -> None:
    strangers = [
        name(path)
        for path in tracked_files()
        if name(path) not in TRUST_ANCHORS
        and (
            name(path).startswith(("var/", ".venv/", "dist/"))
            or (name(path).startswith("keys/") and path.name != "README.md")
            or path.suffix in {".pem", ".key", ".db", ".sqlite", ".mo", ".pyc"}
        )
    ]
    assert strangers == []


def test_no_tracked_file_is_large() -> None:
    large = [name(path) for path in tracked_files() if path.stat().st_size > 512 * 1024]
    assert large == []


@pytest.mark.parametrize("document", [
    "README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md", "keys/README.md",
    "docs/architecture.md", "docs/operator-guide.md", "docs/relying-party-guide.md", "docs/dependencies.md",
])  # fmt: skip
def test_a_reader_finds(document: str) -> None:
    assert (ROOT / document).stat().st_size > 200


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in tracked_files():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
            file = target.partition("#")[0]
            if file and "://" not in file and not file.startswith("mailto:") and not (path.parent / file).exists():
                broken.append(f"{name(path)}: {target}")
    assert broken == []


def test_files_named_in_documents_exist() -> None:
    rooms = r"`((?:idp|clients|tests|docs|templates|bench|requirements|keys|\.ci)/[\w./-]+)`"
    missing = []
    for path in tracked_files():
        if path.suffix == ".md":
            named = re.findall(rooms, path.read_text(encoding="utf-8"))
            missing += [f"{name(path)}: {file}" for file in named if not (ROOT / file).exists()]
    assert missing == []


def test_decision_records_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers
