"""Public keys that a client registers: RFC 7517 sections 4 and 5, RFC 7518 section 6, RFC 8037 section 2."""

import base64
import binascii
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

_MAXIMUM_KEYS: Final = 16
_SHORTEST_RSA_MODULUS: Final = 256  # bytes: RFC 7518 section 3.3 asks for 2048 bits or larger
_LONGEST_RSA_EXPONENT: Final = 4  # bytes: keys in use have 65537, and a long one makes every look at a signature dear
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_PUBLIC_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"RSA": ("n", "e"), "EC": ("x", "y"), "OKP": ("x",)}
)
_CURVES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"EC": frozenset({"P-256", "P-384", "P-521"}), "OKP": frozenset({"Ed25519", "X25519"})}
)


def check_key_set(key_set: dict[str, Any]) -> dict[str, Any]:
    """Return a JWK Set as given; raises `ValueError` when it is malformed or holds anything but public keys."""
    keys = key_set.get("keys")
    if not isinstance(keys, list) or not keys or len(keys) > _MAXIMUM_KEYS:
        raise ValueError(f"must be a JWK Set with 1 to {_MAXIMUM_KEYS} keys")
    for position, key in enumerate(keys):
        if not isinstance(key, dict):
            raise ValueError(f"key {position} must be a mapping")  # noqa: TRY004 - pydantic reads ValueError
        _check_key(position, key)
    identifiers = [key["kid"] for key in keys if "kid" in key]
    if len(identifiers) != len(set(identifiers)):
        raise ValueError("two keys have the same kid")
    return key_set


def _check_key(position: int, key: dict[str, Any]) -> None:
    kind = key.get("kty")
    if not isinstance(kind, str) or kind not in _PUBLIC_MEMBERS:
        raise ValueError(f"key {position} must be of type RSA, EC or OKP")
    if _PRIVATE_MEMBERS & key.keys():
        raise ValueError(f"key {position} holds private parts: register the public key only")
    if kind in _CURVES and key.get("crv") not in _CURVES[kind]:
        raise ValueError(f"key {position} is on an unknown curve")
    if not isinstance(key.get("kid", ""), str):
        raise ValueError(f"key {position} has a kid that is no text")  # noqa: TRY004 - pydantic reads ValueError
    sizes = [_size_of(position, key.get(member)) for member in _PUBLIC_MEMBERS[kind]]
    if kind == "RSA" and sizes[0] < _SHORTEST_RSA_MODULUS:
        raise ValueError(f"key {position} is shorter than 2048 bits")
    if kind == "RSA" and sizes[1] > _LONGEST_RSA_EXPONENT:
        raise ValueError(f"key {position} has an exponent of more than 32 bits")


def _size_of(position: int, value: object) -> int:
    """Return how many bytes a base64url value has."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"key {position} lacks a public part")
    try:
        return len(base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise ValueError(f"key {position} has a public part that is not base64url") from None
