import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.crypto.signing_keys import PUBLISHED_FOR, KeyState
from idp.adapters.key_rotation import DAY, KeySchedule
from idp.adapters.key_trail import LEFT_AFTER, KeyTrail
from idp.domain.events import EncryptionKeyChanged, Event, SigningKeyChanged
from idp.ports.errors import StoreUnavailableError
from idp.ports.told_keys import KeyTransition
from tests.adapters.turned_clock import CountedEntropy, TurnedClock

SECRET = Secret(bytes(range(32)))

Schedule = Callable[..., KeySchedule]


class Trail:
    """Keeps what is told of keys; while `broken`, nothing."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.broken = False
        self._states: dict[str, str] = {}

    async def states(self) -> Mapping[str, str]:
        return dict(self._states)

    async def assume(self, states: Mapping[str, str]) -> None:
        self._states = {**states, **self._states}

    async def tell(self, transitions: Sequence[KeyTransition]) -> None:
        if self.broken:
            raise StoreUnavailableError
        for each in transitions:
            if self._states.get(each.key) != each.state:
                self._states[each.key] = each.state
                self.events.append(each.event)

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


@pytest.fixture
def schedule(keystore: FileKeystore, clock: TurnedClock) -> Schedule:
    def made(trail: Trail, days: int = 90) -> KeySchedule:
        return KeySchedule(keystore, KeyTrail(keystore, trail, clock), CountedEntropy(), days=days)

    return made


async def test_nothing_is_recorded_while_nothing_is_due(schedule: Schedule, clock: TurnedClock) -> None:
    trail = Trail()
    await schedule(trail).rotate_due_keys()
    clock.seconds += 10_000 * DAY
    await schedule(trail, days=0).rotate_due_keys()
    assert trail.events == []


async def test_a_rotation_is_recorded_like_the_manual_one_by_another_origin(
    schedule: Schedule, keystore: FileKeystore, clock: TurnedClock
) -> None:
    trail = Trail()
    clock.seconds += 90 * DAY
    await schedule(trail).rotate_due_keys()
    await schedule(trail).rotate_due_keys()
    expected = {(key.kid, key.state.value, "schedule") for key in keystore.signing_keys.load()}
    assert set(trail.told()) == expected
    assert len(trail.told()) == 6


async def test_the_end_of_a_published_key_is_recorded(
    schedule: Schedule, keystore: FileKeystore, clock: TurnedClock
) -> None:
    trail = Trail()
    keystore.signing_keys.rotate("ES256")
    clock.seconds += PUBLISHED_FOR
    await schedule(trail, days=0).rotate_due_keys()
    assert [state for _, state, _ in trail.told()] == [KeyState.GONE]


async def test_what_could_not_be_recorded_is_recorded_by_a_later_run(schedule: Schedule, clock: TurnedClock) -> None:
    trail = Trail()
    await schedule(trail).rotate_due_keys()
    clock.seconds += 90 * DAY
    trail.broken = True
    with pytest.raises(StoreUnavailableError):
        await schedule(trail).rotate_due_keys()
    trail.broken = False
    for _ in range(2):
        clock.seconds += LEFT_AFTER
        await schedule(trail).rotate_due_keys()
    assert len(trail.told()) == 6


async def test_keys_that_clients_encrypt_to_are_renewed_by_the_same_schedule(
    schedule: Schedule, keystore: FileKeystore, clock: TurnedClock
) -> None:
    trail = Trail()
    before = {key.kid for key in keystore.encryption_keys.load()}
    clock.seconds += 90 * DAY
    await schedule(trail).rotate_due_keys()
    told = {(event.key_id, event.state) for event in trail.events if isinstance(event, EncryptionKeyChanged)}
    current = {key.kid for key in keystore.encryption_keys.load() if key.state == "current"}
    assert len(current) == 2
    assert current.isdisjoint(before)
    assert told == {(kid, "current") for kid in current}
