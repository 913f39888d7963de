"""Client certificates, made here: self-signed, or under an authority of the test's own."""

import datetime as dt
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.adapters.turned_clock import TurnedClock

START = TurnedClock().now()
YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Identity:
    """A key with its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate as a proxy hands it on."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as it lies in a folder of trust anchors."""
        return self.certificate.public_bytes(Encoding.PEM)


def distinguished_name(common_name: str, organisation: str = "Cổng Dịch vụ công") -> x509.Name:
    """Return a name of three parts."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def authority(name: str = "Test CA", *, lasts: int = YEAR, is_authority: bool = True) -> Identity:
    """Return a trust anchor."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(distinguished_name(name), distinguished_name(name), key, START - 10, START + lasts)
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    return Identity(key, builder.sign(key, hashes.SHA256()))


def issued(
    by: Identity,
    common_name: str = "portal",
    *,
    names: tuple[x509.GeneralName, ...] = (),
    starts: int = START - 10,
    ends: int = START + YEAR,
    for_clients: bool = True,
    usages: tuple[x509.ObjectIdentifier, ...] | None = None,
    is_authority: bool = False,
) -> Identity:
    """Return a certificate under an authority; `starts` and `ends` are seconds since the epoch."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(distinguished_name(common_name), by.certificate.subject, key, starts, ends)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if is_authority:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    usage = ExtendedKeyUsageOID.CLIENT_AUTH if for_clients else ExtendedKeyUsageOID.SERVER_AUTH
    if usages is None or usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages or [usage]), critical=False)
    return Identity(key, builder.sign(by.key, hashes.SHA256()))


def revocations(
    by: Identity,
    *withdrawn: Identity,
    since: int = START - 10,
    until: int = START + YEAR,
    part: bool = False,
) -> bytes:
    """Return an authority's list of withdrawn certificates in DER; `part`: it says that it is not the whole list."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(dt.datetime.fromtimestamp(since, dt.UTC))
        .next_update(dt.datetime.fromtimestamp(until, dt.UTC))
    )
    for each in withdrawn:
        entry = x509.RevokedCertificateBuilder().serial_number(each.certificate.serial_number)
        builder = builder.add_revoked_certificate(
            entry.revocation_date(dt.datetime.fromtimestamp(since, dt.UTC)).build()
        )
    if part:
        builder = builder.add_extension(x509.DeltaCRLIndicator(1), critical=True)
    return builder.sign(by.key, hashes.SHA256()).public_bytes(Encoding.DER)


def self_signed(common_name: str = "self", *, ends: int = START + YEAR) -> Identity:
    """Return a certificate that nobody else vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = distinguished_name(common_name)
    return Identity(key, _builder(name, name, key, START - 10, ends).sign(key, hashes.SHA256()))


def alternative_names(dns: str, uri: str, address: str, email: str) -> tuple[x509.GeneralName, ...]:
    """Return one name of each kind that RFC 8705 section 2.1.2 knows."""
    return (
        x509.DNSName(dns),
        x509.UniformResourceIdentifier(uri),
        x509.IPAddress(ipaddress.ip_address(address)),
        x509.RFC822Name(email),
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, starts: int, ends: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime.fromtimestamp(starts, dt.UTC))
        .not_valid_after(dt.datetime.fromtimestamp(ends, dt.UTC))
    )
