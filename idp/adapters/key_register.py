"""The keystore as administrators see and change it."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Final

from idp.adapters.crypto.encryption_keys import EncryptionKey, EncryptionKeyState
from idp.adapters.crypto.keystore import Keystore
from idp.adapters.crypto.rotation_schedule import next_rotation
from idp.adapters.crypto.signing_keys import KeyNotRetiredError, KeyState, SigningKey
from idp.adapters.crypto.wrapping_keys import WrappingState
from idp.adapters.key_rotation import DAY
from idp.adapters.key_trail import KeyTrail
from idp.domain.events import Origin
from idp.ports.key_register import KeyFacts, KeyInUseError, KeyPurpose

_WRAPS_WITH: Final = "AES-256-GCM"


class KeystoreRegister:
    """Implements `KeyRegister`. Reading documents and making keys takes a moment: requests go on meanwhile."""

    def __init__(self, keystore: Keystore, trail: KeyTrail, *, rotation_days: int) -> None:
        self._keystore = keystore
        self._trail = trail
        self._period = rotation_days * DAY

    async def listed(self) -> tuple[KeyFacts, ...]:
        return await asyncio.to_thread(self._listed)

    async def rotate(self, purpose: KeyPurpose, algorithm: str, origin: Origin) -> None:
        changed: tuple[SigningKey | EncryptionKey, ...]
        if purpose is KeyPurpose.SIGNING:
            changed = await asyncio.to_thread(self._keystore.signing_keys.rotate, algorithm)
        else:
            changed = await asyncio.to_thread(self._keystore.encryption_keys.rotate)
        await self._trail.record(changed, origin)

    async def retire(self, key_id: str, origin: Origin) -> None:
        try:
            retired = await asyncio.to_thread(self._keystore.signing_keys.retire, key_id)
        except KeyNotRetiredError as error:
            raise KeyInUseError from error
        await self._trail.record([retired], origin)

    def _listed(self) -> tuple[KeyFacts, ...]:
        signing = self._keystore.signing_keys.load()
        return (*self._signing(signing), *self._encryption(), *self._wrapping())

    def _signing(self, keys: Iterable[SigningKey]) -> Iterator[KeyFacts]:
        every = tuple(keys)
        for key in every:
            if key.state is KeyState.GONE:
                continue
            same = [each for each in every if each.algorithm == key.algorithm]
            yield KeyFacts(
                key_id=key.kid,
                purpose=KeyPurpose.SIGNING,
                algorithm=key.algorithm,
                state=key.state.value,
                created_at=key.created_at,
                state_since=key.state_since,
                rotates_at=next_rotation(same, self._period) if key.state is KeyState.SIGNING else None,
            )

    def _encryption(self) -> Iterator[KeyFacts]:
        for key in self._keystore.encryption_keys.load():
            if key.state is not EncryptionKeyState.GONE:
                yield KeyFacts(
                    key_id=key.kid,
                    purpose=KeyPurpose.ENCRYPTION,
                    algorithm=key.kind,
                    state=key.state.value,
                    created_at=key.created_at,
                    state_since=key.state_since,
                )

    def _wrapping(self) -> Iterator[KeyFacts]:
        for key in self._keystore.wrapping_keys.load():
            if key.state is not WrappingState.GONE:
                yield KeyFacts(
                    key_id=str(key.version),
                    purpose=KeyPurpose.WRAPPING,
                    algorithm=_WRAPS_WITH,
                    state=key.state.value,
                    created_at=key.created_at,
                    state_since=key.state_since,
                )
