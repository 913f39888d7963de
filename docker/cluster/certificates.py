"""Certificates for one machine: an authority for the server, one for clients, made at the first start and kept.

They prove nothing to anybody but this cluster. The server's own certificate is made anew at every start.
"""

import datetime as dt
import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS: Final = 3650
DAYS: Final = 90
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key, as PEM files; `bundle` holds both, as HAProxy wants them."""

    certificate: Path
    key: Path
    bundle: Path


class Authority:
    """Signs certificates; its own and its key lie in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self.path = folder / f"{name}.pem"
        key_path = folder / f"{name}.key"
        if not self.path.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            _write(key_path, _private(key))
            subject = _name(f"Cluster in a box: {name}")
            builder = _builder(subject, subject, key.public_key(), AUTHORITY_DAYS)
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
            _write(self.path, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        loaded = serialization.load_pem_private_key(key_path.read_bytes(), None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key_path} holds no key of an elliptic curve")
        self._key = loaded
        self._certificate = x509.load_pem_x509_certificate(self.path.read_bytes())

    def issue_server(self, names: tuple[str, ...]) -> Identity:
        """Return a new certificate for a server on this machine under these names, and the loopback addresses."""
        loopback = [x509.IPAddress(ip_address(each)) for each in ("127.0.0.1", "::1")]
        alternatives = x509.SubjectAlternativeName([*(x509.DNSName(name) for name in names), *loopback])
        return self._issue("server", names[0], ExtendedKeyUsageOID.SERVER_AUTH, alternatives)

    def issue_client(self, name: str) -> Identity:
        """Return a new certificate for a client of that name (the subject is `CN=name`)."""
        return self._issue(f"client-{name}", name, ExtendedKeyUsageOID.CLIENT_AUTH, None)

    def _issue(
        self, file: str, name: str, purpose: x509.ObjectIdentifier, alternatives: x509.SubjectAlternativeName | None
    ) -> Identity:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(name), self._certificate.subject, key.public_key(), DAYS)
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(issuer_key, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        if alternatives is not None:
            builder = builder.add_extension(alternatives, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        identity = Identity(*(self._folder / f"{file}.{suffix}" for suffix in ("pem", "key", "bundle")))
        _write(identity.certificate, certificate)
        _write(identity.key, _private(key))
        _write(identity.bundle, certificate + _private(key))
        return identity


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=2))  # tests move the clock of a node
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: Key) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
