"""Random bearer values (cookies, state, keys): 256 bits, kept by the application only as SHA-256."""

import hashlib
import hmac
import secrets


def new_value() -> str:
    """Return 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def fingerprint(value: str) -> str:
    """Return what the database keeps instead of the value."""
    return hashlib.sha256(value.encode()).hexdigest()


def csrf_token(cookie_value: str) -> str:
    """Return the token that the forms of this session carry; it tells nothing about the cookie."""
    return hmac.new(cookie_value.encode(), b"csrf", hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
