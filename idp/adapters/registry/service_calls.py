"""Calls to one service of the state: left alone while it is silent, repeated only where nothing is changed by it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from idp.adapters.breaker import Breaker
from idp.ports.errors import StoreUnavailableError
from idp.ports.http import Answer, OutgoingError, OutgoingHttp

REPEATS: Final = 1
"""How often a read is repeated."""

PAUSE: Final = 0.1
"""Seconds before it is."""

_OK: Final = 200
_TOO_MANY: Final = 429
_FAILED: Final = 500
_LATER: Final = 30


class ServiceSilentError(Exception):
    """No answer of the service's form came. `retry_after` in seconds."""

    def __init__(self, retry_after: int = _LATER) -> None:
        super().__init__("the service does not answer")
        self.retry_after = retry_after


class ServiceCalls:
    """JSON in, JSON out. `pause` waits between repeats."""

    def __init__(
        self,
        http: OutgoingHttp,
        breaker: Breaker,
        *,
        bearer: str = "",
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._breaker = breaker
        self._bearer = bearer
        self._pause = pause

    async def read(self, url: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask for something; a call that failed is repeated. Raises `ServiceSilentError`."""
        return await self._guarded(lambda: self._repeated(url, document))

    async def send(self, url: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask for a change; a call that failed may have made it, so it is not repeated. Raises `ServiceSilentError`."""
        return await self._guarded(lambda: self._once(url, document))

    async def _guarded(self, call: Callable[[], Awaitable[Answer]]) -> Mapping[str, Any]:
        try:
            answer = await self._breaker.run(call)
        except StoreUnavailableError as silent:
            raise ServiceSilentError(max(silent.retry_after, _LATER)) from silent
        if answer.status != _OK:
            raise ServiceSilentError
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise ServiceSilentError from error
        if not isinstance(document, dict):
            raise ServiceSilentError
        return document

    async def _repeated(self, url: str, document: Mapping[str, Any]) -> Answer:
        for _ in range(REPEATS):
            try:
                return await self._once(url, document)
            except StoreUnavailableError:
                await self._pause(PAUSE)
        return await self._once(url, document)

    async def _once(self, url: str, document: Mapping[str, Any]) -> Answer:
        """One call; silence and failure on the other side are what the breaker counts."""
        try:
            answer = await self._http.post_json(url, document, bearer=self._bearer)
        except OutgoingError as error:
            raise StoreUnavailableError from error
        if answer.status >= _FAILED or answer.status == _TOO_MANY:
            raise StoreUnavailableError
        return answer
