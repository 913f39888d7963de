"""The blob of the FIDO Metadata Service, version 3: which models protect their keys, and whose certificates say so."""

from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from idp.adapters.crypto.authorities import UNREADABLE
from idp.adapters.crypto.base64url import decode_base64url
from idp.adapters.webauthn.certificate_path import UntrustedPathError, check_path
from idp.domain.values import dataclass

SIGNER: Final = "mds.fidoalliance.org"
"""Whom the certificate of a blob names: the trust anchors stand behind many other certificates, too."""

_BROKEN: Final = frozenset(
    {
        "USER_VERIFICATION_BYPASS",
        "ATTESTATION_KEY_COMPROMISE",
        "USER_KEY_REMOTE_COMPROMISE",
        "USER_KEY_PHYSICAL_COMPROMISE",
        "REVOKED",
    }
)
"""Reports after which a model is trusted no more (section 3.1.4), whatever was reported later."""

_PROTECTED: Final = frozenset({"hardware", "tee", "secure_element"})
_COORDINATE: Final = 32


class UntrustedMetadataError(Exception):
    """The blob is not one that the trust anchors stand behind, or not one at all; the message says which."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model of authenticators that keeps its keys in hardware, and the authorities behind its attestations."""

    description: str
    anchors: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What one blob says: trusted models by AAGUID, and the day from which a newer blob is to be had."""

    models: Mapping[str, Model]
    next_update: date
    number: int


class _Header(msgspec.Struct):
    alg: str
    x5c: tuple[str, ...]


class _Statement(msgspec.Struct, rename="camel"):
    description: str = ""
    key_protection: tuple[str, ...] = ()
    attestation_root_certificates: tuple[str, ...] = ()


class _Report(msgspec.Struct):
    status: str


class _Entry(msgspec.Struct, rename="camel"):
    aaguid: str | None = None
    metadata_statement: _Statement | None = None
    status_reports: tuple[_Report, ...] = ()


class _Payload(msgspec.Struct, rename="camel"):
    next_update: date
    entries: tuple[_Entry, ...]
    no: int


def read_blob(blob: str, anchors: Sequence[x509.Certificate], now: datetime) -> Metadata:
    """Return what a signed blob says. Raises `UntrustedMetadataError`.

    The signer's certificate is looked at as of the blob's own time when that is over: an old blob is still the last
    one that somebody trusted, and worth a warning rather than every security key of the country.
    """
    try:
        signed, _, signature = blob.strip().rpartition(".")
        header_segment, _, payload_segment = signed.partition(".")
        header = msgspec.json.decode(decode_base64url(header_segment), type=_Header)
        payload = msgspec.json.decode(decode_base64url(payload_segment), type=_Payload)
        path = [x509.load_der_x509_certificate(b64decode(each, validate=True)) for each in header.x5c]
        _check_signature(path, header.alg, signed.encode("ascii"), decode_base64url(signature))
        check_path(path, anchors, min(now, datetime.combine(payload.next_update, time(), UTC)))
    except UntrustedPathError as error:
        raise UntrustedMetadataError(str(error)) from error
    except (msgspec.DecodeError, RecursionError, *UNREADABLE) as error:
        raise UntrustedMetadataError("it is no metadata blob") from error
    except InvalidSignature as error:
        raise UntrustedMetadataError("its signature is wrong") from error
    return Metadata(dict(_models(payload.entries)), payload.next_update, payload.no)


def _check_signature(path: Sequence[x509.Certificate], algorithm: str, signed: bytes, signature: bytes) -> None:
    if not path or SIGNER not in _names(path[0]):
        raise UntrustedMetadataError(f"its certificate is not for {SIGNER}")
    match path[0].public_key(), algorithm:
        case rsa.RSAPublicKey() as key, "RS256":
            key.verify(signature, signed, padding.PKCS1v15(), SHA256())
        case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()) as key, "ES256":
            r, s = signature[:_COORDINATE], signature[_COORDINATE:]
            key.verify(encode_dss_signature(int.from_bytes(r), int.from_bytes(s)), signed, ec.ECDSA(SHA256()))
        case _:
            raise UntrustedMetadataError("its algorithm is not one of RS256, ES256")


def _names(certificate: x509.Certificate) -> Sequence[str]:
    try:
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return named.value.get_values_for_type(x509.DNSName)


def _models(entries: Iterable[_Entry]) -> Iterable[tuple[str, Model]]:
    for entry in entries:
        statement = entry.metadata_statement
        if entry.aaguid is None or statement is None or not _PROTECTED & {*statement.key_protection}:
            continue
        if _BROKEN & {report.status for report in entry.status_reports}:
            continue
        roots = tuple(_roots(statement.attestation_root_certificates))
        yield entry.aaguid, Model(statement.description, roots)


def _roots(encoded: Iterable[str]) -> Iterable[x509.Certificate]:
    """Yield the certificates that can be read: of one that cannot nobody comes, and the other models go on."""
    for each in encoded:
        with suppress(*UNREADABLE):
            yield x509.load_der_x509_certificate(b64decode("".join(each.split())))
