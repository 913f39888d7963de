"""A copy of an SQLite file while others write to it, and putting it back."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Literal

from idp.adapters.backup.errors import BackupError
from idp.adapters.backup.folder import new_file, synchronise_file
from idp.adapters.durable_file import synchronise_folder
from idp.ports.errors import StoreUnavailableError

PART: Final = "database.sqlite"
_BUSY_MILLISECONDS: Final = 60_000
_LEFT_OUT: Final = ("short_lived", "job_leases")


class SqliteCopy:
    """Implements `DatabaseCopy` by SQLite's online backup: one read transaction, which holds no writer up."""

    engine: Literal["sqlite"] = "sqlite"
    part = PART

    def __init__(self, path: Path) -> None:
        self._path = path

    def version(self) -> str:
        return sqlite3.sqlite_version

    def refuse_unless_empty(self) -> None:
        for path in (self._path, *_companions(self._path)):
            if path.exists():
                raise _in_the_way(path)

    def save(self, folder: Path) -> None:
        target = folder / PART
        new_file(target)
        try:
            self._copy_to(target)
        except sqlite3.DatabaseError as error:
            raise StoreUnavailableError from error
        synchronise_file(target)

    def _copy_to(self, target: Path) -> None:
        # rw, though nothing is written: a reader of a log makes its index where the last writer took it away.
        source = f"{self._path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(source, uri=True)) as reading, closing(sqlite3.connect(target)) as copy:
            reading.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
            # All pages in one step: in several ones, every write in between would begin it anew.
            reading.backup(copy, pages=-1)
            _make_portable(copy)

    @contextmanager
    def restoring(self, folder: Path) -> Iterator[str]:
        """Give the URL of a file beside the database's place, which is moved there when the block ends well.

        One process at a time does so in a folder; raises `BackupError` for another one.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(self._path):
            self.refuse_unless_empty()
            draft = self._path.with_name(f".{self._path.name}.restoring")
            _discard(draft)
            try:
                new_file(draft)
                shutil.copyfile(folder / PART, draft)
                yield f"sqlite:///{draft}"
                _close(draft)
                self._put(draft)
            finally:
                _discard(draft)
            synchronise_folder(self._path.parent)

    def _put(self, draft: Path) -> None:
        """Give the draft its name; a link, unlike a renaming, takes nobody's place."""
        try:
            os.link(draft, self._path)
        except FileExistsError:
            raise _in_the_way(self._path) from None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other restores out of the folder: a lock on it leaves nothing behind, whoever is killed."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"{path} is being restored by another process", "wait for it") from None
        yield
    finally:
        os.close(descriptor)


def _in_the_way(path: Path) -> BackupError:
    return BackupError(f"{path} is there already", "restore into an empty place, or move it away first")


def _close(draft: Path) -> None:
    """Make the draft one file by itself, durable."""
    try:
        with closing(sqlite3.connect(draft)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        raise StoreUnavailableError from error
    synchronise_file(draft)


def _make_portable(connection: sqlite3.Connection) -> None:
    """Make the copy one file by itself, without what lives only for hours; raises `BackupError` when it is damaged."""
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA secure_delete = ON")
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    with connection:
        for table in tables.intersection(_LEFT_OUT):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 -- names of our own, from above
    (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise BackupError("the database is damaged", "stop idp serve and restore the last good backup")


def _companions(path: Path) -> tuple[Path, ...]:
    """What SQLite keeps beside a file, and would take for a part of any other of the same name."""
    return tuple(path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal"))


def _discard(draft: Path) -> None:
    for path in (draft, *_companions(draft), draft.with_name(draft.name + ".lock")):
        path.unlink(missing_ok=True)
