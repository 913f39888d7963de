"""Files of a backup: copied durably, for their owner alone, and all of them visible at once."""

import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from idp.adapters.backup.errors import BackupError
from idp.adapters.durable_file import synchronise_folder


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """Give a folder to fill, which becomes `target` when the block ends well; nothing is left of it otherwise.

    Whoever is killed leaves a folder with a dot before its name, which the next one clears away. Raises `BackupError`
    when something is there already, or is being made there.
    """
    if os.path.lexists(target):
        raise BackupError(f"{target} is there already", "give a new name; nothing is overwritten")
    draft = target.with_name(f".{target.name}.part")
    try:
        draft.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(draft, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (FileExistsError, NotADirectoryError):
        raise BackupError(f"{draft} is no folder", "remove it, or give a new name") from None
    try:
        refuse_another_s(descriptor, draft)
        _take(descriptor, draft, target)
        try:
            yield draft
            _finish(draft, target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    finally:
        os.close(descriptor)


def _finish(draft: Path, target: Path) -> None:
    for folder in (*(path for path in draft.iterdir() if path.is_dir()), draft):
        synchronise_folder(folder)
    draft.rename(target)
    synchronise_folder(target.parent)


def refuse_another_s(descriptor: int, draft: Path) -> None:
    """Raise `BackupError` unless the draft is this user's alone: somebody else may have laid it out."""
    seen = os.fstat(descriptor)
    has_other_names = stat.S_ISREG(seen.st_mode) and seen.st_nlink > 1
    if seen.st_uid != os.geteuid() or seen.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or has_other_names:
        raise BackupError(f"{draft} is not this user's alone", "remove it, or give a new name")


def _take(descriptor: int, draft: Path, target: Path) -> None:
    """Take the draft for this process alone, and empty it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BackupError(f"{target} is being made by another process", "wait for it, or give a new name") from None
    if not is_same(descriptor, draft):
        raise BackupError(f"{target} was made by another process just now", "give a new name")
    for path in draft.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def is_same(descriptor: int, path: Path) -> bool:
    """Whether what was opened still has this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def new_file(path: Path) -> None:
    """Create an empty file for its owner alone, for another program to fill."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def synchronise_file(path: Path) -> None:
    """Return when the content has reached the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def copy_file(source: Path, target: Path) -> None:
    """Copy a file that its writers append to under a lock; durable when it returns, its owner's alone."""
    new_file(target)
    with source.open("rb") as reading, target.open("rb+") as writing:
        fcntl.flock(reading, fcntl.LOCK_SH)
        shutil.copyfileobj(reading, writing, 1 << 20)
        writing.flush()
        os.fsync(writing.fileno())
