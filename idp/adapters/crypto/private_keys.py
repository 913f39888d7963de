"""Private keys that sign: made, used and destroyed by the process itself, or by a PKCS #11 module."""

from typing import Protocol

from idp.adapters.crypto.signature_algorithms import (
    PublicJwk,
    Sign,
    encode_private_key,
    generate_private_key,
    public_jwk,
    signing_function,
)


class PrivateKeys(Protocol):
    """Where private keys are. What a document keeps of one is called its private part.

    Every method raises `KeyMaterialError`.
    """

    def make(self, algorithm: str) -> tuple[PublicJwk, bytes]:
        """Make a key pair; return the public key and the private part, which is sealed at once."""
        ...

    def signing_function(self, algorithm: str, private: bytes) -> Sign:
        """Return what signs with the key that `private` is, or names. It raises `KeyMaterialError` too."""
        ...

    def destroy(self, private: bytes) -> None:
        """Destroy what the document alone does not hold; it is written without its private part already."""
        ...

    def sweep(self, known: frozenset[bytes]) -> None:
        """Destroy what processes that died left: private keys that no document names. Only ever under the lock."""
        ...


class SoftwareKeys:
    """`PrivateKeys` whose private part is the key itself (PKCS #8 in DER)."""

    def make(self, algorithm: str) -> tuple[PublicJwk, bytes]:
        private_key = generate_private_key(algorithm)
        return public_jwk(private_key), encode_private_key(private_key)

    def signing_function(self, algorithm: str, private: bytes) -> Sign:
        return signing_function(algorithm, private)

    def destroy(self, private: bytes) -> None:
        """Nothing: the document was all there was."""

    def sweep(self, known: frozenset[bytes]) -> None:
        """Nothing: a private key is nowhere but in its document."""
