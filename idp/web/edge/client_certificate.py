"""RFC 9440: the certificate that a client showed to the proxy which ended its TLS connection, in `Client-Cert`.

Only a trusted proxy is believed. From anybody else the header is taken out of the request before a handler can see it,
and so is `Client-Cert-Chain`, of which nothing is used. What a trusted proxy sends counts when it is exactly one field
line with one certificate, written the one way there is to write it; anything else is no certificate, so that a proxy
which adds its line to that of the caller, instead of replacing it, authenticates nobody.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import InvalidVersion, load_der_x509_certificate
from starlette.types import Scope

from idp.web.edge.proxy import TrustedProxies

CERTIFICATE: Final = b"client-cert"
_CHAIN: Final = b"client-cert-chain"
_OURS: Final = frozenset({CERTIFICATE, _CHAIN})

LONGEST_CERTIFICATE: Final = 8_192
"""Bytes in DER; what people and machines have is a quarter of that."""

_LONGEST_FIELD: Final = 2 + 4 * ((LONGEST_CERTIFICATE + 2) // 3)


class ClientCertificates:
    """Reads the certificate of a request."""

    def __init__(self, proxies: TrustedProxies) -> None:
        self._proxies = proxies

    def take(self, scope: Scope) -> bytes | None:
        """Return the certificate in DER, or None; the headers are gone from the request afterwards."""
        if _OURS.isdisjoint(dict(scope["headers"])):
            return None
        fields = [(name, value) for name, value in scope["headers"] if name in _OURS]
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name not in _OURS]
        lines = [value for name, value in fields if name == CERTIFICATE]
        if len(lines) != 1 or not self._proxies.trusts(scope):
            return None
        return read_certificate(lines[0])


@lru_cache(256)
def read_certificate(field: bytes) -> bytes | None:
    """Return the DER of a certificate written as a byte sequence (RFC 9651 section 3.3.5), or None for anything else.

    The same few clients come again and again: what was read is remembered.
    """
    if len(field) > _LONGEST_FIELD or field[:1] != b":" or field[-1:] != b":":
        return None
    try:
        der = b64decode(field[1:-1], validate=True)
        if b64encode(der) != field[1:-1] or load_der_x509_certificate(der).public_bytes(Encoding.DER) != der:
            return None
    except (NotBase64, ValueError, InvalidVersion):
        return None
    return der
