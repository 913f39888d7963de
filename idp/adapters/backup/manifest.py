"""The manifest of a backup: what is in it, when and of what it was made, vouched for by a key of the secret file.

HMAC-SHA256 over the manifest as it stands, and SHA-256 of every part in the manifest: whoever does not hold the secret
file can change nothing unseen, nor pass off a backup of another provider.
"""

import hmac
import re
from hashlib import file_digest
from pathlib import Path
from typing import Final, Literal

import msgspec

from idp.adapters.backup.errors import BackupError
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.durable_file import synchronise_folder, write_temporary

MANIFEST: Final = "manifest.json"
KEYS: Final = "keys"
CHECKPOINTS: Final = "audit-checkpoints.jsonl"
_FORMAT: Final = 1
_PURPOSE: Final = "backup"
_LARGEST: Final = 16 << 20
_PART_NAME: Final = re.compile(r"([a-z]+/)?[A-Za-z0-9][A-Za-z0-9._-]*")


class Part(msgspec.Struct, frozen=True):
    """One file; `sha256` is hexadecimal, `size` in bytes."""

    name: str
    size: int
    sha256: str


class SeenRecord(msgspec.Struct, frozen=True):
    """The newest audit record of a stream when the backup began: the database in it has this one, and maybe more."""

    stream: str
    sequence: int
    digest: str
    at_milliseconds: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is. `revision` is that of the schema, `oldest_code` the oldest whose code may run on it."""

    format: int = _FORMAT
    created_at: int
    issuer: str
    release: str
    engine: Literal["sqlite", "postgresql"]
    engine_version: str
    revision: str
    oldest_code: str | None
    keystore: Literal["file", "pkcs11"]
    heads: tuple[SeenRecord, ...]
    parts: tuple[Part, ...]

    def names(self, folder: str) -> tuple[str, ...]:
        """The parts in one folder of the backup."""
        return tuple(part.name for part in self.parts if part.name.startswith(f"{folder}/"))

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return any(part.name == name for part in self.parts)


class _Vouched(msgspec.Struct):
    manifest: msgspec.Raw
    mac: str


class _Format(msgspec.Struct):
    format: int = 0


def measure(folder: Path, name: str) -> Part:
    """A part as it lies there. Raises `OSError`."""
    path = folder / name
    with path.open("rb") as file:
        return Part(name, path.stat().st_size, file_digest(file, "sha256").hexdigest())


def write_manifest(folder: Path, manifest: Manifest, secret: Secret) -> str:
    """Write it into the folder, durably; its SHA-256."""
    content = msgspec.json.encode(manifest)
    vouched = msgspec.json.encode(_Vouched(msgspec.Raw(content), _mac(content, secret)))
    write_temporary(folder, vouched + b"\n").rename(folder / MANIFEST)
    synchronise_folder(folder)
    return manifest_digest(folder)


def manifest_digest(folder: Path) -> str:
    """SHA-256 of the manifest's file, hexadecimal: it names this backup and no other."""
    return measure(folder, MANIFEST).sha256


def read_manifest(folder: Path, secret: Secret) -> Manifest:
    """Return the manifest of a backup that was made under `secret`, and whose parts are all there, unchanged.

    Raises `BackupError`, and `OSError` for what cannot be read.
    """
    try:
        with (folder / MANIFEST).open("rb") as file:
            vouched = msgspec.json.decode(file.read(_LARGEST), type=_Vouched)
    except FileNotFoundError:
        raise BackupError(
            f"{folder} is no backup: it has no {MANIFEST}", "give the folder that idp backup made"
        ) from None
    except msgspec.MsgspecError:
        raise BackupError(f"{folder / MANIFEST} is damaged", "use another backup") from None
    content = bytes(vouched.manifest)
    if not hmac.compare_digest(_mac(content, secret), vouched.mac):
        raise BackupError(
            f"{folder / MANIFEST} was changed, or made under another secret file",
            "bring the secret file of the provider that was backed up, or use another backup",
        )
    manifest = _decode(content)
    for part in manifest.parts:
        _check(folder, part)
    return manifest


def _decode(content: bytes) -> Manifest:
    if msgspec.json.decode(content, type=_Format).format != _FORMAT:
        raise BackupError("the backup was made by another release", "restore it with the release that made it")
    return msgspec.json.decode(content, type=Manifest)


def _check(folder: Path, part: Part) -> None:
    if not _PART_NAME.fullmatch(part.name):
        raise BackupError("the backup has a part with a strange name", "use another backup")
    try:
        found = measure(folder, part.name)
    except FileNotFoundError:
        raise BackupError(f"{folder / part.name} is missing", "use another backup") from None
    if found != part:
        raise BackupError(f"{folder / part.name} was changed or cut", "use another backup")


def _mac(content: bytes, secret: Secret) -> str:
    return hmac.digest(secret.derive(_PURPOSE), content, "sha256").hex()
