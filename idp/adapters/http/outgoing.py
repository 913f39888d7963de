"""The one client for outgoing calls: no redirects, no cookies, no proxies from the environment, everything bounded."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final
from urllib.parse import urlencode

import httpx

from idp.adapters.http.destination import Address, Destination, OutboundPolicy, Resolve, parse_destination
from idp.ports.http import Answer, OutgoingError
from idp.setting_forms import OutboundRule

TOTAL_SECONDS: Final = 5.0
LARGEST_BODY: Final = 64 * 1024
_CONNECTIONS: Final = 32
_RESOLVER_THREADS: Final = 8


class GuardedHttp:
    """`OutgoingHttp`: each call resolves, checks and connects anew, and is over after five seconds."""

    def __init__(
        self,
        allowed: Sequence[OutboundRule],
        *,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """`tls` replaces the system's trusted authorities; `resolve` the system's resolver."""
        self._policy = OutboundPolicy(allowed)
        self._resolve = resolve or self._system_resolve
        self._total_seconds = total_seconds
        self._room = asyncio.Semaphore(_CONNECTIONS)
        self._resolver_threads = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="resolver")
        # A kept connection to an address would carry another name's certificate: none is kept.
        self._transport = httpx.AsyncHTTPTransport(
            verify=tls or ssl.create_default_context(),
            trust_env=False,
            limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=0),
        )

    async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
        """A redirect is an answer like any other; nothing is followed."""
        destination = parse_destination(url)
        try:
            async with asyncio.timeout(self._total_seconds), self._room:
                address = await self._policy.choose(destination, self._resolve)
                return await self._send(_form_request(destination, address, fields))
        except TimeoutError as error:
            raise OutgoingError("no answer in time") from error
        except httpx.HTTPError as error:
            raise OutgoingError(f"the call failed ({type(error).__name__})") from error

    async def close(self) -> None:
        """Close what is open; look-ups that still wait are dropped."""
        self._resolver_threads.shutdown(wait=False, cancel_futures=True)
        await self._transport.aclose()

    async def _system_resolve(self, host: str, port: int) -> list[str]:
        """Ask the system in threads of its own: names that hang hold up nobody else's work."""
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._resolver_threads, look_up)
        return [str(address[0]) for *_, address in found]

    async def _send(self, request: httpx.Request) -> Answer:
        response = await self._transport.handle_async_request(request)
        try:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise OutgoingError("the answer is compressed, which was not asked for")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise OutgoingError("the answer is larger than 64 KiB")
            return Answer(response.status_code, bytes(body))
        finally:
            await response.aclose()


def _form_request(destination: Destination, address: Address, fields: dict[str, str]) -> httpx.Request:
    """Return a request to the checked address, under the name that was asked for (in `Host` and in TLS)."""
    return httpx.Request(
        "POST",
        httpx.URL(scheme=destination.scheme, host=str(address), port=destination.port, raw_path=destination.target),
        headers={
            "Host": destination.authority,
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept-Encoding": "identity",
            "User-Agent": "national-identity-provider",
        },
        content=urlencode(fields).encode("ascii"),
        extensions={"sni_hostname": destination.host},
    )
