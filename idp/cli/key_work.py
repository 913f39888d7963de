"""What `idp keys` does to the keystore; every change leaves its audit event."""

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.signing_keys import KeyState, SigningKey
from idp.cli.opening import Provider
from idp.cli.refusal import Refusal
from idp.domain.events import SigningKeyChanged


async def all_keys(provider: Provider) -> tuple[SigningKey, ...]:
    """Return every signing key, oldest first."""
    return provider.keystore.signing_keys.load()


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


async def retire(provider: Provider, kid: str) -> SigningKey:
    """Retire one published key. Raises `Refusal` for one that signs or will sign, or is unknown."""
    before = provider.keystore.signing_keys.load()
    try:
        retired = provider.keystore.signing_keys.retire(kid)
    except KeyMaterialError as error:
        raise Refusal(error.problem, error.remedy) from None
    await _record(provider, [] if retired in before else [retired])
    return retired


async def _record(provider: Provider, changed: list[SigningKey]) -> None:
    events = [SigningKeyChanged(origin=provider.origin, key_id=key.kid, state=key.state.value) for key in changed]
    if events:
        await provider.stores.audit_trail.record(*events)
