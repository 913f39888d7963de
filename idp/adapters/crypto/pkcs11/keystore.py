"""`Pkcs11Keystore`: everything in one token, sealed under the secret file besides."""

from idp.adapters.crypto.keystore import DocumentKeystore
from idp.adapters.crypto.pkcs11.documents import TokenDocuments
from idp.adapters.crypto.pkcs11.private_keys import ModuleKeys
from idp.adapters.crypto.pkcs11.token import Pkcs11Token
from idp.adapters.crypto.pkcs11.uri import parse_pkcs11_uri
from idp.adapters.crypto.secret_file import SECRET_SIZE, Secret
from idp.adapters.crypto.signing_keys import SigningKeys
from idp.ports.clock import Clock

_PURPOSE = "keystore"


class Pkcs11Keystore(DocumentKeystore):
    """The keystore in the token that a PKCS #11 URI names."""

    def __init__(self, uri: str, secret: Secret, clock: Clock) -> None:
        """Raises `KeyMaterialError` when module, token, PIN, a document or the secret cannot be used."""
        token = Pkcs11Token(parse_pkcs11_uri(uri))
        super().__init__(TokenDocuments(token, secret.derive(_PURPOSE)), ModuleKeys(token, clock), clock)


def pkcs11_signing_keys(uri: str, secret: Secret, clock: Clock) -> SigningKeys:
    """Return the signing keys in a token without making or mending anything. Raises `KeyMaterialError`."""
    token = Pkcs11Token(parse_pkcs11_uri(uri))
    return SigningKeys(TokenDocuments(token, secret.derive(_PURPOSE)), ModuleKeys(token, clock), clock)


def pkcs11_documents(uri: str, secret: Secret) -> TokenDocuments:
    """Return the documents in a token as they are. Raises `KeyMaterialError`."""
    return TokenDocuments(Pkcs11Token(parse_pkcs11_uri(uri)), secret.derive(_PURPOSE))


def holds_documents(uri: str) -> bool:
    """Whether anything of a keystore lies in a token; nothing is opened, so that no secret is needed.

    Raises `KeyMaterialError` when module, token or PIN cannot be used.
    """
    return bool(TokenDocuments(Pkcs11Token(parse_pkcs11_uri(uri)), bytes(SECRET_SIZE)).fingerprint())
