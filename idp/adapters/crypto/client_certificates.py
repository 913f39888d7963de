"""X.509 certificates of clients (RFC 5280), and the trust anchors in a folder that vouch for them.

An anchor is the certificate of the authority that issues to clients, root or not: the one directly above, since a proxy
hands on no chain. Anchors are read again when the folder changes, which is looked at once in a second.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from idp.domain.distinguished_name import DistinguishedName, prepared_value
from idp.domain.ids import Seconds
from idp.ports.client_certificates import CertificateContent, UntrustedCertificateError

_File = tuple[Path, int, int]

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

_FOR_CLIENTS: Final = frozenset({ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})
_NAMES: Final[tuple[tuple[str, Any], ...]] = (
    ("dns", x509.DNSName),
    ("uri", x509.UniformResourceIdentifier),
    ("ip", x509.IPAddress),
    ("email", x509.RFC822Name),
)
_CURVES: Final = {"secp256r1": ("P-256", 32), "secp384r1": ("P-384", 48), "secp521r1": ("P-521", 66)}


class X509ClientCertificates:
    """Implements `ClientCertificates`. What was read of a certificate is remembered."""

    def __init__(self, anchors: Path) -> None:
        """`anchors` is a folder of `*.pem`; without it no authority is trusted."""
        self._folder = anchors
        self._known: tuple[_File, ...] = ()
        self._looked_at = Seconds(0)
        self._anchors: tuple[x509.Certificate, ...] = ()
        self._issuer_of: Callable[[bytes], x509.Certificate | None] = self._find_issuer

    def read(self, certificate: bytes) -> CertificateContent:
        return _content(certificate)

    def check_issuer(self, certificate: bytes, now: Seconds) -> None:
        self._look(now)
        issuer = self._issuer_of(certificate)
        if issuer is None:
            raise UntrustedCertificateError("no trust anchor issued it")
        if not _seconds(issuer, "not_valid_before_utc") <= now < _seconds(issuer, "not_valid_after_utc"):
            raise UntrustedCertificateError("its trust anchor is not valid now")

    def _look(self, now: Seconds) -> None:
        if now == self._looked_at:
            return
        self._looked_at = now
        known = _files_in(self._folder)
        if known != self._known:
            self._known = known
            self._anchors = tuple(anchor for path, _, _ in known for anchor in _anchors_in(path))
            self._issuer_of = lru_cache(1024)(self._find_issuer)

    def _find_issuer(self, der: bytes) -> x509.Certificate | None:
        """Return the anchor that signed a certificate which a client may show, or None."""
        certificate = _load(der)
        if not _is_for_clients(certificate):
            return None
        return next((anchor for anchor in self._anchors if _issued(anchor, certificate)), None)


@lru_cache(1024)
def _content(der: bytes) -> CertificateContent:
    certificate = _load(der)
    try:
        return CertificateContent(
            subject=_subject(certificate.subject),
            names=_alternative_names(certificate),
            key=_public_key(certificate.public_key()),
            not_before=_seconds(certificate, "not_valid_before_utc"),
            not_after=_seconds(certificate, "not_valid_after_utc"),
        )
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise UntrustedCertificateError("cannot be read") from error


def _load(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion) as error:
        raise UntrustedCertificateError("cannot be read") from error


def _subject(name: x509.Name) -> DistinguishedName:
    return tuple(
        frozenset((each.oid.dotted_string, prepared_value(str(each.value))) for each in relative)
        for relative in name.rdns
    )


def _alternative_names(certificate: x509.Certificate) -> dict[str, frozenset[str]]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return {}
    return {kind: frozenset(str(value) for value in names.get_values_for_type(each)) for kind, each in _NAMES}


def _public_key(key: object) -> dict[str, str]:
    match key:
        case rsa.RSAPublicKey():
            numbers = key.public_numbers()
            return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
        case ec.EllipticCurvePublicKey() if key.curve.name in _CURVES:
            curve, size = _CURVES[key.curve.name]
            point = key.public_numbers()
            return {"kty": "EC", "crv": curve, "x": _number(point.x, size), "y": _number(point.y, size)}
        case ed25519.Ed25519PublicKey():
            return {"kty": "OKP", "crv": "Ed25519", "x": _encoded(key.public_bytes_raw())}
        case _:
            return {}


def _is_for_clients(certificate: x509.Certificate) -> bool:
    """Return whether a certificate may be shown by a client (RFC 5280 sections 4.2, 4.2.1.9 and 4.2.1.12)."""
    try:
        extensions = certificate.extensions
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False
    for extension in extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            return False
        if isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
            return False
        if isinstance(extension.value, x509.ExtendedKeyUsage) and not _FOR_CLIENTS & set(extension.value):
            return False
        if isinstance(extension.value, x509.KeyUsage) and not extension.value.digital_signature:
            return False
    return True


def _issued(anchor: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(anchor)
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        return False
    return True


def _files_in(folder: Path) -> tuple[_File, ...]:
    """Return the files of a folder with what changes when they do; those that go meanwhile are left out."""
    found = []
    for path in sorted(folder.glob("*.pem")):
        with suppress(OSError):
            state = path.stat()
            found.append((path, state.st_mtime_ns, state.st_size))
    return tuple(found)


def _anchors_in(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        structlog.get_logger().warning("client_ca.not_read", file=path.name, reason=str(error))
        return ()
    return tuple(anchor for anchor in found if _is_authority(anchor))


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return False


def _seconds(certificate: x509.Certificate, moment: str) -> Seconds:
    return Seconds(int(getattr(certificate, moment).timestamp()))


def _number(value: int, size: int | None = None) -> str:
    return _encoded(value.to_bytes(size or (value.bit_length() + 7) // 8))


def _encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
