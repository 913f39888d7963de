"""Certificates of authorities in a folder, and what they vouch for (RFC 5280)."""

import datetime as dt
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtensionOID

from idp.domain.ids import Seconds

File = tuple[Path, int, int]
"""A file, with what changes when it does."""

UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What reading a certificate raises that nobody can read: the library has no one class for it."""

_UNDERSTOOD: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CERTIFICATE_POLICIES,
    }
)
"""Extensions that may be critical: they are checked here, or limit nothing that is done here."""


def files_in(folder: Path, *patterns: str) -> tuple[File, ...]:
    """Return the files of a folder that fit a pattern; those that go meanwhile are left out."""
    found = []
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        with suppress(OSError):
            state = path.stat()
            found.append((path, state.st_mtime_ns, state.st_size))
    return tuple(found)


def authorities_in(path: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates of authorities in a file; one that cannot be read is in the log and holds none."""
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, *UNREADABLE) as error:
        structlog.get_logger().warning("authority.not_read", file=path.name, reason=str(error))
        return ()
    return tuple(each for each in found if _is_authority(each))


def is_usable(
    certificate: x509.Certificate, purposes: AbstractSet[x509.ObjectIdentifier], *, has_to_say: bool = False
) -> bool:
    """Return whether a certificate may be shown for one of `purposes` (RFC 5280 sections 4.2, 4.2.1.9 and 4.2.1.12).

    One that names no purpose is for all of them, unless it `has_to_say`.
    """
    try:
        extensions = certificate.extensions
    except UNREADABLE:
        return False
    says = False
    for extension in extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            return False
        if isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
            return False
        if isinstance(extension.value, x509.ExtendedKeyUsage):
            says = bool(purposes & set(extension.value))
            if not says:
                return False
        if isinstance(extension.value, x509.KeyUsage) and not extension.value.digital_signature:
            return False
    return says or not has_to_say


def issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Return whether an authority signed a certificate."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        return False
    return True


def moment(at: dt.datetime) -> Seconds:
    """Return seconds since the epoch."""
    return Seconds(int(at.timestamp()))


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
