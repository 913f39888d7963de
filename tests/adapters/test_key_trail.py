from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.key_trail import LEFT_AFTER, KeyTrail
from idp.adapters.sql.stores import Stores
from tests.adapters.turned_clock import TurnedClock
from tests.ports.fixtures import clock, database_url, entropy, stores, vault
from tests.ports.samples import ORIGIN

__all__ = ["clock", "database_url", "entropy", "stores", "vault"]


class Kept:
    """A keystore whose first keys are known, and its trail."""

    def __init__(self, path: Path, stores: Stores, clock: TurnedClock) -> None:
        self.keystore = FileKeystore(path, Secret(bytes(range(32))), clock)
        self.stores = stores
        self.clock = clock
        self.trail = KeyTrail(self.keystore, stores.told_keys, clock)

    async def told(self) -> Sequence[tuple[str, str]]:
        """Keys and states, in the order in which they were told."""
        events = [
            msgspec.json.decode(record.payload)["event"]
            async for record in self.stores.audit_log.records()
            if "key.changed" in record.name
        ]
        return [(event.get("key_id") or str(event["version"]), event["state"]) for event in events]


@pytest.fixture
async def kept(tmp_path: Path, stores: Stores, clock: TurnedClock) -> Kept:
    made = Kept(tmp_path / "keys", stores, clock)
    await made.trail.record((), ORIGIN)
    clock.seconds += 3600
    return made


async def test_the_first_keys_are_no_news(kept: Kept) -> None:
    await kept.trail.record((), ORIGIN)
    assert await kept.told() == []


async def test_what_a_stopped_process_changed_is_told_by_the_next_who_looks_and_once(kept: Kept) -> None:
    rotated = {(key.kid, key.state.value) for key in kept.keystore.signing_keys.rotate("ES256")}
    made = {(key.kid, key.state.value) for key in kept.keystore.encryption_keys.rotate()}
    announced = kept.keystore.wrapping_keys.announce()
    kept.clock.seconds += LEFT_AFTER
    for _ in range(2):
        await kept.trail.record((), ORIGIN)
    told = await kept.told()
    assert set(told) == rotated | made | {(str(announced.version), "next")}
    assert len(told) == len(set(told)) == 6


async def test_what_changed_just_now_is_left_to_whoever_changed_it(kept: Kept) -> None:
    changed = kept.keystore.signing_keys.rotate("ES256")
    kept.clock.seconds += LEFT_AFTER - 1
    await kept.trail.record((), ORIGIN)
    assert await kept.told() == []
    await kept.trail.record(changed, ORIGIN)
    assert len(await kept.told()) == len(changed)


async def test_the_change_of_one_command_brings_along_what_another_left(kept: Kept) -> None:
    left = kept.keystore.signing_keys.rotate("RS256")
    kept.clock.seconds += LEFT_AFTER
    changed = kept.keystore.signing_keys.rotate("ES256")
    await kept.trail.record(changed, ORIGIN)
    assert set(await kept.told()) == {(key.kid, key.state.value) for key in (*left, *changed)}


async def test_where_nothing_was_told_yet_what_changes_now_is_told_and_nothing_else(
    tmp_path: Path, stores: Stores, clock: TurnedClock
) -> None:
    made = Kept(tmp_path / "keys", stores, clock)
    changed = made.keystore.signing_keys.rotate("ES256")
    await made.trail.record(changed, ORIGIN)
    clock.seconds += 3600
    await made.trail.record((), ORIGIN)
    assert set(await made.told()) == {(key.kid, key.state.value) for key in changed}
