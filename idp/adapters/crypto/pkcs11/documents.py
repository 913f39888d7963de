"""The documents of a keystore as data objects of a token, so that whoever sees the token sees the same keys.

What is secret in a document (the long-lived keys, the wrapping keys) is encrypted in the module, under an AES key that
never leaves it, and the whole is then sealed under the secret file, as in a folder: opening takes both. AES-CBC is what
every module offers; it needs no authentication of its own below the seal.
"""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass, Session

from idp.adapters.crypto.documents import Document, DocumentVersionError, decode_document, encode_document
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.pkcs11.lock import TokenLock
from idp.adapters.crypto.pkcs11.token import Pkcs11Token
from idp.adapters.crypto.sealing import Sealer, UnsealError

APPLICATION: Final = "idp"
_DATA: Final = {
    Attribute.CLASS: ObjectClass.DATA,
    Attribute.TOKEN: True,
    Attribute.PRIVATE: True,
    Attribute.APPLICATION: APPLICATION,
}
_MODULE_KEY_LABEL: Final = "idp-documents"
_IDENTIFIER_SIZE: Final = 16
_BLOCK: Final = 16
_LIFE: Final = {"next": 0, "signing": 1, "wrapping": 1, "published": 2, "former": 2, "gone": 3}
"""How far along each state is. No key ever goes back."""


class TokenDocuments:
    """`KeyDocuments` in a token, sealed under `key` (32 bytes)."""

    def __init__(self, token: Pkcs11Token, key: bytes) -> None:
        self._token = token
        self._sealer = Sealer(key)
        self._lock = TokenLock(token)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        with self._lock.held():
            yield

    def write(self, document: Document) -> None:
        """Add the new object, then take away all but the one that is furthest along, which is what readers take."""

        def write(session: Session) -> None:
            stored = [
                (listed, self._decoded(name, content)) for listed, name, content in _listed(session, document.name)
            ]
            revision = 1 + max((known.fields["revision"] for _, known in stored), default=0)
            closed = self._closed(session, document, revision)
            content = encode_document(closed, self._sealer)
            added = session.create_object({**_DATA, Attribute.LABEL: document.name, Attribute.VALUE: content})
            stored.append((added, closed))
            furthest = max(_progress(known) for _, known in stored)
            for listed, known in stored:
                if _progress(known) != furthest:
                    with contextlib.suppress(pkcs11.ObjectHandleInvalid):
                        listed.destroy()

        self._token.change(write)

    def read(self, prefix: str = "") -> dict[str, Document]:
        return self._token.look(lambda session: self._read(session, prefix))

    def fingerprint(self) -> tuple[int, ...]:
        """Return the handles of the objects, which are never changed, only replaced: one question to the module.

        A token that has lost everything was taken out, maybe put back since: the module is asked to look anew.
        """
        handles = self._handles()
        if not handles:
            self._token.restart()
            handles = self._handles()
        return (self._token.generation, *handles) if handles else ()

    def _handles(self) -> list[int]:
        return self._token.look(lambda session: sorted(listed.handle or 0 for listed in session.get_objects(_DATA)))

    def _read(self, session: Session, prefix: str) -> dict[str, Document]:
        found: dict[str, Document] = {}
        for _, name, content in _listed(session):
            if not name.startswith(prefix):
                continue
            document = self._decoded(name, content)
            if name not in found or _progress(document) > _progress(found[name]):
                found[name] = document
        return {name: self._opened(session, document) for name, document in sorted(found.items())}

    def _decoded(self, name: str, content: bytes) -> Document:
        """Return the document, its secret as the module encrypted it."""
        try:
            return decode_document(name, content, self._sealer)
        except UnsealError:
            raise KeyMaterialError(
                f"the key document {name} in the token does not open",
                "bring the secret file it was made with, or restore the token from backup",
            ) from None
        except DocumentVersionError:
            raise KeyMaterialError(
                f"the key document {name} in the token was made by another release", "use the release that made it"
            ) from None

    def _closed(self, session: Session, document: Document, revision: int) -> Document:
        """Return the document with its secret encrypted in the module."""
        fields = {**document.fields, "revision": revision, "copy": secrets.token_hex(8), "module_key": ""}
        if not document.secret:
            return replace(document, fields=fields)
        key = _module_key(session)
        vector = secrets.token_bytes(_BLOCK)
        encrypted = key.encrypt(document.secret, mechanism=Mechanism.AES_CBC_PAD, mechanism_param=vector)
        return Document(document.name, {**fields, "module_key": key.id.hex()}, vector + encrypted)

    def _opened(self, session: Session, document: Document) -> Document:
        if not document.fields["module_key"]:
            return document
        identifier = bytes.fromhex(document.fields["module_key"])
        vector, encrypted = document.secret[:_BLOCK], document.secret[_BLOCK:]
        try:
            key: Any = session.get_key(object_class=ObjectClass.SECRET_KEY, key_type=KeyType.AES, id=identifier)
        except pkcs11.NoSuchKey:
            raise KeyMaterialError(
                f"the token has lost the AES key that {document.name} lies under", "restore the token from backup"
            ) from None
        return replace(
            document,
            secret=key.decrypt(encrypted, mechanism=Mechanism.AES_CBC_PAD, mechanism_param=vector),
        )


def _listed(session: Session, name: str | None = None) -> list[tuple[pkcs11.Object, str, bytes]]:
    """Return the objects, their names and contents; one that goes while they are read has a successor."""
    while True:
        objects = list(session.get_objects(_DATA if name is None else {**_DATA, Attribute.LABEL: name}))
        try:
            return [(listed, listed[Attribute.LABEL], listed[Attribute.VALUE]) for listed in objects]
        except pkcs11.ObjectHandleInvalid:
            continue


def _progress(document: Document) -> tuple[int, int, str]:
    fields = document.fields
    return _LIFE.get(fields.get("state", ""), 0), fields["revision"], fields["copy"]


def _module_key(session: Session) -> Any:  # noqa: ANN401 -- the library's published types know no encryption
    """Return the AES key for documents, made first in a new token; each document names the one it lies under."""
    found = session.get_objects(
        {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES, Attribute.LABEL: _MODULE_KEY_LABEL}
    )
    keys = sorted(found, key=lambda key: key[Attribute.ID])
    if keys:
        return keys[0]
    return session.generate_key(
        KeyType.AES,
        256,
        id=secrets.token_bytes(_IDENTIFIER_SIZE),
        label=_MODULE_KEY_LABEL,
        store=True,
        capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
        template={Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )
