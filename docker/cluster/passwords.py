"""Passwords of the stores: made at the first start, one file each, readable by the owner alone."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Passwords:
    """The files: PostgreSQL's superuser, its replication, the provider's database role, Valkey."""

    superuser: Path
    replication: Path
    database: Path
    valkey: Path


def kept_in(folder: Path) -> Passwords:
    """Return the password files in `folder`, making what is missing."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Passwords(*(_made(folder / name) for name in ("superuser", "replication", "database", "valkey")))


def _made(path: Path) -> Path:
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(24))
    return path
