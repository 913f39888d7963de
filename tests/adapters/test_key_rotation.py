import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.crypto.signing_keys import PUBLISHED_FOR, KeyState
from idp.adapters.key_rotation import DAY, KeySchedule
from idp.domain.events import EncryptionKeyChanged, Event, SigningKeyChanged
from idp.ports.errors import StoreUnavailableError
from tests.adapters.turned_clock import CountedEntropy, TurnedClock

SECRET = Secret(bytes(range(32)))


class Trail:
    """Keeps events; while `broken`, nothing."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.broken = False

    async def record(self, *events: Event) -> None:
        if self.broken:
            raise StoreUnavailableError
        self.events += events

    def told(self) -> Sequence[tuple[str, str, str]]:
        told = [event for event in self.events if isinstance(event, SigningKeyChanged)]
        return [(event.key_id, event.state, event.origin.source) for event in told]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "keys"
    FileKeystore(path, SECRET, TurnedClock())
    return path


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def keystore(made: Path, tmp_path: Path, clock: TurnedClock) -> FileKeystore:
    shutil.copytree(made, tmp_path / "keys")
    return FileKeystore(tmp_path / "keys", SECRET, clock)


def schedule(keystore: FileKeystore, trail: Trail, days: int = 90) -> KeySchedule:
    return KeySchedule(keystore, trail, CountedEntropy(), days=days)


async def test_nothing_is_recorded_while_nothing_is_due(keystore: FileKeystore, clock: TurnedClock) -> None:
    trail = Trail()
    await schedule(keystore, trail).rotate_due_keys()
    clock.seconds += 10_000 * DAY
    await schedule(keystore, trail, days=0).rotate_due_keys()
    assert trail.events == []


async def test_a_rotation_is_recorded_like_the_manual_one_by_another_origin(
    keystore: FileKeystore, clock: TurnedClock
) -> None:
    trail = Trail()
    clock.seconds += 90 * DAY
    await schedule(keystore, trail).rotate_due_keys()
    await schedule(keystore, trail).rotate_due_keys()
    expected = {(key.kid, key.state.value, "schedule") for key in keystore.signing_keys.load()}
    assert set(trail.told()) == expected
    assert len(trail.told()) == 6


async def test_the_end_of_a_published_key_is_recorded(keystore: FileKeystore, clock: TurnedClock) -> None:
    trail = Trail()
    keystore.signing_keys.rotate("ES256")
    clock.seconds += PUBLISHED_FOR
    await schedule(keystore, trail, days=0).rotate_due_keys()
    assert [state for _, state, _ in trail.told()] == [KeyState.GONE]


async def test_what_could_not_be_recorded_is_recorded_by_the_next_run(
    keystore: FileKeystore, clock: TurnedClock
) -> None:
    trail = Trail()
    running = schedule(keystore, trail)
    clock.seconds += 90 * DAY
    trail.broken = True
    with pytest.raises(StoreUnavailableError):
        await running.rotate_due_keys()
    trail.broken = False
    await running.rotate_due_keys()
    await running.rotate_due_keys()
    assert len(trail.told()) == 6


async def test_keys_that_clients_encrypt_to_are_renewed_by_the_same_schedule(
    keystore: FileKeystore, clock: TurnedClock
) -> None:
    trail = Trail()
    before = {key.kid for key in keystore.encryption_keys.load()}
    clock.seconds += 90 * DAY
    await schedule(keystore, trail).rotate_due_keys()
    told = {(event.key_id, event.state) for event in trail.events if isinstance(event, EncryptionKeyChanged)}
    current = {key.kid for key in keystore.encryption_keys.load() if key.state == "current"}
    assert len(current) == 2
    assert current.isdisjoint(before)
    assert told == {(kid, "current") for kid in current}
