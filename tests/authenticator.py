"""A software authenticator: it registers and asserts passkeys as a browser would send them, with whatever flags a test
wants, and a maker's attestation with a metadata blob where one is asked for."""

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any, Self
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier
from webauthn.helpers import encode_cbor

ORIGIN = "http://localhost:8000"
MODEL = "Khóa phần cứng mẫu"
AAGUID = UUID("6d6f6465-6c2d-4b68-8f61-206d617500aa")
_NO_MODEL = UUID(int=0)
_AAGUID_EXTENSION = ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")
_EC2, _ES256, _P256 = 2, -7, 1
_SHA256 = ec.ECDSA(hashes.SHA256())


def encode(value: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True, slots=True)
class Gesture:
    """What the authenticator and the browser say in one ceremony; what is None is told truly."""

    origin: str | None = None
    rp_id: str | None = None
    challenge: bytes | None = None
    kind: str | None = None
    cross_origin: bool | None = False
    present: bool = True
    verified: bool = True
    backup_eligible: bool | None = None
    backed_up: bool | None = None
    sign_count: int | None = None
    user_handle: bytes | None = None
    credential_id: bytes | None = None


TRUE = Gesture()


@dataclass(slots=True)
class Credential:
    """One passkey in the authenticator."""

    credential_id: bytes
    key: ec.EllipticCurvePrivateKey
    user_handle: bytes
    sign_count: int = 0


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes authenticators of one model: a root certificate, and one that attests."""

    root: x509.Certificate
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def found(cls, *, aaguid: UUID = AAGUID) -> Self:
        """Return a new maker; the certificate names the model `aaguid`."""
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = certificate_of("Maker root", root_key)
        model = x509.UnrecognizedExtension(_AAGUID_EXTENSION, b"\x04\x10" + aaguid.bytes)
        unit = (NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation")
        certificate = certificate_of("Batch", key, by=(root, root_key), more=[unit], extensions=[(model, False)])
        return cls(root, certificate, key)


@dataclass(slots=True)
class SoftwareAuthenticator:
    """Keeps passkeys. `counts`: it counts its signatures, as devices with one key do and synced ones do not."""

    origin: str = ORIGIN
    rp_id: str = "localhost"
    synced: bool = True
    counts: bool = False
    maker: Maker | None = None
    aaguid: UUID = _NO_MODEL
    credentials: list[Credential] = field(default_factory=list)

    @classmethod
    def hardware(cls, maker: Maker, *, aaguid: UUID = AAGUID, origin: str = ORIGIN) -> Self:
        """Return a key that stays on its device, of a maker who attests to it."""
        return cls(origin=origin, synced=False, counts=True, maker=maker, aaguid=aaguid)

    def register(self, options: str, gesture: Gesture = TRUE) -> str:
        """Return the answer to `navigator.credentials.create()`; the passkey is kept."""
        asked = json.loads(options)
        key = ec.generate_private_key(ec.SECP256R1())
        credential = Credential(token_bytes(32), key, decode(asked["user"]["id"]))
        client_data = self._client_data("webauthn.create", asked["challenge"], gesture)
        attested = self._attested(gesture.credential_id or credential.credential_id, key)
        data = self._data(gesture, attested, credential.sign_count)
        statement = {"fmt": "none", "attStmt": {}}
        if self.maker and asked.get("attestation") == "direct":
            signature = self.maker.key.sign(data + sha256(client_data).digest(), _SHA256)
            chain = [self.maker.certificate.public_bytes(Encoding.DER)]
            statement = {"fmt": "packed", "attStmt": {"alg": _ES256, "sig": signature, "x5c": chain}}
        self.credentials.append(credential)
        return _answer(
            gesture.credential_id or credential.credential_id,
            client_data,
            {"attestationObject": encode(encode_cbor({**statement, "authData": data})), "transports": ["internal"]},
        )

    def sign_in(self, options: str, gesture: Gesture = TRUE) -> str:
        """Return the answer to `navigator.credentials.get()` with the passkey made last of those allowed."""
        asked = json.loads(options)
        allowed = {decode(each["id"]) for each in asked.get("allowCredentials", ())}
        credential = next(one for one in reversed(self.credentials) if not allowed or one.credential_id in allowed)
        credential.sign_count += self.counts
        client_data = self._client_data("webauthn.get", asked["challenge"], gesture)
        data = self._data(gesture, b"", credential.sign_count)
        signature = credential.key.sign(data + sha256(client_data).digest(), _SHA256)
        handle = gesture.user_handle if gesture.user_handle is not None else credential.user_handle
        return _answer(
            gesture.credential_id or credential.credential_id,
            client_data,
            {"authenticatorData": encode(data), "signature": encode(signature), "userHandle": encode(handle)},
        )

    def _client_data(self, kind: str, challenge: str, gesture: Gesture) -> bytes:
        told: dict[str, Any] = {
            "type": gesture.kind or kind,
            "challenge": encode(gesture.challenge) if gesture.challenge is not None else challenge,
            "origin": gesture.origin or self.origin,
        }
        if gesture.cross_origin is not None:
            told["crossOrigin"] = gesture.cross_origin
        return json.dumps(told).encode()

    def _data(self, gesture: Gesture, attested: bytes, sign_count: int) -> bytes:
        eligible = self.synced if gesture.backup_eligible is None else gesture.backup_eligible
        backed_up = eligible if gesture.backed_up is None else gesture.backed_up
        flags = gesture.present | gesture.verified << 2 | eligible << 3 | backed_up << 4 | bool(attested) << 6
        count = sign_count if gesture.sign_count is None else gesture.sign_count
        domain = sha256((gesture.rp_id or self.rp_id).encode()).digest()
        return domain + bytes([flags]) + count.to_bytes(4) + attested

    def _attested(self, credential_id: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
        point = key.public_key().public_numbers()
        public = {1: _EC2, 3: _ES256, -1: _P256, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        return self.aaguid.bytes + len(credential_id).to_bytes(2) + credential_id + encode_cbor(public)


def _answer(credential_id: bytes, client_data: bytes, response: dict[str, Any]) -> str:
    name = encode(credential_id)
    said = {"clientDataJSON": encode(client_data), **response}
    return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": said})


def tampered(answer: str, **changes: Any) -> str:
    """Return an answer with other members in it; those of `response` are changed there."""
    read = json.loads(answer)
    for name, value in changes.items():
        (read["response"] if name in read["response"] else read)[name] = value
    return json.dumps(read)


@dataclass(frozen=True, slots=True)
class MetadataService:
    """Signs metadata blobs: its root is the trust anchor of the provider."""

    root: x509.Certificate
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def found(cls, *, host: str = "mds.fidoalliance.org", now: datetime | None = None, days: int = 80 * 365) -> Self:
        """Return a new service whose certificate is for `host`."""
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = certificate_of("Metadata root", root_key, now=now)
        named = [(x509.SubjectAlternativeName([x509.DNSName(host)]), False)]
        return cls(root, certificate_of(host, key, by=(root, root_key), extensions=named, now=now, days=days), key)

    def blob(self, entries: Iterable[dict[str, Any]], *, next_update: str = "2100-01-01", number: int = 1) -> str:
        """Return the signed blob."""
        chain = [b64encode(self.certificate.public_bytes(Encoding.DER)).decode()]
        header = encode(json.dumps({"alg": "ES256", "typ": "JWT", "x5c": chain}).encode())
        told = {"legalHeader": "", "no": number, "nextUpdate": next_update, "entries": [*entries]}
        signed = f"{header}.{encode(json.dumps(told).encode())}"
        r, s = decode_dss_signature(self.key.sign(signed.encode(), _SHA256))
        return f"{signed}.{encode(r.to_bytes(32) + s.to_bytes(32))}"


def metadata_entry(
    maker: Maker,
    *,
    aaguid: UUID = AAGUID,
    protection: tuple[str, ...] = ("hardware", "secure_element"),
    statuses: tuple[str, ...] = ("FIDO_CERTIFIED_L1",),
    description: str = MODEL,
) -> dict[str, Any]:
    """Return what a blob says of one model."""
    return {
        "aaguid": str(aaguid),
        "metadataStatement": {
            "description": description,
            "attestationTypes": ["basic_full"],
            "keyProtection": [*protection],
            "attestationRootCertificates": [b64encode(maker.root.public_bytes(Encoding.DER)).decode()],
        },
        "statusReports": [{"status": status, "effectiveDate": "2024-01-01"} for status in statuses],
        "timeOfLastStatusChange": "2024-01-01",
    }


def certificate_of(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    *,
    by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = None,
    more: Iterable[tuple[ObjectIdentifier, str]] = (),
    extensions: Iterable[tuple[x509.ExtensionType, bool]] = (),
    now: datetime | None = None,
    days: int = 80 * 365,
) -> x509.Certificate:
    """Return a certificate, an authority's own where nobody (`by`) issued it."""
    begin = now or datetime(2020, 1, 1, tzinfo=UTC)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Mẫu"),
            *(x509.NameAttribute(oid, text) for oid, text in more),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[0].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(by[1] if by else key, hashes.SHA256())
