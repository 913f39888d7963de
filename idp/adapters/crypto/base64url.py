"""base64url without padding (RFC 7515 section 2), in its one canonical form."""

import binascii
from typing import Final

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")


def encode_base64url(value: bytes) -> str:
    """Return `value` in base64url."""
    return encode_base64url_bytes(value).decode("ascii")


def encode_base64url_bytes(value: bytes) -> bytes:
    """Return `value` in base64url, as ASCII bytes."""
    return binascii.b2a_base64(value, newline=False).translate(_TO_URL, b"=")


def decode_base64url(text: str) -> bytes:
    """Return the bytes that encode to exactly this text. Raises ValueError for padding, spaces or spare bits."""
    encoded = text.encode("ascii")
    value = binascii.a2b_base64(encoded.translate(_FROM_URL) + b"=" * (-len(encoded) % 4))
    if encode_base64url_bytes(value) != encoded:
        raise ValueError("not canonical base64url")
    return value
