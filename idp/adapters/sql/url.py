"""What a database URL names."""

from pathlib import Path
from typing import Final

_SQLITE: Final = "sqlite:///"
_POSTGRESQL: Final = "postgresql://"


def is_postgresql(url: str) -> bool:
    """Whether `url` names a PostgreSQL database."""
    return url.startswith(_POSTGRESQL)


def sqlite_path(url: str) -> Path:
    """The file that `sqlite:///PATH` names. Raises ValueError for the URL of another engine."""
    path = url.removeprefix(_SQLITE)
    if path == url or not path:
        raise ValueError("not the URL of an SQLite file")
    return Path(path)
