"""Where a chaos run takes place: the provider with its stores, and how to ask for it."""

import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from email import message_from_string, policy
from pathlib import Path
from typing import Protocol

from tests.chaos.people import ARGON2, Person
from tests.chaos.wire import Entrance
from tests.server import ProviderProcess


class Place(Protocol):
    """A running provider that nothing is wrong with yet."""

    @property
    def entrance(self) -> Entrance:
        """Where people and clients go in."""
        ...

    @property
    def mail(self) -> Sequence[Path]:
        """The folders that messages are put into."""
        ...

    @property
    def logs(self) -> Sequence[Path]:
        """What the nodes wrote."""
        ...

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `idp`, whatever comes of it."""
        ...

    def close(self) -> None:
        """Stop everything and leave nothing behind."""
        ...


class Embedded:
    """One machine: SQLite, two workers, nothing beside them."""

    def __init__(self, folder: Path, log: Path, **settings: str) -> None:
        self._log = log
        self.provider = _Provider(folder, {"IDP_ARGON2": ARGON2, **settings})
        self.provider.kept_log = log

    @property
    def entrance(self) -> Entrance:
        return Entrance(self.provider.url, "127.0.0.1", self.provider.port)

    @property
    def mail(self) -> Sequence[Path]:
        return [self.provider.folder / "mail"]

    @property
    def logs(self) -> Sequence[Path]:
        return [self.provider.log_path]

    def start(self) -> None:
        """Serve; returns once requests are answered."""
        self.provider.start("--workers", "2")

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self.provider.command(*arguments, check=False)

    def close(self) -> None:
        if self.provider.process is not None:
            self.provider.kill()


class _Provider(ProviderProcess):
    """A provider whose log lies outside its folder, which may be full."""

    kept_log: Path

    @property
    def log_path(self) -> Path:
        return self.kept_log


def logged_errors(logs: Sequence[Path]) -> Counter[str]:
    """What the nodes reported as errors, and how often; lines that are not theirs are left out."""
    found: Counter[str] = Counter()
    for path in logs:
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("{") and '"level":"error"' in line:
                told = json.loads(line)
                failure = told.get("failure") or [told.get("message", "")]
                found[
                    f"{told['event']} {told.get('job', '')} {failure if isinstance(failure, str) else failure[0]}"
                ] += 1
    return found


def mailed_code(folders: Sequence[Path], person: Person) -> str | None:
    """The code of the newest message to somebody, None while there is none."""
    found: list[tuple[float, str]] = []
    for folder in folders:
        for path in folder.glob("*.eml"):
            message = message_from_string(path.read_text(encoding="utf-8"), policy=policy.default)
            if message["to"] == person.email:
                lines = (line.strip() for line in message.get_content().splitlines())
                found += [(path.stat().st_mtime, line) for line in lines if len(line) == 6 and line.isdigit()]
    return max(found)[1] if found else None
