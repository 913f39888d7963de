"""Folders whose content decides something: one that may not be looked into would look empty."""

import os
from pathlib import Path

from idp.adapters.crypto.errors import KeyMaterialError


def check_readable(folder: Path, called: str, remedy: str) -> None:
    """Raise `KeyMaterialError` for a folder out of reach; one that is not there is as it should be, and empty."""
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        raise KeyMaterialError(f"{called} cannot be looked into (Permission denied)", remedy)
