"""Certificates of people's cards (RFC 5280), their authorities and the lists of withdrawn ones, in one folder.

`*.pem` are certificates of authorities, `*.crl` their lists (RFC 5280 section 5; DER or PEM). Every certificate in the
folder is trusted; one whose own issuer lies there too is held to that issuer's list. Nothing is fetched. The folder is
read again when it changes, which is looked at once in a second.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from idp.adapters.crypto.authorities import UNREADABLE, File, authorities_in, files_in, is_usable, issued, moment
from idp.domain.authenticators.account_certificate import (
    CertificateObstacle,
    CheckedCertificate,
    RefusedCertificateError,
)
from idp.domain.ids import Seconds
from idp.domain.values import dataclass

FOR_PEOPLE: Final = frozenset({ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SMARTCARD_LOGON})
"""A certificate has to name one of these purposes; one for everything, or for none, is nobody's card."""

_LONGEST_CHAIN: Final = 5
_TOLD: Final = (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME)
_HARMLESS: Final = frozenset({ExtensionOID.AUTHORITY_KEY_IDENTIFIER, ExtensionOID.CRL_NUMBER})


@dataclass(frozen=True, slots=True)
class _Revocations:
    """A list of withdrawn certificates. `of` is the authority that signed it."""

    of: x509.Certificate
    serials: frozenset[int]
    since: Seconds
    until: Seconds


class X509PersonCertificates:
    """Implements `PersonCertificates`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: tuple[File, ...] = ()
        self._looked_at = Seconds(0)
        self._authorities: tuple[x509.Certificate, ...] = ()
        self._lists: tuple[_Revocations, ...] = ()

    def check(self, certificate: bytes, now: Seconds) -> CheckedCertificate:
        self._look(now)
        try:
            read = x509.load_der_x509_certificate(certificate)
            subject, issuer = _name(read.subject), _name(read.issuer)
        except UNREADABLE as error:
            raise RefusedCertificateError(CertificateObstacle.UNREADABLE) from error
        if not is_usable(read, FOR_PEOPLE, has_to_say=True):
            raise RefusedCertificateError(CertificateObstacle.NOT_FOR_PEOPLE)
        self._check_chain(read, now)
        ends = moment(read.not_valid_after_utc)
        return CheckedCertificate(sha256(certificate).digest(), subject, issuer, ends)

    def lists(self, now: Seconds) -> Iterator[tuple[str, Seconds | None]]:
        """Yield each authority with the end of its newest list, None where it has none: for whoever looks after it."""
        self._look(now)
        for authority in self._authorities:
            ends = [each.until for each in self._lists if each.of == authority]
            yield _name(authority.subject), max(ends, default=None)

    def _check_chain(self, certificate: x509.Certificate, now: Seconds) -> None:
        """Raises `RefusedCertificateError` unless an authority vouches for it, and whoever vouches for that one."""
        issuer = self._issuer_of(certificate)
        if issuer is None:
            raise RefusedCertificateError(CertificateObstacle.UNKNOWN_AUTHORITY)
        for _ in range(_LONGEST_CHAIN):
            _check_validity(certificate, now)
            self._check_revocation(certificate, issuer, now)
            certificate, issuer = issuer, self._issuer_of(issuer)
            if issuer is None or issuer == certificate:
                _check_validity(certificate, now)
                return
        raise RefusedCertificateError(CertificateObstacle.UNKNOWN_AUTHORITY)

    def _check_revocation(self, certificate: x509.Certificate, issuer: x509.Certificate, now: Seconds) -> None:
        current = [each for each in self._lists if each.of == issuer and each.since <= now < each.until]
        # A list that is too old tells nothing of what was withdrawn since.
        if not current:
            raise RefusedCertificateError(CertificateObstacle.REVOCATION_UNKNOWN)
        if any(certificate.serial_number in each.serials for each in current):
            raise RefusedCertificateError(CertificateObstacle.REVOKED)

    def _issuer_of(self, certificate: x509.Certificate) -> x509.Certificate | None:
        return next((each for each in self._authorities if issued(each, certificate)), None)

    def _look(self, now: Seconds) -> None:
        if now == self._looked_at:
            return
        self._looked_at = now
        known = files_in(self._folder, "*.pem", "*.crl")
        if known == self._known:
            return
        paths = [path for path, _, _ in known]
        self._authorities = tuple(
            authority for path in paths if path.suffix == ".pem" for authority in authorities_in(path)
        )
        self._lists = tuple(
            each for path in paths if path.suffix == ".crl" for each in _lists_in(path, self._authorities)
        )
        self._known = known


def _name(name: x509.Name) -> str:
    """Return a distinguished name as people read it: who, of which unit, of which organisation."""
    parts = [str(each.value) for kind in _TOLD for each in name.get_attributes_for_oid(kind)]
    return ", ".join(parts) or name.rfc4514_string()


def _check_validity(certificate: x509.Certificate, now: Seconds) -> None:
    if not moment(certificate.not_valid_before_utc) <= now <= moment(certificate.not_valid_after_utc):
        raise RefusedCertificateError(CertificateObstacle.NOT_VALID_NOW)


def _lists_in(path: Path, authorities: tuple[x509.Certificate, ...]) -> Iterator[_Revocations]:
    """Yield the list in a file for each authority that signed it; one that cannot be used is in the log."""
    try:
        content = path.read_bytes()
        is_text = content.lstrip().startswith(b"-----BEGIN")
        read = x509.load_pem_x509_crl(content) if is_text else x509.load_der_x509_crl(content)
        # RFC 5280 section 5.2: "If a CRL contains a critical extension that the application cannot process, then the
        # application MUST NOT use that CRL to determine the status of certificates." So are those of a part, or deltas.
        is_whole = not any(each.critical and each.oid not in _HARMLESS for each in read.extensions)
        ends = read.next_update_utc
        signed_by = [each for each in authorities if each.subject == read.issuer and _signed(read, each)]
    except (OSError, ValueError, x509.DuplicateExtension) as error:
        structlog.get_logger().warning("revocations.not_read", file=path.name, reason=str(error))
        return
    if not (is_whole and ends and signed_by):
        structlog.get_logger().warning("revocations.not_used", file=path.name)
        return
    serials = frozenset(each.serial_number for each in read)
    for authority in signed_by:
        yield _Revocations(authority, serials, moment(read.last_update_utc), moment(ends))


def _signed(revocations: x509.CertificateRevocationList, authority: x509.Certificate) -> bool:
    key = authority.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        return False
    try:
        return revocations.is_signature_valid(key)
    except (UnsupportedAlgorithm, TypeError):
        return False
