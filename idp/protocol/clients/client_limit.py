"""RFC 6819 section 4.4.1.11 (denial of service by exhausting resources): what one client may have in progress at once.

Whose requests are counted together is what makes this safe to have. A confidential client is counted under its
identifier, and only once it has proved who it is: nobody else can use up its share. Whatever is merely said (the
`client_id` of an authorization request, a public client's) counts together with where it comes from, so that a stranger
who names a client shuts out nobody but himself, and those behind the same address. What fails authentication is not
counted at all: it costs one comparison of hashes, or a look at a signature, and few wait for keys (`ClientKeys`).
"""

from collections.abc import Callable
from types import TracebackType
from typing import Final

from idp.domain.clients.client import Client
from idp.domain.events import Origin
from idp.ports.keys import BusyError

REASON: Final = "client"
"""Why a request was turned away, in the numbers."""

Holder = str | tuple[str, str]


class ClientLimit:
    """Counts the requests in progress of each client, in this process. `shed` hears of what is turned away."""

    def __init__(self, limit: int, shed: Callable[[str], None]) -> None:
        self._limit = limit
        self._shed = shed
        self._in_progress: dict[Holder, int] = {}

    def proved(self, client: Client, origin: Origin) -> "Place":
        """Return a place among the requests of a client that authenticated (a public one only said its name)."""
        return Place(self, (client.client_id, origin.source) if client.is_public else client.client_id)

    def said(self, client_id: str, origin: Origin) -> "Place":
        """Return a place among the requests that name a client and come from one source."""
        return Place(self, (client_id, origin.source))

    def enter(self, holder: Holder) -> None:
        """Count one more. Raises `BusyError` when the holder has too many in progress."""
        count = self._in_progress.get(holder, 0)
        if count >= self._limit:
            self._shed(REASON)
            raise BusyError
        self._in_progress[holder] = count + 1

    def leave(self, holder: Holder) -> None:
        """Count one less; whoever has none left is forgotten."""
        count = self._in_progress[holder] - 1
        if count:
            self._in_progress[holder] = count
        else:
            del self._in_progress[holder]


class Place:
    """Held from `__enter__`, which raises `BusyError` when there is none, to `__exit__`."""

    __slots__ = ("_holder", "_limit")

    def __init__(self, limit: ClientLimit, holder: Holder) -> None:
        self._limit = limit
        self._holder = holder

    def __enter__(self) -> None:
        self._limit.enter(self._holder)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._limit.leave(self._holder)
