"""Who may begin to sign in while passwords queue: as many as come through, so that whoever began gets to the end.

A password costs more than everything else of a sign-in together, and it comes last: in a crowd, people would fill in a
form and be told then that there is no room. So newcomers are turned away at the first request, for a small part of what
their sign-in costs, and everybody who was let in before them finishes. Three kinds stand outside: whoever shows a
session, for whom nothing may be left to prove; whoever wants no page shown; and requests that come by form, which go on
with a GET. Devices that signed in before are let in for longer.

From the moment at which most places are taken strangers are counted: they begin at the pace at which hashes end, since
a form comes back seconds after its page and the crowd that was let in at once would return at once. The longer the
queue is beyond a second of work, the slower they begin, and none where most places are taken. The pace grows as long as
the queue is shorter than that, until nobody has to be counted; and when nearly all places have been free for a moment,
nobody is. So the queue is short for those whom a surge lets in, the core is never without work, and when the surge is
over there is little left of it.

A place costs whoever takes it one request, so one address has few of them: what it takes beyond is what others leave.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from idp.ports.keys import BusyError
from idp.web.edge.body import MOST_PARAMETERS
from idp.web.edge.context import find_context
from idp.web.edge.cookies import Cookies
from idp.web.edge.proxy import UNKNOWN
from idp.web.pages.visit import DEVICE, SESSION

NEWCOMERS: Final = "newcomers"
"""Why a request was turned away, in the numbers: passwords queue."""

CROWDED: Final = 0.8
FULL: Final = 1.0
"""Parts of the strangers' places in the queue: taken, so that strangers are counted and none begins; and all of them,
so that known devices wait as well."""

SHORT: Final = 1.0
SHORTEST: Final = 0.2
LONGEST: Final = 0.5
"""A queue is short while its hashes take so many seconds, though from the one to the other part of the places."""

CALM: Final = 0.1
CALM_FOR: Final = 3.0
"""When less than this part has been taken for so many seconds, counting ends."""

GROWTH: Final = 1.2
"""How many times as many may begin in a second, for each second with room."""

SLOWEST: Final = 4.0
FASTEST: Final = 1000.0
"""Newcomers a second: what is begun with, and where counting ends."""

AT_ONCE: Final = 8.0
"""How many may begin together at any pace: people do not come evenly."""

SHARE: Final = 3
SHARED_FOR: Final = 5.0
"""How many places one source has in so many seconds; more than one, since carriers put many behind one address."""

MEASURED_FOR: Final = 1.0
LONGEST_LOOK: Final = 60.0
"""Seconds: how long ends of hashes are counted for the pace, and what counts at most of a time without newcomers."""

BRIEFEST: Final = 0.1
FEWEST: Final = 3
"""A crowd that a fast core works off before it could be measured is measured if it took so many seconds and hashes."""

SOONEST: Final = 5
SPREAD: Final = 20
"""Seconds until somebody who was turned away is asked back, and over how many more the others are spread."""

_UNSHOWN: Final = b"prompt=none"
_OVERRIDING: Final = frozenset({b"prompt", b"request", b"request_uri"})
"""What says whether a page is shown; a request object counts instead of the parameters beside it (RFC 9101)."""


class Hashing(Protocol):
    """The queue of passwords."""

    @property
    def finished(self) -> int:
        """How many hashes came to their end so far."""
        ...

    @property
    def room_for_strangers(self) -> int:
        """How many of its places strangers may take."""
        ...

    @property
    def filled(self) -> float:
        """How much of the strangers' places is taken."""
        ...


class Newcomers:
    """The gate of one process. `shed` hears of everybody turned away; it must not raise."""

    def __init__(
        self,
        hashing: Hashing,
        cookies: Cookies,
        shed: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hashing = hashing
        self._cookies = cookies
        self._shed = shed
        self._pace = _Pace(hashing, monotonic)
        self._turned_away = 0

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return `app` for whoever may begin; the others raise `BusyError`."""

        async def gated(scope: Scope, receive: Receive, send: Send) -> None:
            if not self._admits(scope):
                self._shed(NEWCOMERS)
                self._turned_away += 1
                raise BusyError(SOONEST + self._turned_away % SPREAD)
            await app(scope, receive, send)

        return gated

    def _admits(self, scope: Scope) -> bool:
        if scope["method"] == "POST" or not self._pace.counts():
            return True
        if _wants_no_page(scope["query_string"]):
            return True
        cookies = self._cookies.read(scope)
        if SESSION in cookies:
            return True
        if DEVICE in cookies:
            return self._hashing.filled < FULL
        context = find_context(scope)
        return self._pace.takes(UNKNOWN if context is None else context.client_address)


def _wants_no_page(query: bytes) -> bool:
    if _UNSHOWN not in query or query.count(b"&") >= MOST_PARAMETERS:
        return False
    return [pair for pair in query.split(b"&") if pair.partition(b"=")[0] in _OVERRIDING] == [_UNSHOWN]


class _Pace:
    """How fast strangers begin. Outside of crowds nothing is counted."""

    def __init__(self, hashing: Hashing, monotonic: Callable[[], float]) -> None:
        self._hashing = hashing
        self._monotonic = monotonic
        self._a_second: float | None = None
        self._ending = SLOWEST
        self._was_long = False
        self._places = 0.0
        self._looked_at = 0.0
        self._measured_at = 0.0
        self._finished = 0
        self._calm_since: float | None = None
        # By source, in this span. Only places that were taken stand here, so there are no more than the pace allows.
        self._taken: dict[str, int] = {}
        self._taken_since = 0.0

    def counts(self) -> bool:
        """Look at the queue; whether newcomers are counted now."""
        filled = self._hashing.filled
        if self._a_second is None:
            if filled >= CROWDED:
                self._begin()
            return self._a_second is not None
        now = self._monotonic()
        elapsed, self._looked_at = min(now - self._looked_at, LONGEST_LOOK), now
        short = min(LONGEST, max(SHORTEST, SHORT * self._ending / self._hashing.room_for_strangers))
        self._a_second = self._paced(self._a_second, now, elapsed, is_long=filled >= short)
        if filled >= CROWDED:
            self._places = 0.0
        else:
            room = min(1.0, (CROWDED - filled) / (CROWDED - short))
            self._places = min(self._places + room * self._a_second * elapsed, self._most())
        if self._a_second > FASTEST or self._is_calm(filled, now):
            self._a_second = None
            self._taken.clear()
        return self._a_second is not None

    def takes(self, source: str) -> bool:
        """Take a place if there is one for `source`: beyond its share only while more than half are left for others."""
        if self._looked_at - self._taken_since >= SHARED_FOR:
            self._taken.clear()
            self._taken_since = self._looked_at
        taken = self._taken.get(source, 0)
        if self._places < (1 if taken < SHARE else 1 + self._most() / 2):
            return False
        self._places -= 1
        self._taken[source] = taken + 1
        return True

    def _most(self) -> float:
        """Return how many places are kept."""
        return max(AT_ONCE, self._a_second or 0.0)

    def _is_calm(self, filled: float, now: float) -> bool:
        """Return whether the queue has been nearly empty for a while, at every look."""
        if filled >= CALM:
            self._calm_since = None
            return False
        if self._calm_since is None:
            self._calm_since = now
        return now - self._calm_since >= CALM_FOR

    def _begin(self) -> None:
        """Count from now on. How fast hashes end is not known yet."""
        self._a_second = self._ending = SLOWEST
        self._places, self._was_long, self._calm_since = 0.0, True, None
        self._looked_at = self._monotonic()
        self._measure_from(self._looked_at)

    def _paced(self, pace: float, now: float, elapsed: float, *, is_long: bool) -> float:
        """Return how many may begin in a second: as many as hashes end, and ever more while the queue is short.

        Ends are counted where the queue is long, since they follow each other without a pause there.
        """
        watched, ended = now - self._measured_at, self._hashing.finished - self._finished
        was_long, self._was_long = self._was_long, is_long
        if is_long and watched >= MEASURED_FOR:
            self._ending = pace = max(SLOWEST, ended / watched)
            self._measure_from(now)
        elif was_long and not is_long and watched >= BRIEFEST and ended >= FEWEST:
            self._ending = max(SLOWEST, ended / watched)
            pace = max(pace, self._ending)
            self._measure_from(now)
        return pace if is_long else pace * GROWTH**elapsed

    def _measure_from(self, now: float) -> None:
        self._measured_at, self._finished = now, self._hashing.finished
