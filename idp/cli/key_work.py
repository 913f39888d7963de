"""What `idp keys` does to the keystore; every change leaves its audit event."""

from collections.abc import Mapping, Sequence

from idp.adapters.crypto.encryption_keys import EncryptionKey
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.rotation_schedule import next_rotation
from idp.adapters.crypto.signing_keys import KeyState, SigningKey
from idp.adapters.crypto.wrapping_keys import WrappingKey
from idp.adapters.key_rotation import DAY
from idp.adapters.key_trail import KeyTrail
from idp.cli.opening import Provider
from idp.cli.refusal import Refusal
from idp.domain.ids import Seconds
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Listed:
    """Every key, oldest first; `rotates_at` by the identifier of the key that signs, where the schedule rotates it."""

    signing: tuple[SigningKey, ...]
    encryption: tuple[EncryptionKey, ...]
    rotates_at: Mapping[str, Seconds]
    wrapping: tuple[WrappingKey, ...]


async def all_keys(provider: Provider) -> Listed:
    """Return every key of the keystore. Raises `Refusal` when it cannot be read."""
    try:
        signing = provider.keystore.signing_keys.load()
        encryption = provider.keystore.encryption_keys.load()
        wrapping = provider.keystore.wrapping_keys.load()
    except KeyMaterialError as error:
        raise Refusal(error.problem, error.remedy) from None
    rotates_at = {}
    for key in signing:
        same = [each for each in signing if each.algorithm == key.algorithm]
        moment = next_rotation(same, provider.settings.key_rotation_days * DAY)
        if key.state is KeyState.SIGNING and moment is not None:
            rotates_at[key.kid] = moment
    return Listed(signing, encryption, rotates_at, wrapping)


async def rotate(provider: Provider, algorithm: str | None) -> list[SigningKey]:
    """Rotate one algorithm, or all that sign now; what changed. Raises `Refusal` for an unknown one."""
    keys = provider.keystore.signing_keys
    signing = sorted({key.algorithm for key in keys.load() if key.state is KeyState.SIGNING})
    changed: list[SigningKey] = []
    try:
        for each in signing if algorithm is None else [algorithm]:
            changed += keys.rotate(each)
    except KeyMaterialError as error:
        raise Refusal(error.problem, error.remedy) from None
    finally:
        await _record(provider, changed)
    return changed


async def rotate_encryption(provider: Provider) -> tuple[EncryptionKey, ...]:
    """Make new keys for clients to encrypt to; what changed. Raises `Refusal` when the keystore cannot be written."""
    try:
        changed = provider.keystore.encryption_keys.rotate()
    except KeyMaterialError as error:
        raise Refusal(error.problem, error.remedy) from None
    await _record(provider, changed)
    return changed


async def retire(provider: Provider, kid: str) -> SigningKey:
    """Retire one published key. Raises `Refusal` for one that signs or will sign, or is unknown."""
    before = provider.keystore.signing_keys.load()
    try:
        retired = provider.keystore.signing_keys.retire(kid)
    except KeyMaterialError as error:
        raise Refusal(error.problem, error.remedy) from None
    await _record(provider, [] if retired in before else [retired])
    return retired


async def _record(provider: Provider, changed: Sequence[SigningKey | EncryptionKey]) -> None:
    if changed:
        await KeyTrail(provider.keystore, provider.stores.told_keys, provider.clock).record(changed, provider.origin)
