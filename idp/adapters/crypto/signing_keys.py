"""The signing keys of a keystore: made, rotated, retired.

One document per key. A change is a sequence of single-document replacements, each of which leaves a usable keystore: a
process may die between any two of them, and the next change completes what it left. The same holds should two nodes
ever change keys at once.
"""

from collections.abc import Iterable
from typing import Final

from idp.adapters.crypto.documents import Fingerprint, KeyDocuments
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.private_keys import PrivateKeys
from idp.adapters.crypto.rotation_schedule import next_rotation
from idp.adapters.crypto.signature_algorithms import ALGORITHMS, Sign, thumbprint
from idp.adapters.crypto.signing_key import (
    DOCUMENT_PREFIX,
    PUBLISHED_FOR,
    KeyState,
    SigningKey,
    effective,
    kept_key,
    key_document,
)
from idp.ports.clock import Clock

__all__ = ["FIRST_ALGORITHMS", "PUBLISHED_FOR", "KeyNotRetiredError", "KeyState", "SigningKey", "SigningKeys"]

FIRST_ALGORITHMS: Final = ("RS256", "ES256")
"""Made at first start; the others when somebody asks for them."""

_KID_SIZE: Final = 16


class KeyNotRetiredError(KeyMaterialError):
    """The key signs or will sign, or is unknown: nothing is wrong with the keystore."""


class SigningKeys:
    """The signing keys of one keystore, shared by all processes that open it."""

    def __init__(self, documents: KeyDocuments, private_keys: PrivateKeys, clock: Clock) -> None:
        self._documents = documents
        self._private_keys = private_keys
        self._clock = clock

    def load(self) -> tuple[SigningKey, ...]:
        """Return every key in its effective state, oldest first. Raises `KeyMaterialError`."""
        return tuple(effective(self._read(), self._clock.now()))

    def load_consistent(self) -> tuple[tuple[SigningKey, ...], Fingerprint]:
        """Return the keys and the fingerprint of the documents they were read from, no change in between."""
        before = self.fingerprint()
        while True:
            keys = self.load()
            after = self.fingerprint()
            if before == after:
                return keys, after
            before = after

    def fingerprint(self) -> Fingerprint:
        """Return something that differs whenever a key changed."""
        return self._documents.fingerprint()

    def signing_function(self, key: SigningKey) -> Sign:
        """Return what signs with `key`."""
        return self._private_keys.signing_function(key.algorithm, key.private)

    def ensure(self) -> None:
        """Make the first keys, and complete what a process left that died while changing keys."""
        if self._complete(self.load()):
            return
        with self._documents.lock():
            self._settle()
            self._fill_all()

    def rotate(self, algorithm: str) -> tuple[SigningKey, ...]:
        """Put the next key to work, keep the former one published, and publish a new next one; what changed.

        For an algorithm without keys, makes the first two. Raises `KeyMaterialError` for an unknown algorithm.
        """
        if algorithm not in ALGORITHMS:
            raise KeyMaterialError(f"{algorithm} cannot be signed with", f"use one of {', '.join(ALGORITHMS)}")
        with self._documents.lock():
            self._settle()
            return self._rotate(algorithm)

    def rotate_due(self, period: int) -> tuple[SigningKey, ...]:
        """Rotate every algorithm whose time has come, and end the published keys whose time is over; what changed.

        `period` in seconds, 0 for by hand. Any number of nodes may ask at once: one rotates, the others find it done.
        """
        stored = self._read()
        keys = tuple(effective(stored, self._clock.now()))
        if not self._due(keys, period) and self._complete(keys) and not self._outdated(stored):
            return ()
        with self._documents.lock():
            changed = self._settle()
            changed += self._fill_all()
            for algorithm in self._due(self.load(), period):
                changed += self._rotate(algorithm)
            return tuple(changed)

    def retire(self, kid: str) -> SigningKey:
        """Stop believing a published key. Raises `KeyNotRetiredError` for one that is unknown, signs or will sign."""
        with self._documents.lock():
            self._settle()
            key = next((key for key in self.load() if key.kid == kid), None)
            if key is None:
                raise KeyNotRetiredError(f"there is no signing key {kid}", "see idp keys list")
            if key.state in {KeyState.SIGNING, KeyState.NEXT}:
                raise KeyNotRetiredError(f"the key {kid} is in state {key.state}", "run idp keys rotate first")
            return key if key.state is KeyState.GONE else self._move(key, KeyState.GONE)

    def _complete(self, keys: tuple[SigningKey, ...]) -> bool:
        """Whether every algorithm in use can sign and has a successor."""
        states = {(key.algorithm, key.state) for key in keys}
        used = {*FIRST_ALGORITHMS, *(algorithm for algorithm, _ in states)}
        return all((algorithm, state) in states for algorithm in used for state in (KeyState.SIGNING, KeyState.NEXT))

    def _due(self, keys: tuple[SigningKey, ...], period: int) -> list[str]:
        """Return the algorithms that the schedule rotates now."""
        now = self._clock.now()
        moments = {
            algorithm: next_rotation((key for key in keys if key.algorithm == algorithm), period)
            for algorithm in ALGORITHMS
        }
        return [algorithm for algorithm, moment in moments.items() if moment is not None and moment <= now]

    def _outdated(self, stored: Iterable[SigningKey]) -> list[SigningKey]:
        """Return the keys whose effective state is not written down: a rotation was interrupted, or their time is over.

        In their effective states.
        """
        written = {key.kid: key.state for key in stored}
        return [key for key in effective(stored, self._clock.now()) if key.state is not written[key.kid]]

    def _settle(self) -> list[SigningKey]:
        """Write the effective states down, and destroy private keys that nothing names; what changed."""
        stored = {key.kid: key for key in self._read()}
        outdated = self._outdated(stored.values())
        for key in outdated:
            self._replace(stored[key.kid], key)
        self._private_keys.sweep(frozenset(key.private for key in self._read()))
        return outdated

    def _fill_all(self) -> list[SigningKey]:
        """Give every algorithm in use a signing key and a next one; what changed."""
        present = {key.algorithm for key in self.load()}
        used = [algorithm for algorithm in ALGORITHMS if algorithm in present or algorithm in FIRST_ALGORITHMS]
        return [key for algorithm in used for key in self._fill(algorithm)]

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

    def _rotate(self, algorithm: str) -> tuple[SigningKey, ...]:
        keys = [key for key in self.load() if key.algorithm == algorithm]
        upcoming = [key for key in keys if key.state is KeyState.NEXT]
        former = [key for key in keys if key.state is KeyState.SIGNING]
        if not upcoming:
            return self._fill(algorithm)
        changed = [] if len(upcoming) > 1 else [self._make(algorithm, KeyState.NEXT)]
        changed.append(self._move(upcoming[0], KeyState.SIGNING))
        changed += [self._move(key, KeyState.PUBLISHED) for key in former]
        return tuple(changed)

    def _make(self, algorithm: str, state: KeyState) -> SigningKey:
        public, private = self._private_keys.make(algorithm)
        now = self._clock.now()
        kid = f"{algorithm.lower()}-{thumbprint(public)[:_KID_SIZE]}"
        key = SigningKey(kid, algorithm, state, now, now, dict(public), private)
        self._documents.write(key_document(key))
        return key

    def _move(self, key: SigningKey, state: KeyState) -> SigningKey:
        moved = key.enter(state, self._clock.now())
        self._replace(key, moved)
        return moved

    def _replace(self, key: SigningKey, moved: SigningKey) -> None:
        self._documents.write(key_document(moved))
        if key.private and not moved.private:
            self._private_keys.destroy(key.private)

    def _read(self) -> list[SigningKey]:
        return [kept_key(document) for document in self._documents.read(DOCUMENT_PREFIX).values()]
