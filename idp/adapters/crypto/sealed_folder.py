"""A folder of small sealed documents, one JSON file each, shared by any number of processes.

The public fields of a document stand in clear and are authenticated with its name: without the secret nobody can add a
document, change a field, or put one file in another's place. Files are 0600 in a 0700 folder, written whole or not at
all; whoever changes more than one file holds the folder's lock.
"""

import base64
import binascii
import contextlib
import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.sealing import Sealer, UnsealError
from idp.adapters.durable_file import TEMPORARY_PREFIX, replace_file

Fingerprint = tuple[tuple[str, int, int, int], ...]

_LOCK: Final = ".lock"
_SUFFIX: Final = ".json"
_VERSION: Final = 1
_LARGEST_FILE: Final = 64 * 1024
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its public fields, and the sealed part in clear."""

    name: str
    fields: Mapping[str, Any]
    secret: bytes = field(repr=False)


class SealedFolder:
    """The folder at `path`, sealed under `key` (32 bytes)."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._sealer = Sealer(key)

    def prepare(self) -> None:
        """Create the folder when it is missing and close it to others. Raises `KeyMaterialError` when it cannot be."""
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if stat.S_IMODE(self._path.stat().st_mode) & _OTHERS:
                self._path.chmod(0o700)
        except OSError as error:
            reason = error.strerror or "refused"
            raise KeyMaterialError(
                f"the keystore {self._path} cannot be used ({reason})",
                "give the user of idp a folder of its own (0700)",
            ) from None

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder alone among processes and threads; the system frees it when a process dies."""
        descriptor = os.open(self._path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._sweep()
            yield
        finally:
            os.close(descriptor)

    def write(self, document: Document) -> None:
        """Store the document durably, replacing one of the same name at once."""
        fields = {"version": _VERSION, **document.fields}
        sealed = self._sealer.seal(_context(document.name, fields), document.secret)
        content = json.dumps({**fields, "sealed": base64.b64encode(sealed).decode()}, indent=2)
        replace_file(self._path / f"{document.name}{_SUFFIX}", f"{content}\n".encode())

    def read(self) -> dict[str, Document]:
        """Return every document by name. Raises `KeyMaterialError` naming the file that cannot be used."""
        return {path.stem: self._read(path) for path in sorted(self._path.glob(f"*{_SUFFIX}"))}

    def fingerprint(self) -> Fingerprint:
        """Return something that differs whenever a document was added or replaced."""
        with os.scandir(self._path) as entries:
            seen = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(_SUFFIX)]
        return tuple(sorted((name, status.st_ino, status.st_mtime_ns, status.st_size) for name, status in seen))

    def _read(self, path: Path) -> Document:
        try:
            if path.stat().st_mode & _OTHERS:
                raise KeyMaterialError(f"the key file {path} is open to other users", f"run chmod 600 {path}")
            with path.open("rb") as file:
                fields = json.loads(file.read(_LARGEST_FILE))
            sealed = base64.b64decode(fields.pop("sealed"), validate=True)
            version = fields.get("version")
            secret = self._sealer.unseal(_context(path.stem, fields), sealed)
        except OSError as error:
            raise KeyMaterialError(
                f"the key file {path} cannot be read ({error.strerror})", "check its owner and permissions"
            ) from None
        except (UnsealError, ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
            raise KeyMaterialError(
                f"the key file {path} does not open",
                "bring the secret file it was made with, or restore it from backup",
            ) from None
        if version != _VERSION:
            raise KeyMaterialError(f"the key file {path} was made by another release", "use the release that made it")
        return Document(path.stem, fields, secret)

    def _sweep(self) -> None:
        """Remove what a process that died while writing left behind; only ever under the lock."""
        for path in self._path.glob(f"{TEMPORARY_PREFIX}*"):
            path.unlink(missing_ok=True)


def _context(name: str, fields: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes that bind the sealed part to the file's name and public fields."""
    return json.dumps([name, fields], sort_keys=True, separators=(",", ":")).encode()
