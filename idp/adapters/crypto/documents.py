"""The documents that a keystore consists of, and what keeps them: a folder of files, or a token of a PKCS #11 module.

The public fields of a document stand in clear and are authenticated with its name: without the key nobody can add a
document, change a field, or put one in another's place.
"""

import base64
import json
from collections.abc import Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import field
from typing import Any, Final, Protocol

from idp.adapters.crypto.sealing import Sealer, UnsealError
from idp.domain.values import dataclass

Fingerprint = Hashable

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Document:
    """Public fields, and the sealed part in clear."""

    name: str
    fields: Mapping[str, Any]
    secret: bytes = field(repr=False)


class KeyDocuments(Protocol):
    """Documents by name, shared by any number of processes. Every method raises `KeyMaterialError`."""

    def lock(self) -> AbstractContextManager[None]:
        """Hold the documents alone; whoever changes more than one of them does. A process that dies holds nothing."""
        ...

    def write(self, document: Document) -> None:
        """Store the document durably, replacing one of the same name at once: readers see the old one or the new."""
        ...

    def read(self, prefix: str = "") -> dict[str, Document]:
        """Return every document whose name begins so, by name. The error names the one that cannot be used."""
        ...

    def fingerprint(self) -> Fingerprint:
        """Return something that differs whenever a document was added or replaced."""
        ...


class DocumentVersionError(Exception):
    """The document opens, and was written by another release."""


def encode_document(document: Document, sealer: Sealer) -> bytes:
    """Return the document as it is stored: JSON, its secret sealed."""
    fields = {"version": _VERSION, **document.fields}
    sealed = sealer.seal(_context(document.name, fields), document.secret)
    return (json.dumps({**fields, "sealed": base64.b64encode(sealed).decode()}, indent=2) + "\n").encode()


def decode_document(name: str, content: bytes, sealer: Sealer) -> Document:
    """Return what was stored under `name`. Raises `UnsealError` unless it is whole, `DocumentVersionError`."""
    try:
        fields = json.loads(content)
        sealed = base64.b64decode(fields.pop("sealed"), validate=True)
        version = fields.get("version")
        secret = sealer.unseal(_context(name, fields), sealed)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnsealError from None
    if version != _VERSION:
        raise DocumentVersionError
    return Document(name, fields, secret)


def _context(name: str, fields: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes that bind the sealed part to the document's name and public fields."""
    return json.dumps([name, fields], sort_keys=True, separators=(",", ":")).encode()
