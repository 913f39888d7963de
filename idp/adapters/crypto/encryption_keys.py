"""The encryption keys of a keystore: what clients encrypt to, and what decrypts it (RFC 7517 section 4.2, `use` enc).

Of each kind the newest key is current: it alone is published. A former one decrypts for `KEPT_FOR` longer, since
clients keep a key set for up to a day; then its private part is destroyed. That is all derived from when keys were
made, so rotating writes one document, and a process may die at any moment.

Decryption runs in the process, with a PKCS #11 module too: there the private part lies in the token, encrypted under an
AES key of the module. What these keys protect is a client's request on its way, never a person's record.
"""

from collections.abc import Callable
from dataclasses import field
from enum import StrEnum
from itertools import zip_longest
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from idp.adapters.crypto.documents import Document, Fingerprint, KeyDocuments
from idp.adapters.crypto.signature_algorithms import encode_private_key, public_jwk, thumbprint
from idp.domain.ids import Seconds
from idp.domain.values import dataclass
from idp.ports.clock import Clock

KEPT_FOR: Final = 7 * 24 * 3600
"""Seconds that a former key still decrypts."""

DOCUMENT_PREFIX: Final = "encryption-"
_KID_SIZE: Final = 16
_RSA_BITS: Final = 2048
_PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_MAKERS: Final[dict[str, Callable[[], _PrivateKey]]] = {
    "RSA": lambda: rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS),
    "EC": lambda: ec.generate_private_key(ec.SECP256R1()),
}
KINDS: Final = tuple(_MAKERS)
"""The key types (`kty`) of which there is always one."""


class EncryptionKeyState(StrEnum):
    """Where a key stands in its life."""

    CURRENT = "current"
    """Published."""
    FORMER = "former"
    """Published no more; still decrypts."""
    GONE = "gone"
    """Its private part is destroyed."""


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """One key pair in its effective state; `private` is PKCS #8 in DER, empty once it decrypts no more."""

    kid: str
    kind: str
    state: EncryptionKeyState
    created_at: Seconds
    state_since: Seconds
    public: dict[str, Any]
    private: bytes = field(repr=False)

    @property
    def jwk(self) -> dict[str, Any]:
        """The key as clients see it: public parts only; `alg` where there is but one for its kind."""
        algorithm = {"alg": "RSA-OAEP-256"} if self.kind == "RSA" else {}
        return {**self.public, "use": "enc", **algorithm, "kid": self.kid}


class EncryptionKeys:
    """The encryption keys of one keystore, shared by all processes that open it."""

    def __init__(self, documents: KeyDocuments, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    def load(self) -> tuple[EncryptionKey, ...]:
        """Return every key in its effective state, oldest first. Raises `KeyMaterialError`."""
        return tuple(key for kind in KINDS for key in self._effective(kind))

    def fingerprint(self) -> Fingerprint:
        """Return something that differs whenever a key changed."""
        return self._documents.fingerprint()

    def ensure(self) -> tuple[EncryptionKey, ...]:
        """Make the first key of each kind that has none; what changed."""
        if self._missing():
            with self._documents.lock():
                return tuple(self._make(kind) for kind in self._missing())
        return ()

    def rotate(self) -> tuple[EncryptionKey, ...]:
        """Make a new current key of each kind; what changed."""
        with self._documents.lock():
            return tuple(self._make(kind) for kind in KINDS)

    def rotate_due(self, period: int) -> tuple[EncryptionKey, ...]:
        """Renew what has been current for `period` seconds (0: by hand), destroy what is over; what changed."""
        if not self._due(period) and not self._over():
            return ()
        with self._documents.lock():
            destroyed = self._over()
            for key in destroyed:
                self._documents.write(_document(key, b""))
            return (*destroyed, *(self._make(kind) for kind in self._due(period)))

    def _missing(self) -> list[str]:
        present = {key.kind for key in self.load()}
        return [kind for kind in KINDS if kind not in present]

    def _due(self, period: int) -> list[str]:
        before = self._clock.now() - period
        current = {key.kind: key for key in self.load() if key.state is EncryptionKeyState.CURRENT}
        return [kind for kind in KINDS if kind not in current or (period and current[kind].created_at <= before)]

    def _over(self) -> list[EncryptionKey]:
        return [key for key in self.load() if key.state is EncryptionKeyState.GONE and key.private]

    def _effective(self, kind: str) -> list[EncryptionKey]:
        documents = self._documents.read(DOCUMENT_PREFIX).values()
        ordered = sorted(
            (document for document in documents if document.fields["public"]["kty"] == kind),
            key=lambda document: (document.fields["created_at"], document.fields["kid"]),
        )
        succeeded: list[Seconds | None] = [document.fields["created_at"] for document in ordered[1:]]
        now = self._clock.now()
        return [_key(document, at, now) for document, at in zip_longest(ordered, succeeded)]

    def _make(self, kind: str) -> EncryptionKey:
        private_key = _MAKERS[kind]()
        public, now = public_jwk(private_key), self._clock.now()
        kid = f"{kind.lower()}-enc-{thumbprint(public)[:_KID_SIZE]}"
        made = EncryptionKey(kid, kind, EncryptionKeyState.CURRENT, now, now, public, encode_private_key(private_key))
        self._documents.write(_document(made, made.private))
        return made


def private_key_of(key: EncryptionKey) -> bytes:
    """Return the private key in PEM, for the library that decrypts."""
    return serialization.load_der_private_key(key.private, None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _document(key: EncryptionKey, private: bytes) -> Document:
    fields = {"kid": key.kid, "created_at": key.created_at, "public": key.public}
    return Document(f"{DOCUMENT_PREFIX}{key.kid}", fields, private)


def _key(document: Document, succeeded_at: Seconds | None, now: Seconds) -> EncryptionKey:
    fields = document.fields
    state, since = EncryptionKeyState.CURRENT, Seconds(fields["created_at"])
    if succeeded_at is not None:
        is_over = succeeded_at + KEPT_FOR <= now
        state = EncryptionKeyState.GONE if is_over else EncryptionKeyState.FORMER
        since = Seconds(succeeded_at + KEPT_FOR) if is_over else succeeded_at
    public = dict(fields["public"])
    return EncryptionKey(fields["kid"], public["kty"], state, fields["created_at"], since, public, document.secret)
