"""Files that are there whole or not at all, whenever the power goes."""

import os
import secrets
from pathlib import Path
from typing import Final

TEMPORARY_PREFIX: Final = ".new-"


def write_temporary(folder: Path, content: bytes) -> Path:
    """Return a new file in `folder`, readable by its owner only, whose content has reached the disk.

    Raises `OSError`, and leaves nothing, when it cannot be written whole.
    """
    path = folder / f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _give_to_owner(descriptor, folder)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        # On a full disk, what is there of it would stay for good.
        path.unlink(missing_ok=True)
        raise
    return path


def _give_to_owner(descriptor: int, folder: Path) -> None:
    """Let what root writes belong to whom the folder belongs to: the provider's own user has to read it tomorrow."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` at `path`: readers see the old file or the new one, and after returning the new one stays."""
    write_temporary(path.parent, content).replace(path)
    synchronise_folder(path.parent)


def synchronise_folder(folder: Path) -> None:
    """Return when the names in `folder` have reached the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
