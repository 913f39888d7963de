"""The one client for outgoing calls: no redirects, no cookies, no proxies from the environment, everything bounded."""

import asyncio
import json
import ssl
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from idp.adapters.http.bounded_stream import BoundedTransport
from idp.adapters.http.destination import Address, Destination, OutboundPolicy, Resolve, parse_destination
from idp.adapters.http.resolver import SystemResolver
from idp.domain.values import dataclass
from idp.ports.http import Answer, OutgoingError
from idp.setting_forms import OutboundRule

TOTAL_SECONDS: Final = 5.0
LARGEST_BODY: Final = 64 * 1024
MOST_PIECES: Final = 1024
"""Pieces of a body, whatever frames them: each costs as much as a long one."""
CONNECTIONS: Final = 32
MOST_EACH: Final = 4
"""Calls at a time to one host, where clients register the addresses: one that hangs leaves the others their places."""
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class _Message:
    """What a call says."""

    method: str
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class GuardedHttp:
    """`OutgoingHttp`: each call resolves, checks and connects anew, and is over after five seconds."""

    def __init__(
        self,
        allowed: Sequence[OutboundRule],
        *,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        total_seconds: float = TOTAL_SECONDS,
        most_each: int = MOST_EACH,
    ) -> None:
        """`tls` replaces the system's trusted authorities; `resolve` the system's resolver.

        `most_each`: calls at a time to one host; what is more is refused.
        """
        self._policy = OutboundPolicy(allowed)
        self._system = SystemResolver()
        self._resolve = resolve or self._system
        self._total_seconds = total_seconds
        self._room = asyncio.Semaphore(CONNECTIONS)
        self._most_each = most_each
        self._in_progress: Counter[str] = Counter()
        self._tls = tls

    async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
        """A redirect is an answer like any other; nothing is followed."""
        return await self._call(url, _Message("POST", urlencode(fields).encode("ascii"), _FORM))

    async def post_json(self, url: str, document: Mapping[str, Any], *, bearer: str) -> Answer:
        """Nothing is followed and nothing tried again."""
        content = json.dumps(document, ensure_ascii=False).encode()
        credentials = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return await self._call(url, _Message("POST", content, _JSON | credentials))

    async def get(self, url: str) -> Answer:
        """Nothing is followed; what the answer is, the caller checks."""
        return await self._call(url, _Message("GET"))

    async def _call(self, url: str, message: "_Message") -> Answer:
        destination = parse_destination(url)
        try:
            with self._place_at(destination.host):
                async with asyncio.timeout(self._total_seconds), self._room:
                    address = await self._policy.choose(destination, self._resolve)
                    return await self._send(_request(destination, address, message))
        except TimeoutError as error:
            raise OutgoingError("no answer in time") from error
        except httpx.HTTPError as error:
            raise OutgoingError(f"the call failed ({type(error).__name__})") from error

    @contextmanager
    def _place_at(self, host: str) -> Iterator[None]:
        if self._in_progress[host] >= self._most_each:
            raise OutgoingError("too many calls to that host are in progress")
        self._in_progress[host] += 1
        try:
            yield
        finally:
            self._in_progress[host] -= 1
            if not self._in_progress[host]:
                del self._in_progress[host]

    async def close(self) -> None:
        """Close what is open; look-ups that still wait are dropped."""
        self._system.close()
        if "_transport" in self.__dict__:
            await self._transport.aclose()

    @cached_property
    def _transport(self) -> BoundedTransport:
        """Made for the first call: reading the system's authorities takes longer than most commands."""
        return BoundedTransport(self._tls or ssl.create_default_context(), CONNECTIONS)

    async def _send(self, request: httpx.Request) -> Answer:
        response = await self._transport.handle_async_request(request)
        try:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise OutgoingError("the answer is compressed, which was not asked for")
            body, pieces = bytearray(), 0
            async for chunk in response.aiter_raw():
                body += chunk
                pieces += 1
                if pieces > MOST_PIECES:
                    raise OutgoingError("the answer comes in too many pieces")
                if len(body) > LARGEST_BODY:
                    raise OutgoingError("the answer is larger than 64 KiB")
            return Answer(response.status_code, bytes(body))
        finally:
            await response.aclose()


def _request(destination: Destination, address: Address, message: _Message) -> httpx.Request:
    """Return a request to the checked address, under the name that was asked for (in `Host` and in TLS)."""
    return httpx.Request(
        message.method,
        httpx.URL(scheme=destination.scheme, host=str(address), port=destination.port, raw_path=destination.target),
        headers={
            "Host": destination.authority,
            **message.headers,
            "Accept-Encoding": "identity",
            "User-Agent": "national-identity-provider",
        },
        content=message.content,
        extensions={"sni_hostname": destination.host},
    )
