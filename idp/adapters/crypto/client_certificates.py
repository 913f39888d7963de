"""X.509 certificates of clients (RFC 5280), and the trust anchors in a folder that vouch for them.

An anchor is the certificate of the authority that issues to clients, root or not: the one directly above, since a proxy
hands on no chain. Anchors are read again when the folder changes, which is looked at once in a second.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from idp.adapters.crypto.authorities import UNREADABLE, File, authorities_in, files_in, is_usable, issued, moment
from idp.domain.authenticators.distinguished_name import DistinguishedName, prepared_value
from idp.domain.ids import Seconds
from idp.ports.client_certificates import CertificateContent, UntrustedCertificateError

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
        self._known: tuple[File, ...] = ()
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
        if not moment(issuer.not_valid_before_utc) <= now <= moment(issuer.not_valid_after_utc):
            raise UntrustedCertificateError("its trust anchor is not valid now")

    def _look(self, now: Seconds) -> None:
        if now == self._looked_at:
            return
        self._looked_at = now
        known = files_in(self._folder, "*.pem")
        if known != self._known:
            self._known = known
            self._anchors = tuple(anchor for path, _, _ in known for anchor in authorities_in(path))
            self._issuer_of = lru_cache(1024)(self._find_issuer)

    def _find_issuer(self, der: bytes) -> x509.Certificate | None:
        """Return the anchor that signed a certificate which a client may show, or None."""
        certificate = _load(der)
        if not is_usable(certificate, _FOR_CLIENTS):
            return None
        return next((anchor for anchor in self._anchors if issued(anchor, certificate)), None)


@lru_cache(1024)
def _content(der: bytes) -> CertificateContent:
    certificate = _load(der)
    try:
        return CertificateContent(
            subject=_subject(certificate.subject),
            names=_alternative_names(certificate),
            key=_public_key(certificate.public_key()),
            not_before=moment(certificate.not_valid_before_utc),
            not_after=moment(certificate.not_valid_after_utc),
        )
    except UNREADABLE as error:
        raise UntrustedCertificateError("cannot be read") from error


def _load(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except UNREADABLE as error:
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


def _number(value: int, size: int | None = None) -> str:
    return _encoded(value.to_bytes(size or (value.bit_length() + 7) // 8))


def _encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
