"""Keys that never rotate with the signing keys: subjects, sessions, blind indexes, the wrapping of data keys.

Losing one would give everybody another `sub`, or nobody their data. So they are made once, when the keystore is, and a
marker written last remembers which: one that is missing afterwards is refused, never made anew.
"""

import secrets
from collections.abc import Mapping
from typing import Final

from idp.adapters.crypto.documents import Document, KeyDocuments
from idp.adapters.crypto.errors import KeyMaterialError
from idp.ports.clock import Clock

PAIRWISE_SUBJECT: Final = "pairwise-subject"
PUBLIC_SUBJECT: Final = "public-subject"
SESSION: Final = "session"
PSEUDONYM: Final = "pseudonym"
TAG: Final = "tag"
BLIND_INDEX: Final = "blind-index"
WRAPPING_1: Final = "wrapping-1"

PURPOSES: Final = (PAIRWISE_SUBJECT, PUBLIC_SUBJECT, SESSION, PSEUDONYM, TAG, BLIND_INDEX, WRAPPING_1)
MARKER: Final = "keystore"
"""The document that remembers which keys were made."""

DOCUMENT_PREFIX: Final = "long-lived-"
_KEY_SIZE: Final = 32

LongLivedKeys = Mapping[str, bytes]


def open_long_lived_keys(keystore: KeyDocuments, clock: Clock) -> LongLivedKeys:
    """Return the key of each purpose, made first in a new keystore.

    Raises `KeyMaterialError` when one that was made before is missing or damaged.
    """
    documents = keystore.read()
    if not _made(documents) >= set(PURPOSES):
        with keystore.lock():
            documents = _make_missing(keystore, clock)
    for purpose in PURPOSES:
        _refuse_missing(documents, purpose)
    return {purpose: documents[f"{DOCUMENT_PREFIX}{purpose}"].secret for purpose in PURPOSES}


def are_made(keystore: KeyDocuments) -> bool:
    """Whether opening would make none. Raises `KeyMaterialError` for a document that cannot be read."""
    return _made(keystore.read()) >= set(PURPOSES)


def _make_missing(keystore: KeyDocuments, clock: Clock) -> dict[str, Document]:
    """Make the keys that the marker does not know yet, then the marker; under the lock."""
    documents = keystore.read()
    made = _made(documents)
    for purpose in PURPOSES:
        name = f"{DOCUMENT_PREFIX}{purpose}"
        if purpose not in made and name not in documents:
            keystore.write(Document(name, {"created_at": clock.now()}, secrets.token_bytes(_KEY_SIZE)))
    keystore.write(Document(MARKER, {"made": sorted(made | set(PURPOSES))}, b""))
    return keystore.read()


def _made(documents: Mapping[str, Document]) -> set[str]:
    marker = documents.get(MARKER)
    return set(marker.fields["made"]) if marker else set()


def _refuse_missing(documents: Mapping[str, Document], purpose: str) -> None:
    if f"{DOCUMENT_PREFIX}{purpose}" not in documents:
        raise KeyMaterialError(
            f"the keystore has lost its {purpose} key",
            f"restore {DOCUMENT_PREFIX}{purpose} from backup; it cannot be remade",
        )
