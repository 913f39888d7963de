"""A folder of small sealed documents, one JSON file each, shared by any number of processes.

Files are 0600 in a 0700 folder, written whole or not at all; whoever changes more than one holds the folder's lock.
"""

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from idp.adapters.crypto.documents import Document, DocumentVersionError, decode_document, encode_document
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.sealing import Sealer, UnsealError
from idp.adapters.durable_file import TEMPORARY_PREFIX, replace_file

_LOCK: Final = ".lock"
_SUFFIX: Final = ".json"
_LARGEST_FILE: Final = 64 * 1024
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class SealedFolder:
    """`KeyDocuments` in the folder at `path`, sealed under `key` (32 bytes)."""

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
            raise self._unusable(error) from None

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder alone among processes and threads; the system frees it when a process dies."""
        try:
            descriptor = os.open(self._path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(error) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._sweep()
            yield
        finally:
            os.close(descriptor)

    def write(self, document: Document) -> None:
        replace_file(self._path / f"{document.name}{_SUFFIX}", encode_document(document, self._sealer))

    def read(self, prefix: str = "") -> dict[str, Document]:
        return {path.stem: self._read(path) for path in sorted(self._path.glob(f"{prefix}*{_SUFFIX}"))}

    def fingerprint(self) -> tuple[tuple[str, int, int, int], ...]:
        try:
            with os.scandir(self._path) as entries:
                seen = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(_SUFFIX)]
        except OSError as error:
            raise self._unusable(error) from None
        return tuple(sorted((name, status.st_ino, status.st_mtime_ns, status.st_size) for name, status in seen))

    def _read(self, path: Path) -> Document:
        try:
            if path.stat().st_mode & _OTHERS:
                raise KeyMaterialError(f"the key file {path} is open to other users", f"run chmod 600 {path}")
            with path.open("rb") as file:
                content = file.read(_LARGEST_FILE)
            return decode_document(path.stem, content, self._sealer)
        except OSError as error:
            raise KeyMaterialError(
                f"the key file {path} cannot be read ({error.strerror})", "check its owner and permissions"
            ) from None
        except UnsealError:
            raise KeyMaterialError(
                f"the key file {path} does not open",
                "bring the secret file it was made with, or restore it from backup",
            ) from None
        except DocumentVersionError:
            raise KeyMaterialError(
                f"the key file {path} was made by another release", "use the release that made it"
            ) from None

    def _sweep(self) -> None:
        """Remove what a process that died while writing left behind; only ever under the lock."""
        for path in self._path.glob(f"{TEMPORARY_PREFIX}*"):
            path.unlink(missing_ok=True)

    def _unusable(self, error: OSError) -> KeyMaterialError:
        reason = error.strerror or "refused"
        return KeyMaterialError(
            f"the keystore {self._path} cannot be used ({reason})",
            "give the user of idp a folder of its own (0700)",
        )
