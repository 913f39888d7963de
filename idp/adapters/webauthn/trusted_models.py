"""The folder with the metadata blob and its trust anchors, read again when it changes: renewing takes no restart."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509

from idp.adapters.crypto.authorities import UNREADABLE
from idp.adapters.webauthn.metadata import Metadata, Model, UntrustedMetadataError, read_blob
from idp.domain.ids import Seconds

_File = tuple[Path, int, int]
_LOOKS_APART: Final = 60
"""Seconds."""


class TrustedModels:
    """Models of authenticators whose attestation counts."""

    def __init__(self, folder: Path) -> None:
        """`folder` has blobs as `*.jwt` and trust anchors as `*.pem`; without it no model is trusted."""
        self._folder = folder
        self._known: tuple[_File, ...] = ()
        self._looked_at: int | None = None
        self._metadata: Metadata | None = None

    def find(self, aaguid: str, now: Seconds) -> Model | None:
        """The trusted model with this AAGUID, or None."""
        self._look(now)
        return self._metadata.models.get(aaguid) if self._metadata else None

    def are_known(self, now: Seconds) -> bool:
        """Whether there is any metadata to tell models by."""
        self._look(now)
        return self._metadata is not None

    def _look(self, now: Seconds) -> None:
        if self._looked_at is not None and now < self._looked_at + _LOOKS_APART:
            return
        self._looked_at = now
        try:
            known = tuple(_files_in(self._folder))
            if known == self._known:
                return
            self._known = known
            self._metadata = read_folder(self._folder, now)
        except (UntrustedMetadataError, OSError) as error:
            # What was trusted before goes on: a file that was copied halfway is no reason to lock officers out.
            structlog.get_logger().warning("passkey metadata not read", reason=str(error))


def read_folder(folder: Path, now: Seconds) -> Metadata | None:
    """Return what the newest of the blobs in `folder` says, None without one. Raises `UntrustedMetadataError`."""
    try:
        blobs = [path.read_text("ascii") for path in sorted(folder.glob("*.jwt"))]
        pems = [path.read_bytes() for path in sorted(folder.glob("*.pem"))]
        anchors = [anchor for pem in pems for anchor in x509.load_pem_x509_certificates(pem)]
    except (OSError, *UNREADABLE) as error:
        raise UntrustedMetadataError("a file cannot be read") from error
    at = datetime.fromtimestamp(now, UTC)
    return max((read_blob(blob, anchors, at) for blob in blobs), key=lambda read: read.number, default=None)


def _files_in(folder: Path) -> Iterator[_File]:
    for path in sorted((*folder.glob("*.jwt"), *folder.glob("*.pem"))):
        facts = path.stat()
        yield path, facts.st_mtime_ns, facts.st_size
