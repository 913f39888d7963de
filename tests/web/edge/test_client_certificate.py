from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from idp.web.edge.client_certificate import LONGEST_CERTIFICATE, ClientCertificates, read_certificate
from idp.web.edge.proxy import TrustedProxies
from tests.web.edge.asgi import scope_of

PROXY = ("10.0.0.1", 40000)
STRANGER = ("192.0.2.1", 40000)
HOST = (b"host", b"id.example.vn")
CERTIFICATES = ClientCertificates(TrustedProxies(["10.0.0.0/8"]))

Fields = list[tuple[bytes, bytes]]


@cache
def certificate(padding: int = 0) -> bytes:
    """A certificate in DER; `padding` makes it longer by so many bytes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bank.example.vn")])
    now = datetime.now(UTC)
    filling = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\0" * padding)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(hours=1))
    return builder.add_extension(filling, critical=False).sign(key, SHA256()).public_bytes(Encoding.DER)


def written(der: bytes) -> bytes:
    """A certificate as the header has it."""
    return b":" + b64encode(der) + b":"


def take(*values: bytes, peer: tuple[str, int] | None = PROXY) -> bytes | None:
    return CERTIFICATES.take(scope_of(headers=[HOST, *((b"client-cert", value) for value in values)], client=peer))


def test_a_trusted_proxy_is_believed() -> None:
    assert take(written(certificate())) == certificate()
    assert take() is None


@pytest.mark.parametrize("peer", [STRANGER, None, ("", 0), ("10.0.0.1, 192.0.2.1", 1)])
def test_nobody_else_is(peer: tuple[str, int] | None) -> None:
    assert take(written(certificate()), peer=peer) is None


def test_without_trusted_proxies_nobody_is_believed() -> None:
    scope = scope_of(headers=[(b"client-cert", written(certificate()))], client=("127.0.0.1", 1))
    assert ClientCertificates(TrustedProxies()).take(scope) is None


def test_a_stranger_does_not_become_trusted_by_what_he_writes() -> None:
    fields: Fields = [(b"client-cert", written(certificate())), (b"x-forwarded-for", b"10.0.0.1")]
    assert CERTIFICATES.take(scope_of(headers=fields, client=STRANGER)) is None


@pytest.mark.parametrize("peer", [PROXY, STRANGER])
@pytest.mark.parametrize(
    "fields",
    [
        [(b"client-cert", written(certificate()))],
        [(b"client-cert", b"nonsense")],
        [(b"client-cert-chain", written(certificate()))],
        [(b"client-cert", written(certificate())), (b"client-cert-chain", written(certificate()))],
    ],
)
def test_no_handler_sees_the_headers_themselves(fields: Fields, peer: tuple[str, int]) -> None:
    scope = scope_of(headers=[fields[0], HOST, *fields[1:]], client=peer)
    CERTIFICATES.take(scope)
    assert scope["headers"] == [HOST]


def test_a_proxy_that_adds_its_line_to_that_of_the_caller_authenticates_nobody() -> None:
    assert take(written(certificate()), written(certificate())) is None
    assert take(written(certificate()), b"") is None
    assert take(written(certificate()) + b", " + written(certificate())) is None


def test_a_chain_is_no_certificate_of_the_client() -> None:
    chain = (b"client-cert-chain", written(certificate()))
    assert CERTIFICATES.take(scope_of(headers=[chain], client=PROXY)) is None


PEM = b64encode(certificate())


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b":",
        b"::",
        b":::",
        PEM,
        b":" + PEM,
        PEM + b":",
        b" :" + PEM + b":",
        b":" + PEM + b":;a=1",
        b'"' + PEM + b'"',
        b":" + PEM.rstrip(b"=")[:-1] + b":",
        b":" + PEM[:40] + b"\n" + PEM[40:] + b":",
        b":" + PEM[:40] + b" " + PEM[40:] + b":",
        b":" + PEM.replace(b"+", b"-").replace(b"/", b"_") + b"-_:",
        b":" + PEM + b"====:",
        b":\xff\xfe:",
        b":" + b64encode(b"no certificate") + b":",
        b":" + b64encode(certificate()[:-1]) + b":",
        b":" + b64encode(certificate() + b"\0") + b":",
        b":" + b64encode(certificate() + certificate()) + b":",
        b"-----BEGIN CERTIFICATE-----%0A" + PEM + b"%0A-----END CERTIFICATE-----",
    ],
)
def test_what_is_not_one_certificate_written_the_one_way_is_none(value: bytes) -> None:
    assert take(value) is None


def test_unused_bits_of_the_encoding_cannot_write_one_certificate_in_two_ways() -> None:
    der = next(der for padding in range(64) if len(der := certificate(padding)) % 3 == 1)
    encoded = bytearray(written(der))
    assert encoded[-3:] == b"==:"
    encoded[-4] += 1  # one of the four bits that mean nothing
    assert take(bytes(encoded)) is None
    assert take(written(der)) == der


def test_certificates_are_bounded() -> None:
    rest = len(certificate(1000)) - 1000  # give or take a byte or two of the signature
    longest = certificate(LONGEST_CERTIFICATE - rest - 16)
    assert len(longest) <= LONGEST_CERTIFICATE
    assert take(written(longest)) == longest
    assert take(written(certificate(LONGEST_CERTIFICATE))) is None


def test_a_certificate_of_an_unheard_of_version_is_none() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odd")])
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(moment).not_valid_after(moment + timedelta(days=1))
    der = builder.sign(key, SHA256()).public_bytes(Encoding.DER)
    odd = der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020105"), 1)
    assert odd != der
    assert read_certificate(b":" + b64encode(odd) + b":") is None
