"""Which state of each key the audit trail was told last."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from idp.domain.events import Event
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class KeyTransition:
    """A key, by its name in the keystore, entered a state: `event` says so."""

    key: str
    state: str
    event: Event


class ToldKeys(Protocol):
    """What was told of keys; their own states lie in the keystore."""

    async def states(self) -> Mapping[str, str]:
        """The last state that was told of each key, by its name."""
        ...

    async def assume(self, states: Mapping[str, str]) -> None:
        """Take these states for told, without an event, of keys of which nothing was told."""
        ...

    async def tell(self, transitions: Sequence[KeyTransition]) -> None:
        """Record the events of keys that were not told to be in that state: any number at once record each once."""
        ...
