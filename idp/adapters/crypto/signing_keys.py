"""Signing keys at rest and their life: next, signing, published, gone.

One file per key. A change is a sequence of single-file replacements, each of which leaves a usable keystore: a process
may die between any two of them, and the next change completes what it left.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.sealed_folder import Document, Fingerprint, SealedFolder
from idp.adapters.crypto.signature_algorithms import (
    ALGORITHMS,
    encode_private_key,
    generate_private_key,
    public_jwk,
    thumbprint,
)
from idp.domain.ids import Seconds
from idp.ports.clock import Clock

PUBLISHED_FOR: Final = 90 * 24 * 3600
"""Seconds that a key stays published after it signed last: longer than any token lives, ID token hints too."""

FIRST_ALGORITHMS: Final = ("RS256", "ES256")
"""Made at first start; the others when somebody asks for them."""

_PREFIX: Final = "signing-"
_KID_SIZE: Final = 16


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
    """One key pair; `private_der` (PKCS #8) is empty once it signs no more."""

    kid: str
    algorithm: str
    state: KeyState
    created_at: Seconds
    state_since: Seconds
    public: dict[str, str]
    private_der: bytes = field(repr=False)

    def enter(self, state: KeyState, now: Seconds) -> "SigningKey":
        """Return the key in another state; one that stops signing loses its private part."""
        kept = self.private_der if state in {KeyState.NEXT, KeyState.SIGNING} else b""
        return replace(self, state=state, state_since=now, private_der=kept)


class SigningKeys:
    """The signing keys of one keystore folder, shared by all processes that open it."""

    def __init__(self, folder: SealedFolder, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def load(self) -> tuple[SigningKey, ...]:
        """Return every key in its effective state, oldest first. Raises `KeyMaterialError`."""
        return tuple(_effective(self._read(), self._clock.now()))

    def load_consistent(self) -> tuple[tuple[SigningKey, ...], Fingerprint]:
        """Return the keys and the fingerprint of the folder they were read from, no change in between."""
        before = self._folder.fingerprint()
        while True:
            keys = self.load()
            after = self._folder.fingerprint()
            if before == after:
                return keys, after
            before = after

    def fingerprint(self) -> Fingerprint:
        """Return something that differs whenever a key changed."""
        return self._folder.fingerprint()

    def ensure(self) -> None:
        """Make the first keys, and complete what a process left that died while changing keys."""
        if self._complete():
            return
        with self._folder.lock():
            present = {key.algorithm for key in self._settle()}
            for algorithm in ALGORITHMS:
                if algorithm in present or algorithm in FIRST_ALGORITHMS:
                    self._fill(algorithm)

    def rotate(self, algorithm: str) -> tuple[SigningKey, ...]:
        """Put the next key to work, keep the former one published, and publish a new next one; what changed.

        For an algorithm without keys, makes the first two. Raises `KeyMaterialError` for an unknown algorithm.
        """
        if algorithm not in ALGORITHMS:
            raise KeyMaterialError(f"{algorithm} cannot be signed with", f"use one of {', '.join(ALGORITHMS)}")
        with self._folder.lock():
            keys = [key for key in self._settle() if key.algorithm == algorithm]
            upcoming = [key for key in keys if key.state is KeyState.NEXT]
            former = [key for key in keys if key.state is KeyState.SIGNING]
            if not upcoming:
                return self._fill(algorithm)
            changed = [] if len(upcoming) > 1 else [self._make(algorithm, KeyState.NEXT)]
            changed.append(self._move(upcoming[0], KeyState.SIGNING))
            changed += [self._move(key, KeyState.PUBLISHED) for key in former]
            return tuple(changed)

    def retire(self, kid: str) -> SigningKey:
        """Stop believing a published key. Raises `KeyMaterialError` for one that signs or will sign, or is unknown."""
        with self._folder.lock():
            key = next((key for key in self._settle() if key.kid == kid), None)
            if key is None:
                raise KeyMaterialError(f"there is no signing key {kid}", "see idp keys list")
            if key.state in {KeyState.SIGNING, KeyState.NEXT}:
                raise KeyMaterialError(f"the key {kid} is in state {key.state}", "run idp keys rotate first")
            return key if key.state is KeyState.GONE else self._move(key, KeyState.GONE)

    def _complete(self) -> bool:
        """Whether every algorithm in use can sign and has a successor, without taking the lock."""
        states = {(key.algorithm, key.state) for key in self.load()}
        used = {*FIRST_ALGORITHMS, *(algorithm for algorithm, _ in states)}
        return all((algorithm, state) in states for algorithm in used for state in (KeyState.SIGNING, KeyState.NEXT))

    def _settle(self) -> list[SigningKey]:
        """Write down the effective states (an interrupted rotation, a key whose time is over), and return them."""
        stored = {key.kid: key for key in self._read()}
        keys = list(_effective(stored.values(), self._clock.now()))
        for key in keys:
            if key.state is not stored[key.kid].state:
                self._write(key)
        return keys

    def _fill(self, algorithm: str) -> tuple[SigningKey, ...]:
        """Give the algorithm a signing key and a next one, whichever it lacks; what changed."""
        keys = [key for key in self.load() if key.algorithm == algorithm]
        upcoming = [key for key in keys if key.state is KeyState.NEXT]
        changed = []
        if not any(key.state is KeyState.SIGNING for key in keys):
            changed.append(
                self._move(upcoming.pop(0), KeyState.SIGNING) if upcoming else self._make(algorithm, KeyState.SIGNING)
            )
        if not upcoming:
            changed.append(self._make(algorithm, KeyState.NEXT))
        return tuple(changed)

    def _make(self, algorithm: str, state: KeyState) -> SigningKey:
        private_key = generate_private_key(algorithm)
        public = public_jwk(private_key)
        now = self._clock.now()
        kid = f"{algorithm.lower()}-{thumbprint(public)[:_KID_SIZE]}"
        key = SigningKey(kid, algorithm, state, now, now, public, encode_private_key(private_key))
        self._write(key)
        return key

    def _move(self, key: SigningKey, state: KeyState) -> SigningKey:
        moved = key.enter(state, self._clock.now())
        self._write(moved)
        return moved

    def _write(self, key: SigningKey) -> None:
        fields = {
            "kid": key.kid,
            "alg": key.algorithm,
            "state": key.state.value,
            "created_at": key.created_at,
            "state_since": key.state_since,
            "public": key.public,
        }
        self._folder.write(Document(f"{_PREFIX}{key.kid}", fields, key.private_der))

    def _read(self) -> list[SigningKey]:
        return [_key(document) for name, document in self._folder.read().items() if name.startswith(_PREFIX)]


def _key(document: Document) -> SigningKey:
    fields = document.fields
    return SigningKey(
        kid=fields["kid"],
        algorithm=fields["alg"],
        state=KeyState(fields["state"]),
        created_at=fields["created_at"],
        state_since=fields["state_since"],
        public=fields["public"],
        private_der=document.secret,
    )


def _effective(keys: Iterable[SigningKey], now: Seconds) -> Iterator[SigningKey]:
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
