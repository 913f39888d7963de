"""What registers told under personal numbers that nobody here has: it waits until somebody has them, for a while."""

from typing import Protocol

from idp.domain.events import RegisterEventReceived
from idp.domain.ids import Seconds
from idp.domain.people.number_change import NumberChange
from idp.ports.account_locks import RegisterChange


class KeptRegisterEvents(Protocol):
    """Keeps what locks and ends locks, and which number became which.

    A number stands there as its blind index, and one that was issued sealed besides. Whoever comes to have the number,
    in whatever way, has in the same transaction what was kept under it and under every number that became it or that
    it became; those numbers are that person's from then on, and the one issued last is in the record.
    """

    async def keep(
        self, personal_number: str, change: RegisterChange, event: RegisterEventReceived
    ) -> RegisterEventReceived | None:
        """Keep a change of locks, and return `event` as it was recorded: kept, or overtaken by what was kept before.

        None, and nothing is recorded, where somebody has the number by now.
        """
        ...

    async def keep_number_change(
        self, personal_number: str, change: NumberChange, now: Seconds, event: RegisterEventReceived
    ) -> RegisterEventReceived | None:
        """Keep that one number became another, as `keep` does; applied where somebody has the other one already."""
        ...
