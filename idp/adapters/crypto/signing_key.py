"""A signing key and its life: next, signing, published, gone."""

from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from enum import StrEnum
from typing import Final

from idp.adapters.crypto.documents import Document
from idp.domain.ids import Seconds
from idp.domain.values import dataclass

PUBLISHED_FOR: Final = 90 * 24 * 3600
"""Seconds that a key stays published after it signed last: longer than any token lives, ID token hints too."""

DOCUMENT_PREFIX: Final = "signing-"


class KeyState(StrEnum):
    """Where a key stands in its life."""

    NEXT = "next"
    """Published, so that relying parties know it before it signs."""
    SIGNING = "signing"
    PUBLISHED = "published"
    """Signs no more (its private part is destroyed); what it signed still verifies."""
    GONE = "gone"
    """Neither published nor believed; kept to verify old audit checkpoints."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key pair; `private` is empty once it signs no more.

    In a folder `private` is the key (PKCS #8 in DER), in a PKCS #11 module the identifier of the object there.
    """

    kid: str
    algorithm: str
    state: KeyState
    created_at: Seconds
    state_since: Seconds
    public: dict[str, str]
    private: bytes = field(repr=False)

    def enter(self, state: KeyState, now: Seconds) -> "SigningKey":
        """Return the key in another state; one that stops signing loses its private part."""
        kept = self.private if state in {KeyState.NEXT, KeyState.SIGNING} else b""
        return replace(self, state=state, state_since=now, private=kept)


def key_document(key: SigningKey) -> Document:
    """Return the document that keeps the key."""
    fields = {
        "kid": key.kid,
        "alg": key.algorithm,
        "state": key.state.value,
        "created_at": key.created_at,
        "state_since": key.state_since,
        "public": key.public,
    }
    return Document(f"{DOCUMENT_PREFIX}{key.kid}", fields, key.private)


def kept_key(document: Document) -> SigningKey:
    """Return the key that a document keeps."""
    fields = document.fields
    return SigningKey(
        kid=fields["kid"],
        algorithm=fields["alg"],
        state=KeyState(fields["state"]),
        created_at=fields["created_at"],
        state_since=fields["state_since"],
        public=fields["public"],
        private=document.secret,
    )


def effective(keys: Iterable[SigningKey], now: Seconds) -> Iterator[SigningKey]:
    """Yield keys in the states that count: of several signing ones the newest signs; published ones end in time."""
    newest: dict[str, SigningKey] = {}
    ordered = sorted(keys, key=lambda key: (key.created_at, key.kid))
    for key in sorted(ordered, key=lambda key: key.state_since):
        if key.state is KeyState.SIGNING:
            newest[key.algorithm] = key
    for key in ordered:
        if key.state is KeyState.SIGNING and key is not newest[key.algorithm]:
            yield key.enter(KeyState.PUBLISHED, now)
        elif key.state is KeyState.PUBLISHED and key.state_since + PUBLISHED_FOR <= now:
            yield key.enter(KeyState.GONE, now)
        else:
            yield key
