"""Wrapping keys: they seal the data keys of persons, in versions of which the newest one seals and the others open.

A new version is announced first, so that every node can open what is sealed under it before anybody seals with it. A
former version opens as long as anything may lie under it: until a count found nothing, and for a day after that, since
a node that was stopped in the middle of a write may still bring something in, and sign-ins in progress carry keys too.
"""

import secrets
from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum
from typing import Final

from idp.adapters.crypto.documents import Document, Fingerprint, KeyDocuments
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.long_lived_keys import DOCUMENT_PREFIX, MARKER
from idp.domain.ids import Seconds
from idp.domain.values import dataclass
from idp.ports.clock import Clock

KEPT_FOR: Final = 24 * 3600
"""Seconds that a former key is kept after a count found nothing under it."""

_PURPOSE: Final = "wrapping-"
_KEY_SIZE: Final = 32
_MOST_VERSIONS: Final = 255


class WrappingState(StrEnum):
    """Where a wrapping key stands in its life."""

    NEXT = "next"
    """Opens; nobody seals with it yet."""
    WRAPPING = "wrapping"
    FORMER = "former"
    """Opens; nobody seals with it any more."""
    GONE = "gone"
    """Destroyed; the number is never used again."""


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """One version; `unused_since` is when a count first found nothing under a former one, `secret` empty once gone."""

    version: int
    state: WrappingState
    created_at: Seconds
    state_since: Seconds
    unused_since: Seconds | None
    secret: bytes = field(repr=False)


class WrappingKeys:
    """The wrapping keys of one keystore, shared by all processes that open it."""

    def __init__(self, documents: KeyDocuments, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    def load(self) -> tuple[WrappingKey, ...]:
        """Return every version in its effective state, in order: of several that seal, the newest does.

        Raises `KeyMaterialError`, also when one is missing that was made.
        """
        documents = self._documents.read()
        keys = sorted((_key(document) for document in documents.values() if _is_ours(document)), key=_version)
        _refuse_missing(documents, {key.version for key in keys})
        newest = max((key.version for key in keys if key.state is WrappingState.WRAPPING), default=0)
        return tuple(
            replace(key, state=WrappingState.FORMER)
            if key.state is WrappingState.WRAPPING and key.version < newest
            else key
            for key in keys
        )

    def fingerprint(self) -> Fingerprint:
        """Return something that differs whenever a key changed."""
        return self._documents.fingerprint()

    def announce(self) -> WrappingKey:
        """Return the next version, made unless there is one already."""
        with self._documents.lock():
            keys = self.load()
            upcoming = [key for key in keys if key.state is WrappingState.NEXT]
            if upcoming:
                return upcoming[-1]
            version = keys[-1].version + 1
            if version > _MOST_VERSIONS:
                raise KeyMaterialError("there have been 255 wrapping keys", "this release cannot make another")
            now = self._clock.now()
            key = WrappingKey(version, WrappingState.NEXT, now, now, None, secrets.token_bytes(_KEY_SIZE))
            self._write(key)
            return key

    def promote(self, version: int) -> tuple[WrappingKey, ...]:
        """Seal with `version` from now on; what changed. Raises `KeyMaterialError` for one that is not there."""
        with self._documents.lock():
            keys = {key.version: key for key in self.load()}
            if version not in keys or keys[version].state not in {WrappingState.NEXT, WrappingState.WRAPPING}:
                raise KeyMaterialError(f"there is no next wrapping key {version}", "see idp keys list")
            self._remember(version)
            changed = []
            if keys[version].state is WrappingState.NEXT:
                changed.append(self._enter(keys[version], WrappingState.WRAPPING))
            overtaken = {WrappingState.WRAPPING, WrappingState.NEXT}
            former = [key for key in keys.values() if key.version < version and key.state in overtaken]
            return (*changed, *(self._enter(key, WrappingState.FORMER) for key in former))

    def found_in_use(self, versions: Mapping[int, int]) -> tuple[WrappingKey, ...]:
        """Take note of a count of everything that is sealed, by version; what changed.

        A former key that nothing uses is destroyed once an earlier count found the same, `KEPT_FOR` ago or longer.
        """
        now = self._clock.now()
        changed = []
        with self._documents.lock():
            for key in self.load():
                if key.state is not WrappingState.FORMER:
                    continue
                if versions.get(key.version):
                    if key.unused_since is not None:
                        self._write(replace(key, unused_since=None))
                elif key.unused_since is None:
                    changed.append(replace(key, unused_since=now))
                    self._write(changed[-1])
                elif key.unused_since + KEPT_FOR <= now:
                    changed.append(self._enter(key, WrappingState.GONE))
        return tuple(changed)

    def _enter(self, key: WrappingKey, state: WrappingState) -> WrappingKey:
        kept = b"" if state is WrappingState.GONE else key.secret
        entered = replace(key, state=state, state_since=self._clock.now(), secret=kept)
        self._write(entered)
        return entered

    def _write(self, key: WrappingKey) -> None:
        fields = {
            "created_at": key.created_at,
            "state": key.state.value,
            "state_since": key.state_since,
            "unused_since": key.unused_since,
        }
        self._documents.write(Document(f"{DOCUMENT_PREFIX}{_PURPOSE}{key.version}", fields, key.secret))

    def _remember(self, version: int) -> None:
        """Note in the keystore's marker that the version seals: one that is missing afterwards was lost."""
        marker = self._documents.read()[MARKER]
        made = sorted({*marker.fields["made"], f"{_PURPOSE}{version}"})
        self._documents.write(Document(MARKER, {"made": made}, b""))


def _is_ours(document: Document) -> bool:
    return document.name.startswith(f"{DOCUMENT_PREFIX}{_PURPOSE}")


def _key(document: Document) -> WrappingKey:
    """Return the key of a document; the first version was made by releases that knew no others."""
    fields = document.fields
    return WrappingKey(
        version=int(document.name.removeprefix(f"{DOCUMENT_PREFIX}{_PURPOSE}")),
        state=WrappingState(fields.get("state", WrappingState.WRAPPING)),
        created_at=fields["created_at"],
        state_since=fields.get("state_since", fields["created_at"]),
        unused_since=fields.get("unused_since"),
        secret=document.secret,
    )


def _version(key: WrappingKey) -> int:
    return key.version


def _refuse_missing(documents: Mapping[str, Document], versions: set[int]) -> None:
    marker = documents.get(MARKER)
    made = marker.fields["made"] if marker else []
    for purpose in made:
        if purpose.startswith(_PURPOSE) and int(purpose.removeprefix(_PURPOSE)) not in versions:
            raise KeyMaterialError(
                f"the keystore has lost its {purpose} key",
                f"restore {DOCUMENT_PREFIX}{purpose} from backup; it cannot be remade",
            )
