from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtensionOID, NameOID

from idp.adapters.webauthn.certificate_path import UntrustedPathError, check_path

NOW = datetime(2026, 11, 23, tzinfo=UTC)
X400_ADDRESS = bytes.fromhex("3002a300")
"""Names of which one is of a kind that nobody reads."""


def certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType, issuer: str = "maker"
) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, SHA256())


def test_an_authority_whose_extensions_nobody_reads_stands_behind_nothing() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    odd = x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, X400_ADDRESS)
    path = [certificate("key", key), certificate("maker", key, odd)]

    with pytest.raises(UntrustedPathError):
        check_path(path, [], NOW)
