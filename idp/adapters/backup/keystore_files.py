"""The documents of a file keystore in a backup: copied as they are, sealed; the secret file is never part of it."""

from pathlib import Path
from typing import Final

from idp.adapters.backup.errors import BackupError
from idp.adapters.backup.folder import copy_file
from idp.adapters.backup.manifest import CHECKPOINTS, KEYS, Manifest
from idp.adapters.crypto.keystore import keystore_folder
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.durable_file import replace_file

_PATTERN: Final = "*.json"
_MARKER: Final = f"{KEYS}/keystore.json"


def save_keystore(path: Path, secret: Secret, folder: Path) -> tuple[str, ...]:
    """Copy the documents, no change in between; the names of the parts.

    Raises `KeyMaterialError` when one does not open under `secret`: a backup of it would be worth nothing.
    """
    (folder / KEYS).mkdir(mode=0o700)
    documents = keystore_folder(path, secret)
    with documents.lock():
        names = [f"{KEYS}/{name}.json" for name in sorted(documents.read())]
        for name in names:
            copy_file(path / Path(name).name, folder / name)
    return tuple(names)


def refuse_another_keystore(path: Path, manifest: Manifest, folder: Path) -> None:
    """Raise `BackupError` when documents are there that are not those of the backup."""
    saved = {Path(name).name: folder / name for name in manifest.names(KEYS)}
    for present in sorted(path.glob(_PATTERN)):
        if present.name not in saved or saved[present.name].read_bytes() != present.read_bytes():
            raise BackupError(
                f"{present} is not that of the backup", f"move {path} away and keep it: keys in it may be newer"
            )


def restore_keystore(path: Path, secret: Secret, manifest: Manifest, folder: Path) -> None:
    """Put the documents back, the one that says which there are last, unless others came to be there meanwhile.

    Raises `BackupError`, `KeyMaterialError`, `OSError`.
    """
    names = manifest.names(KEYS)
    if not names:
        return
    documents = keystore_folder(path, secret)
    documents.prepare()
    with documents.lock():
        refuse_another_keystore(path, manifest, folder)
        for name in sorted(names, key=lambda name: (name == _MARKER, name)):
            replace_file(path / Path(name).name, (folder / name).read_bytes())


def refuse_other_checkpoints(path: Path | None, manifest: Manifest, folder: Path) -> None:
    """Raise `BackupError` when checkpoints are there that are not those of the backup."""
    if path is None or not path.exists() or not path.stat().st_size:
        return
    if not manifest.has(CHECKPOINTS) or (folder / CHECKPOINTS).read_bytes() != path.read_bytes():
        raise BackupError(
            f"{path} is there already",
            "move it away and keep it: with it, idp audit verify --checkpoints tells what happened after the backup",
        )


def restore_checkpoints(path: Path | None, manifest: Manifest, folder: Path) -> None:
    """Put the checkpoints back where the settings want them. Raises `OSError`."""
    if path is not None and manifest.has(CHECKPOINTS):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, (folder / CHECKPOINTS).read_bytes())
