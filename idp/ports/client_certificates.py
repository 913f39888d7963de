"""Certificates that clients show (RFC 8705), taken apart and traced to a trust anchor."""

from collections.abc import Mapping
from typing import Protocol

from idp.domain.authenticators.distinguished_name import DistinguishedName
from idp.domain.ids import Seconds
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class CertificateContent:
    """What a certificate says. `names` are its subject alternative names by kind: dns, uri, ip, email.

    `key` is its public key as a JSON Web Key, key material only; empty for a kind of key that no client here has.
    """

    subject: DistinguishedName
    names: Mapping[str, frozenset[str]]
    key: Mapping[str, str]
    not_before: Seconds
    not_after: Seconds


class UntrustedCertificateError(Exception):
    """No trust anchor vouches for the certificate, or it is none that a client may show."""


class ClientCertificates(Protocol):
    """Reads certificates in DER."""

    def read(self, certificate: bytes) -> CertificateContent:
        """Take a certificate apart. Raises `UntrustedCertificateError` for one that cannot be read."""
        ...

    def check_issuer(self, certificate: bytes, now: Seconds) -> None:
        """Check that a trust anchor, valid at `now`, issued the certificate for clients.

        Raises `UntrustedCertificateError`.
        """
        ...
