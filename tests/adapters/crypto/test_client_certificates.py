import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from idp.adapters.crypto.client_certificates import X509ClientCertificates
from idp.adapters.crypto.signature_algorithms import PrivateKey, public_jwk
from idp.domain.authenticators.distinguished_name import read_distinguished_name
from idp.domain.ids import Seconds
from idp.ports.client_certificates import UntrustedCertificateError
from tests.protocol.certificates import START, alternative_names, authority, distinguished_name, issued

NOW = Seconds(START)


def trusting(folder: Path, *pems: bytes) -> X509ClientCertificates:
    for number, pem in enumerate(pems):
        (folder / f"{number}.pem").write_bytes(pem)
    return X509ClientCertificates(folder)


def under(key: dsa.DSAPrivateKey | PrivateKey, *extensions: tuple[x509.ExtensionType, bool]) -> tuple[bytes, bytes]:
    """Return a certificate for a key, and the authority that issued it."""
    anchor = authority()
    builder = (
        x509.CertificateBuilder()
        .subject_name(distinguished_name("portal"))
        .issuer_name(anchor.certificate.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(dt.datetime.fromtimestamp(START, dt.UTC))
        .not_valid_after(dt.datetime.fromtimestamp(START + 60, dt.UTC))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(anchor.key, hashes.SHA256()).public_bytes(Encoding.DER), anchor.pem


def test_what_a_certificate_says_is_read() -> None:
    names = alternative_names("portal.vn", "https://portal.vn", "10.0.0.7", "it@portal.vn")
    content = X509ClientCertificates(Path("nowhere")).read(issued(authority(), names=names).der)
    assert content.subject == read_distinguished_name("CN=portal,O=Cổng Dịch vụ công,C=VN")
    assert content.names == {
        "dns": {"portal.vn"},
        "uri": {"https://portal.vn"},
        "ip": {"10.0.0.7"},
        "email": {"it@portal.vn"},
    }
    assert (content.not_before, content.not_after) == (START - 10, START + 365 * 24 * 3600)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
        ed25519.Ed25519PrivateKey.generate(),
    ],
)
def test_the_key_is_told_as_clients_register_it(key: PrivateKey) -> None:
    assert X509ClientCertificates(Path("nowhere")).read(under(key)[0]).key == public_jwk(key)


def test_other_curves_are_told_and_other_keys_are_not() -> None:
    reader = X509ClientCertificates(Path("nowhere"))
    assert reader.read(under(ec.generate_private_key(ec.SECP384R1()))[0]).key["crv"] == "P-384"
    assert reader.read(under(dsa.generate_private_key(2048))[0]).key == {}


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        pytest.param("06082a8648ce3d030107", "06082a8648ce3d03017f", id="curve"),
        pytest.param("06072a8648ce3d0201", "06072a8648ce3d027f", id="key type"),
    ],
)
def test_a_key_of_a_kind_that_nobody_knows_is_refused(tmp_path: Path, known: str, unknown: str) -> None:
    anchor = authority()
    der = issued(anchor).der.replace(bytes.fromhex(known), bytes.fromhex(unknown), 1)
    reader = trusting(tmp_path, anchor.pem)
    with pytest.raises(UntrustedCertificateError):
        reader.read(der)
    with pytest.raises(UntrustedCertificateError):
        reader.check_issuer(der, NOW)


def test_garbage_is_refused(tmp_path: Path) -> None:
    reader = trusting(tmp_path, authority().pem)
    for garbage in (b"", b"\x30\x00", authority().der[:-1]):
        with pytest.raises(UntrustedCertificateError):
            reader.read(garbage)
        with pytest.raises(UntrustedCertificateError):
            reader.check_issuer(garbage, NOW)


def test_one_of_several_anchors_vouches_and_files_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    first, second = authority("First"), authority("Second")
    reader = trusting(tmp_path, b"not a certificate", first.pem + second.pem)
    for anchor in (first, second):
        reader.check_issuer(issued(anchor).der, NOW)


def test_a_file_that_leads_nowhere_is_passed_over(tmp_path: Path) -> None:
    anchor = authority()
    (tmp_path / "a.pem").symlink_to(tmp_path / "gone.pem")
    trusting(tmp_path, anchor.pem).check_issuer(issued(anchor).der, NOW)


def test_a_certificate_that_is_no_authority_s_is_no_anchor(tmp_path: Path) -> None:
    plain = authority(is_authority=False)
    with pytest.raises(UntrustedCertificateError):
        trusting(tmp_path, plain.pem).check_issuer(issued(plain).der, NOW)


@pytest.mark.parametrize(
    ("extension", "critical", "good"),
    [
        (x509.KeyUsage(True, *[False] * 8), True, True),
        (x509.KeyUsage(False, False, True, *[False] * 6), True, False),
        (x509.BasicConstraints(ca=False, path_length=None), True, True),
        (x509.BasicConstraints(ca=True, path_length=None), True, False),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True, False),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False, True),
    ],
)
def test_what_limits_a_certificate_is_heeded(
    tmp_path: Path, extension: x509.ExtensionType, *, critical: bool, good: bool
) -> None:
    der, pem = under(ec.generate_private_key(ec.SECP256R1()), (extension, critical))
    reader = trusting(tmp_path, pem)
    if good:
        reader.check_issuer(der, NOW)
        return
    with pytest.raises(UntrustedCertificateError):
        reader.check_issuer(der, NOW)
