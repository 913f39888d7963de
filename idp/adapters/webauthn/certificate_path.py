"""From a certificate to an authority that is trusted: by signatures, names and times."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from idp.adapters.crypto.authorities import UNREADABLE


class UntrustedPathError(Exception):
    """No trusted authority stands behind a certificate."""


def check_path(path: Sequence[x509.Certificate], anchors: Iterable[x509.Certificate], at: datetime) -> None:
    """Check that one of `anchors` stands behind `path`, the certificate first. Raises `UntrustedPathError`.

    An anchor may be the certificate itself, or anything above it: makers of authenticators name all of these.
    """
    trusted = tuple(anchors)
    for place, certificate in enumerate(path):
        _check_time(certificate, at)
        if place and not _may_issue(certificate):
            raise UntrustedPathError("whoever issued it may not")
        if certificate in trusted:
            return
        if any(_is_issued_by(certificate, anchor) for anchor in trusted):
            return
        if place + 1 < len(path) and not _is_issued_by(certificate, path[place + 1]):
            raise UntrustedPathError("the certificates do not follow from each other")
    raise UntrustedPathError("no trust anchor issued it")


def _check_time(certificate: x509.Certificate, at: datetime) -> None:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise UntrustedPathError("a certificate is not valid at that time")


def _may_issue(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    return constraints.value.ca


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
