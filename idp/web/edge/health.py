"""`/livez` and `/readyz`: whether the process runs, and whether it can do its work.

Readiness is asked often, and by several; a result is good for a second and looked up by one caller at a time. An answer
names the parts that fail and says nothing about why: the log does. A store is asked through its breaker: an open one
shows as that store's failure, and a node that gets no requests any more finds out by these questions that it may close.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Collection, Mapping

from starlette.types import Receive, Scope, Send

from idp.web.edge.answers import FixedAnswer, send_answer
from idp.web.edge.draining import Draining
from idp.web.edge.headers import Headers
from idp.web.edge.router import Route

Check = Callable[[], Awaitable[object]]
"""Returns when the part works; raises anything when it does not."""

GOOD_FOR = 1.0
LONGEST_CHECK = 2.0
JSON = b"application/json"
_LATER = (b"retry-after", b"1")


def liveness(headers: Headers) -> FixedAnswer:
    """Return the answer of `/livez`: whoever can give it is alive."""
    return FixedAnswer(200, headers, b'{"status":"alive"}', JSON)


class Readiness:
    """Runs the checks, remembers the result for a second, and says no for good once the process is leaving.

    `dispensable` names parts without which a node still has work that it can do, such as turning refresh tokens while
    sign-ins are answered 503: one that fails is told, and the node stays in service. Nodes share such a part, and to
    take all of them out would help nobody.
    """

    def __init__(
        self,
        checks: Mapping[str, Check],
        draining: Draining,
        dispensable: Collection[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks = checks
        self._dispensable = dispensable
        self._draining = draining
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._results: dict[str, bool] = {}
        self._looked_at = float("-inf")

    @property
    def is_draining(self) -> bool:
        """Whether a balancer should send nobody here any more, whatever works."""
        return self._draining.begun

    async def results(self) -> Mapping[str, bool]:
        """Return for each part whether it works, at most a second old."""
        async with self._lock:
            if self._monotonic() - self._looked_at >= GOOD_FOR:
                outcomes = await asyncio.gather(*(_works(check) for check in self._checks.values()))
                self._results = dict(zip(self._checks, outcomes, strict=True))
                self._looked_at = self._monotonic()
            return self._results

    async def told(self) -> Mapping[tuple[str, ...], float]:
        """Return 1 for each part that works and 0 for the others, by name (a label)."""
        return {(part,): float(works) for part, works in (await self.results()).items()}

    async def is_ready(self) -> bool:
        """Return whether everything that a node cannot do without works, and the process is not leaving."""
        results = await self.results()
        return not self.is_draining and all(works or part in self._dispensable for part, works in results.items())


async def _works(check: Check) -> bool:
    try:
        async with asyncio.timeout(LONGEST_CHECK):
            await check()
    except Exception:  # noqa: BLE001 -- whatever it is, the part does not work
        return False
    return True


def probe_routes(readiness: Readiness, headers: Headers) -> tuple[Route, ...]:
    """Return the routes of both probes, answered however busy the process is."""
    return (
        Route("/livez", "livez", {"GET": liveness(headers)}, always=True),
        Route("/readyz", "readyz", {"GET": ReadinessEndpoint(readiness, headers)}, always=True),
    )


class ReadinessEndpoint:
    """The handler of `/readyz`."""

    def __init__(self, readiness: Readiness, headers: Headers) -> None:
        self._readiness = readiness
        self._headers = headers

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        if self._readiness.is_draining:
            # At once: a balancer must hear it before the listener closes, even while a store hangs.
            await send_answer(send, 503, (*self._headers, _LATER), b'{"status":"draining","checks":{}}', JSON)
            return
        ready = await self._readiness.is_ready()
        parts = {name: "ok" if works else "failed" for name, works in (await self._readiness.results()).items()}
        status = "unavailable" if not ready else "degraded" if "failed" in parts.values() else "ready"
        body = json.dumps({"status": status, "checks": parts}).encode()
        headers = self._headers if ready else (*self._headers, _LATER)
        await send_answer(send, 200 if ready else 503, headers, body, JSON)
