"""RFC 8705 section 2: mutual TLS, by an authority (tls_client_auth) or by the certificate itself.

The proxy that ended the connection has seen that the client holds the key. Everything else is checked here: who vouches
for the certificate, for how long, and whose it is.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from types import MappingProxyType
from typing import Final

from idp.domain.authenticators.distinguished_name import read_distinguished_name
from idp.domain.clients.client import Client
from idp.ports.client_certificates import CertificateContent, ClientCertificates, UntrustedCertificateError
from idp.ports.clock import Clock
from idp.ports.foreign_tokens import Jwk
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.errors import InvalidClientError
from idp.protocol.senders.sender_constraint import certificate_thumbprint

BY_AUTHORITY: Final = "tls_client_auth"
SELF_SIGNED: Final = "self_signed_tls_client_auth"
METHODS: Final = (BY_AUTHORITY, SELF_SIGNED)


class CertificateAuthentication:
    """Tells whether a certificate is that of a client."""

    def __init__(self, certificates: ClientCertificates, keys: ClientKeys, clock: Clock) -> None:
        self._certificates = certificates
        self._keys = keys
        self._clock = clock

    async def verify(self, client: Client, certificate: bytes | None) -> None:
        """Check a certificate by the method that the client is registered for. Raises `InvalidClientError`."""
        if certificate is None:
            raise InvalidClientError(reason="no client certificate", client_id=client.client_id)
        now = self._clock.now()
        try:
            content = self._certificates.read(certificate)
            if client.token_endpoint_auth_method == BY_AUTHORITY:
                self._certificates.check_issuer(certificate, now)
        except UntrustedCertificateError as error:
            raise InvalidClientError(reason=f"certificate: {error}", client_id=client.client_id) from error
        if not content.not_before <= now <= content.not_after:
            raise InvalidClientError(reason="certificate: not valid now", client_id=client.client_id)
        if client.token_endpoint_auth_method == BY_AUTHORITY:
            # RFC 8705 section 2.1: "the subject information in the certificate" is "the expected one configured or
            # registered for that particular client".
            known = client.tls_subject is not None and _is_subject(content, *client.tls_subject)
        else:
            known = await self._is_registered(client, certificate, content)
        if not known:
            raise InvalidClientError(reason="certificate: another one", client_id=client.client_id)

    async def _is_registered(self, client: Client, certificate: bytes, content: CertificateContent) -> bool:
        # RFC 8705 section 2.2: "The server validates the certificate by [...] matching one of those configured", under
        # "jwks" or "jwks_uri".
        if any(_is_of(key, certificate, content) for key in await self._keys.of(client)):
            return True
        return any(_is_of(key, certificate, content) for key in await self._keys.fresh(client))


def _is_of(key: Jwk, certificate: bytes, content: CertificateContent) -> bool:
    """Return whether a registered key is that of the certificate, and its certificate this one where it has any."""
    chain, thumbprint = key.get("x5c"), key.get("x5t#S256")
    if chain is not None and not (isinstance(chain, list) and chain and chain[0] == b64encode(certificate).decode()):
        return False
    if thumbprint is not None and thumbprint != certificate_thumbprint(certificate):
        return False
    return bool(content.key) and all(key.get(name) == value for name, value in content.key.items())


def _is_subject(content: CertificateContent, kind: str, expected: str) -> bool:
    return _SUBJECTS[kind](content, expected)


def _has_distinguished_name(content: CertificateContent, expected: str) -> bool:
    try:
        return content.subject == read_distinguished_name(expected)
    except ValueError:
        return False


def _has_dns_name(content: CertificateContent, expected: str) -> bool:
    return expected.lower() in {name.lower() for name in content.names.get("dns", ())}


def _has_uri(content: CertificateContent, expected: str) -> bool:
    return expected in content.names.get("uri", ())


def _has_address(content: CertificateContent, expected: str) -> bool:
    try:
        return str(ip_address(expected)) in content.names.get("ip", ())
    except ValueError:
        return False


def _has_email(content: CertificateContent, expected: str) -> bool:
    return _mailbox(expected) in {_mailbox(name) for name in content.names.get("email", ())}


def _mailbox(address: str) -> tuple[str, str]:
    # RFC 5280 section 7.5: the host part is compared without regard to case, the local part exactly.
    local, _, host = address.rpartition("@")
    return local, host.lower()


_SUBJECTS: Final[Mapping[str, Callable[[CertificateContent, str], bool]]] = MappingProxyType(
    {
        "subject_dn": _has_distinguished_name,
        "san_dns": _has_dns_name,
        "san_uri": _has_uri,
        "san_ip": _has_address,
        "san_email": _has_email,
    }
)
