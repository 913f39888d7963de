"""Private keys of a PKCS #11 module: made there, sensitive and not extractable, used there, destroyed there."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

import pkcs11
from cryptography.exceptions import InvalidSignature
from pkcs11 import MGF, Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass, PublicKey, Session

from idp.adapters.crypto.base64url import encode_base64url
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.pkcs11.token import Pkcs11Token
from idp.adapters.crypto.signature_algorithms import PublicJwk, Sign, verifying_function
from idp.ports.clock import Clock

SigningObject = Any
"""A private key as the library hands it out; its published types leave signing and attributes away."""

ORPHAN_AGE: Final = 24 * 3600
"""Seconds after which a key that no document names was left by a process that died, not by one that is at work."""

_LABEL: Final = "idp-signing"
_IDENTIFIER_SIZE: Final = 16
_RSA_BITS: Final = 2048
_COORDINATE: Final = 32
_P256: Final = bytes.fromhex("06082a8648ce3d030107")
_ED25519: Final = bytes.fromhex("06032b6570")
_NEEDED: Final = {
    "RS256": Mechanism.SHA256_RSA_PKCS,
    "PS256": Mechanism.SHA256_RSA_PKCS_PSS,
    "ES256": Mechanism.ECDSA,
    "EdDSA": Mechanism.EDDSA,
}


class ModuleKeys:
    """`PrivateKeys` in a token; the private part that a document keeps is the object's identifier (CKA_ID)."""

    def __init__(self, token: Pkcs11Token, clock: Clock) -> None:
        self._token = token
        self._clock = clock

    def make(self, algorithm: str) -> tuple[PublicJwk, bytes]:
        """Make the pair in the module, and see that what it signs verifies under the public key it gave."""
        identifier = secrets.token_bytes(_IDENTIFIER_SIZE)
        try:
            public = self._token.change(lambda session: self._generate(session, algorithm, identifier))
            sample = secrets.token_bytes(_COORDINATE)
            verifying_function(algorithm, public)(self.signing_function(algorithm, identifier)(sample), sample)
        except (InvalidSignature, ValueError):
            self.destroy(identifier)
            raise KeyMaterialError(
                f"the PKCS #11 module makes no usable key for {algorithm}", "use another algorithm, or another module"
            ) from None
        return public, identifier

    def signing_function(self, algorithm: str, private: bytes) -> Sign:
        """Return what has the module sign; the object is looked up again when its handle may have become void."""
        scheme = _scheme(algorithm)
        found: tuple[int, SigningObject] | None = None

        def sign(message: bytes) -> bytes:
            def work(_session: Session) -> bytes:
                nonlocal found
                if found is None or found[0] != self._token.generation:
                    key = self._token.look(lambda session: _private_key(session, private))
                    found = self._token.generation, key
                return scheme(found[1], message)

            return self._token.use(work)

        return sign

    def destroy(self, private: bytes) -> None:
        self._token.change(lambda session: _destroy(session, lambda key: key.id == private))

    def sweep(self, known: frozenset[bytes]) -> None:
        before = self._clock.now() - ORPHAN_AGE

        def is_orphan(key: SigningObject) -> bool:
            made_at = key.label.removeprefix(f"{_LABEL} ")
            return key.id not in known and made_at.isdigit() and int(made_at) < before

        self._token.change(lambda session: _destroy(session, is_orphan))

    def _generate(self, session: Session, algorithm: str, identifier: bytes) -> dict[str, str]:
        if _NEEDED[algorithm] not in session.token.slot.get_mechanisms():
            raise KeyMaterialError(f"the PKCS #11 module knows no {algorithm}", "use another algorithm")
        templates: dict[str, Any] = {
            "capabilities": MechanismFlag.SIGN | MechanismFlag.VERIFY,
            "public_template": {Attribute.TOKEN: False},
            "private_template": {
                Attribute.TOKEN: True,
                Attribute.PRIVATE: True,
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: False,
                Attribute.ID: identifier,
                Attribute.LABEL: f"{_LABEL} {self._clock.now()}",
            },
        }
        match algorithm:
            case "RS256" | "PS256":
                public, _ = session.generate_keypair(KeyType.RSA, _RSA_BITS, **templates)
            case "ES256":
                public, _ = _on_curve(session, KeyType.EC, _P256, Mechanism.EC_KEY_PAIR_GEN, templates)
            case _:
                public, _ = _on_curve(
                    session, KeyType.EC_EDWARDS, _ED25519, Mechanism.EC_EDWARDS_KEY_PAIR_GEN, templates
                )
        return _jwk(algorithm, public)


def _on_curve(
    session: Session, key_type: KeyType, curve: bytes, mechanism: Mechanism, templates: Mapping[str, Any]
) -> tuple[PublicKey, SigningObject]:
    parameters = session.create_domain_parameters(key_type, {Attribute.EC_PARAMS: curve}, local=True)
    return parameters.generate_keypair(mechanism=mechanism, **templates)


def _jwk(algorithm: str, public: PublicKey) -> dict[str, str]:
    """Return the public part as a JSON Web Key. Raises ValueError for a point that is none."""
    if algorithm in {"RS256", "PS256"}:
        modulus, exponent = public[Attribute.MODULUS], public[Attribute.PUBLIC_EXPONENT]
        return {"kty": "RSA", "n": _integer(modulus), "e": _integer(exponent)}
    if algorithm == "ES256":
        point = _point(public, 2 * _COORDINATE + 1)
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": encode_base64url(point[1 : 1 + _COORDINATE]),
            "y": encode_base64url(point[1 + _COORDINATE :]),
        }
    return {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(_point(public, _COORDINATE))}


def _point(public: PublicKey, size: int) -> bytes:
    """Return CKA_EC_POINT: an octet string in DER (PKCS #11 section 6.3.3); some modules leave its head away."""
    value: bytes = public[Attribute.EC_POINT]
    if len(value) == size + 2 and value[:2] == bytes((4, size)):
        return value[2:]
    if len(value) == size:
        return value
    raise ValueError("no point of this curve")


def _integer(value: bytes) -> str:
    return encode_base64url(value.lstrip(b"\0"))


def _scheme(algorithm: str) -> Callable[[SigningObject, bytes], bytes]:
    """Return what signs a message as RFC 7518 section 3 wants it; ECDSA in a module gives R and S side by side."""
    match algorithm:
        case "ES256":
            return lambda key, message: key.sign(hashlib.sha256(message).digest(), mechanism=Mechanism.ECDSA)
        case "EdDSA":
            return lambda key, message: key.sign(message, mechanism=Mechanism.EDDSA)
        case "PS256":
            salted = (Mechanism.SHA256, MGF.SHA256, _COORDINATE)
            return lambda key, message: key.sign(
                message, mechanism=Mechanism.SHA256_RSA_PKCS_PSS, mechanism_param=salted
            )
        case _:
            return lambda key, message: key.sign(message, mechanism=Mechanism.SHA256_RSA_PKCS)


def _private_key(session: Session, identifier: bytes) -> SigningObject:
    """Return the key with its handle. Raises `KeyMaterialError` when the token has none of this identifier."""
    wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: identifier}
    found = list(session.get_objects(wanted))
    if found:
        return found[0]
    raise KeyMaterialError("the token has lost a signing key", "restore it from backup, or run idp keys rotate")


def _destroy(session: Session, unwanted: Callable[[SigningObject], bool]) -> None:
    keys: list[SigningObject] = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
    for key in keys:
        try:
            if key.label.startswith(_LABEL) and unwanted(key):
                key.destroy()
        except pkcs11.ObjectHandleInvalid:
            continue
