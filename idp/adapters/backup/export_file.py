"""The file of an export: its owner's alone, and there once it is whole."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from idp.adapters.backup.errors import BackupError
from idp.adapters.backup.folder import is_same, refuse_another_s


@contextmanager
def appearing_file(target: Path) -> Iterator[TextIO]:
    """Give a file to fill, which takes the place of `target` when the block ends well; nothing is left of it otherwise.

    Whoever is killed leaves a file with a dot before its name, which the next one empties: a name by chance would keep
    personal data in clear for good. Raises `BackupError` when another process writes there, and `OSError`.
    """
    draft = target.with_name(f".{target.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        refuse_another_s(descriptor, draft)
        _take(descriptor, draft, target)
        try:
            yield stream
            stream.flush()
            os.fsync(descriptor)
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def _take(descriptor: int, draft: Path, target: Path) -> None:
    """Take the draft for this process alone, and empty it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BackupError(f"{target} is being written by another process", "wait for it, or give a new name") from None
    if not is_same(descriptor, draft):
        raise BackupError(f"{target} was written by another process just now", "look at it, or give a new name")
    os.ftruncate(descriptor, 0)
