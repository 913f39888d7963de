"""JSON Web Algorithms for signatures (RFC 7518 section 3, RFC 8037 section 3.1) as plain functions of bytes.

Keys are taken apart once; what is called for each token is one closure.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, Hash

from idp.adapters.crypto.base64url import decode_base64url, encode_base64url

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicJwk = Mapping[str, str]
Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], None]
"""Takes signature and message; raises `cryptography.exceptions.InvalidSignature`."""

ALGORITHMS: Final = ("RS256", "ES256", "PS256", "EdDSA")
_RSA_BITS: Final = 2048
_MODULUS_BYTES: Final = range(256, 513)
_EXPONENTS: Final = range(3, 2**32)
_COORDINATE: Final = 32
_THUMBPRINT_MEMBERS: Final = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}


def generate_private_key(algorithm: str) -> PrivateKey:
    """Return a new key for one of `ALGORITHMS`."""
    match algorithm:
        case "RS256" | "PS256":
            return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case "EdDSA":
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            raise ValueError(f"{algorithm} is not one of {', '.join(ALGORITHMS)}")


def encode_private_key(key: PrivateKey) -> bytes:
    """Return the key as PKCS #8 in DER, in clear: seal it at once."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_jwk(key: PrivateKey) -> dict[str, str]:
    """Return the public part as a JSON Web Key (RFC 7518 section 6, RFC 8037 section 2), key material only."""
    match key.public_key():
        case rsa.RSAPublicKey() as public:
            numbers = public.public_numbers()
            return {"kty": "RSA", "n": _integer(numbers.n), "e": _integer(numbers.e)}
        case ec.EllipticCurvePublicKey() as public:
            point = public.public_numbers()
            return {
                "kty": "EC",
                "crv": "P-256",
                "x": encode_base64url(point.x.to_bytes(_COORDINATE)),
                "y": encode_base64url(point.y.to_bytes(_COORDINATE)),
            }
        case public:
            return {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(public.public_bytes_raw())}


def thumbprint(jwk: PublicJwk) -> str:
    """Return the SHA-256 thumbprint of a public key (RFC 7638)."""
    members = ",".join(f'"{name}":"{jwk[name]}"' for name in _THUMBPRINT_MEMBERS[jwk["kty"]])
    digest = Hash(SHA256())
    digest.update(f"{{{members}}}".encode())
    return encode_base64url(digest.finalize())


def signing_function(algorithm: str, private_der: bytes) -> Sign:
    """Return what signs under a private key of our own, which comes sealed and is not proved to be a key again."""
    key: Any = serialization.load_der_private_key(private_der, None, unsafe_skip_rsa_key_validation=True)
    match algorithm:
        case "ES256":
            scheme = ec.ECDSA(SHA256())
            return lambda message: _raw_signature(key.sign(message, scheme))
        case "EdDSA":
            return _checked_sign(key)
        case _:
            padded = _rsa_padding(algorithm)
            return lambda message: bytes(key.sign(message, padded, SHA256()))


def has_usual_size(jwk: PublicJwk) -> bool:
    """Whether an RSA key costs what RSA keys cost: a huge exponent makes a look at a signature a hundred times dearer.

    Raises `ValueError` when it is none.
    """
    modulus, exponent = decode_base64url(jwk["n"]), _number(jwk["e"])
    return len(modulus) in _MODULUS_BYTES and exponent in _EXPONENTS and exponent % 2 == 1


def verifying_function(algorithm: str, jwk: PublicJwk) -> Verify:
    """Return what verifies under a public key."""
    match algorithm:
        case "ES256":
            point = ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), ec.SECP256R1()).public_key()
            scheme = ec.ECDSA(SHA256())
            return lambda signature, message: point.verify(_der_signature(signature), message, scheme)
        case "EdDSA" | "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(decode_base64url(jwk["x"])).verify
        case _:
            key = rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
            padded = _rsa_padding(algorithm)
            return lambda signature, message: key.verify(signature, message, padded, SHA256())


def _checked_sign(key: ed25519.Ed25519PrivateKey) -> Sign:
    return key.sign


def _rsa_padding(algorithm: str) -> padding.AsymmetricPadding:
    """Return the padding; RFC 7518 section 3.5: the salt of PS256 is as long as its hash."""
    if algorithm == "PS256":
        return padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
    return padding.PKCS1v15()


def _raw_signature(der: bytes) -> bytes:
    """Return R and S side by side, 32 bytes each (RFC 7518 section 3.4)."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(_COORDINATE) + s.to_bytes(_COORDINATE)


def _der_signature(raw: bytes) -> bytes:
    """Return the form that the library takes; what is not 64 bytes long becomes a signature that never verifies."""
    if len(raw) != 2 * _COORDINATE:
        return b""
    return encode_dss_signature(int.from_bytes(raw[:_COORDINATE]), int.from_bytes(raw[_COORDINATE:]))


def _integer(value: int) -> str:
    return encode_base64url(value.to_bytes((value.bit_length() + 7) // 8))


def _number(text: str) -> int:
    return int.from_bytes(decode_base64url(text))
