"""Rotation by schedule: the background job that lets keys of tokens hand over when their time has come."""

import asyncio
from typing import Final

from idp.adapters.crypto.encryption_keys import EncryptionKey
from idp.adapters.crypto.keystore import Keystore
from idp.adapters.crypto.signing_keys import SigningKey
from idp.domain.events import EncryptionKeyChanged, Event, Origin, SigningKeyChanged
from idp.domain.ids import RequestId
from idp.ports.audit import AuditTrail
from idp.ports.clock import Entropy

DAY: Final = 24 * 3600


class KeySchedule:
    """Rotates signing and encryption keys every `days` (0: only by hand), on any number of nodes at once."""

    def __init__(self, keystore: Keystore, audit: AuditTrail, entropy: Entropy, *, days: int) -> None:
        self._keystore = keystore
        self._audit = audit
        self._entropy = entropy
        self._period = days * DAY
        self._untold: list[SigningKey | EncryptionKey] = []

    async def rotate_due_keys(self) -> None:
        """Rotate what is due, end what is over, and record it. Raises `KeyMaterialError`, `StoreUnavailableError`.

        Keys that changed while the audit trail could not be written to are recorded by the next run.
        """
        # Making an RSA key takes a moment, waiting for another node longer: requests go on meanwhile.
        await asyncio.to_thread(self._rotate)
        if self._untold:
            origin = Origin(request_id=RequestId(self._entropy.identifier()), source="schedule")
            told = tuple(self._untold)
            await self._audit.record(*(key_changed(key, origin) for key in told))
            del self._untold[: len(told)]

    def _rotate(self) -> None:
        # In the thread itself: it goes on when the job is cut off, and what it changed must be told all the same.
        self._untold.extend(self._keystore.signing_keys.rotate_due(self._period))
        self._untold.extend(self._keystore.encryption_keys.rotate_due(self._period))


def key_changed(key: SigningKey | EncryptionKey, origin: Origin) -> Event:
    """Return the event that records the state of a key."""
    event = SigningKeyChanged if isinstance(key, SigningKey) else EncryptionKeyChanged
    return event(origin=origin, key_id=key.kid, state=key.state.value)
