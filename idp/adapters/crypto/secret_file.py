"""The secret file: 32 random bytes, from which the keys that seal everything else at rest are derived."""

import base64
import binascii
import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.durable_file import synchronise_folder, write_temporary

SECRET_SIZE: Final = 32
_LONGEST_FILE: Final = 256
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Secret:
    """The secret itself: gives sub-keys for a purpose and shows nothing."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        if len(value) != SECRET_SIZE:
            raise ValueError("a secret has 32 bytes")
        self._value = value

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte key for one purpose (HKDF-SHA256, RFC 5869); one tells nothing of another."""
        return HKDF(SHA256(), SECRET_SIZE, salt=None, info=f"idp/1/{purpose}".encode()).derive(self._value)


def load_secret(path: Path, *, create: bool) -> Secret:
    """Return the secret in `path`, made first (0600) when it is missing and `create` is set.

    Any number of processes may race to create it; all get the same one. Raises `KeyMaterialError` when it is missing
    and not to be created, or cannot be, readable by others than its owner, or not 32 bytes in base64.
    """
    if create and not path.exists():
        try:
            _create(path)
        except OSError as error:
            raise KeyMaterialError(
                f"the secret file {path} cannot be made ({error.strerror or 'unwritable'})",
                "let this user write there, or set IDP_SECRET_FILE",
            ) from None
    return Secret(_decode(path, _read(path)))


def _create(path: Path) -> None:
    """Write to a temporary name and link it into place: a link never replaces a file that somebody else made first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = write_temporary(path.parent, base64.b64encode(secrets.token_bytes(SECRET_SIZE)) + b"\n")
    try:
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
        synchronise_folder(path.parent)
    finally:
        temporary.unlink()


def _read(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise KeyMaterialError(
            f"the secret file {path} cannot be read ({reason})",
            "bring it from where it is kept, or set IDP_SECRET_FILE",
        ) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise KeyMaterialError(f"the secret file {path} is not a file", "set IDP_SECRET_FILE to the path of one")
        if mode & _OTHERS:
            raise KeyMaterialError(f"the secret file {path} is open to other users", f"run chmod 600 {path}")
        return os.read(descriptor, _LONGEST_FILE + 1)
    finally:
        os.close(descriptor)


def _decode(path: Path, content: bytes) -> bytes:
    try:
        value = base64.b64decode(content.strip(), validate=True)
    except binascii.Error:
        value = b""
    if len(content) > _LONGEST_FILE or len(value) != SECRET_SIZE:
        raise KeyMaterialError(f"the secret file {path} does not hold 32 bytes in base64", "restore it from its backup")
    return value
