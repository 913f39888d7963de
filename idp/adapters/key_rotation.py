"""Rotation by schedule: the background job that lets keys of tokens hand over when their time has come."""

import asyncio
from typing import Final

from idp.adapters.crypto.encryption_keys import EncryptionKey
from idp.adapters.crypto.keystore import Keystore
from idp.adapters.crypto.signing_keys import SigningKey
from idp.adapters.key_trail import KeyTrail
from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.ports.clock import Entropy

DAY: Final = 24 * 3600


class KeySchedule:
    """Rotates signing and encryption keys every `days` (0: only by hand), on any number of nodes at once."""

    def __init__(self, keystore: Keystore, trail: KeyTrail, entropy: Entropy, *, days: int) -> None:
        self._keystore = keystore
        self._trail = trail
        self._entropy = entropy
        self._period = days * DAY

    async def rotate_due_keys(self) -> None:
        """Rotate what is due, end what is over, and record it. Raises `KeyMaterialError`, `StoreUnavailableError`.

        What changed and could not be recorded, here or by a command that was stopped, a later run records.
        """
        # Making an RSA key takes a moment, waiting for another node longer: requests go on meanwhile.
        changed = await asyncio.to_thread(self._rotate)
        origin = Origin(request_id=RequestId(self._entropy.identifier()), source="schedule")
        await self._trail.record(changed, origin)

    def _rotate(self) -> tuple[SigningKey | EncryptionKey, ...]:
        keystore = self._keystore
        return (
            *keystore.signing_keys.rotate_due(self._period),
            *keystore.encryption_keys.rotate_due(self._period),
        )
