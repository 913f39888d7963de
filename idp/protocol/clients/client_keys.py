"""OpenID Connect Registration section 2 and RFC 7591 section 2: the keys of a client, by value or by reference.

A set published under `jwks_uri` is fetched when it is first needed, kept for five minutes, and fetched again at once
when a token names a key that is not in it, though not oftener than every ten seconds: anybody can name any key. An
empty one is fetched again after those ten seconds.

When a set cannot be fetched, the keys known before stay good for a day at most: so a client lives through an outage,
and who ended a key by taking it down need not keep the address alive. A publisher that says the set is gone (404, 410)
is believed at once.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.ids import Seconds
from idp.domain.values import dataclass
from idp.ports.clock import Clock
from idp.ports.foreign_tokens import ForeignTokens, Jwk, UnknownKeyError, UnverifiedToken, VerifiedToken
from idp.ports.http import OutgoingError, OutgoingHttp
from idp.ports.keys import BusyError, UnreadableTokenError

KEPT_FOR: Final = 300
"""Seconds."""

PAUSE: Final = 10
"""Seconds between two fetches of one set, failed and empty ones included."""

LONGEST_OUTAGE: Final = 86_400
"""Seconds after the last good fetch for which keys stay good that cannot be fetched again."""

_MOST_WAITING: Final = 64
"""Requests that wait for one fetch: anybody can name a client whose keys come late, and each holds a place."""

_MOST_KEYS: Final = 32
_MOST_SETS: Final = 4096
_OK: Final = 200
_GONE: Final = frozenset({404, 410})
_TEXTS: Final = ("kty", "crv", "use", "alg", "kid")
"""Members that say what a key is for (RFC 7517 section 4): case-sensitive strings, all of them."""


@dataclass(slots=True)
class _KeptSet:
    keys: tuple[Jwk, ...]
    tried_at: Seconds
    fetched_at: Seconds
    """When the keys were last seen where they are published."""

    def lasts(self, at_most_old: int) -> int:
        """Return for how many seconds after the last try nothing has to be fetched."""
        return at_most_old if self.keys and self.fetched_at == self.tried_at else min(at_most_old, PAUSE)


@dataclass(slots=True)
class _Fetch:
    """A fetch under way, and how many wait for it."""

    task: asyncio.Task[_KeptSet]
    waiting: int = 0


class ClientKeys:
    """Knows the public keys of clients, and verifies what they signed."""

    def __init__(self, tokens: ForeignTokens, http: OutgoingHttp, clock: Clock) -> None:
        self._tokens = tokens
        self._http = http
        self._clock = clock
        self._kept: dict[str, _KeptSet] = {}
        self._fetches: dict[str, _Fetch] = {}

    async def verify(self, client: Client, token: UnverifiedToken, algorithms: AbstractSet[str]) -> VerifiedToken:
        """Check that the client signed, by one of `algorithms`.

        Raises `UnreadableTokenError`, or `BusyError` when too many wait for its keys.
        """
        try:
            return self._tokens.verify(token, await self.of(client), algorithms)
        except UnknownKeyError:
            if client.jwks_uri is None:
                raise
        # OpenID Connect Core section 10.1.1: the signer rolls its keys over by publishing and then naming a new one.
        return self._tokens.verify(token, await self._fetched(client.jwks_uri, at_most_old=PAUSE), algorithms)

    async def of(self, client: Client) -> Sequence[Jwk]:
        """Return the client's keys; none when it registered none or they cannot be fetched."""
        if client.jwks is not None:
            return tuple(client.jwks["keys"])
        return () if client.jwks_uri is None else await self._fetched(client.jwks_uri, at_most_old=KEPT_FOR)

    async def fresh(self, client: Client) -> Sequence[Jwk]:
        """Return the keys that the client publishes now, fetched again unless that was done just before."""
        return () if client.jwks_uri is None else await self._fetched(client.jwks_uri, at_most_old=PAUSE)

    async def _fetched(self, url: str, *, at_most_old: int) -> tuple[Jwk, ...]:
        kept = self._kept.get(url)
        if kept is not None and self._clock.now() - kept.tried_at < kept.lasts(at_most_old):
            return kept.keys
        # One fetch for everybody who waits; who gives up does not end it for the others.
        fetch = self._fetches.get(url)
        if fetch is None:
            fetch = _Fetch(asyncio.create_task(self._fetch(url)))
            self._fetches[url] = fetch
            fetch.task.add_done_callback(lambda _: self._fetches.pop(url, None))
        if fetch.waiting >= _MOST_WAITING:
            if kept is None or not kept.keys:
                raise BusyError
            return kept.keys
        fetch.waiting += 1
        return (await asyncio.shield(fetch.task)).keys

    async def _fetch(self, url: str) -> _KeptSet:
        kept = await self._tried(url)
        if url not in self._kept and len(self._kept) >= _MOST_SETS:
            self._kept.pop(next(iter(self._kept)))
        self._kept[url] = kept
        return kept

    async def _tried(self, url: str) -> _KeptSet:
        before = self._kept.get(url)
        try:
            answer = await self._http.get(url)
            now = self._clock.now()
            if answer.status == _OK:
                return _KeptSet(_read_key_set(answer.body), now, now)
            if answer.status in _GONE:
                return _KeptSet((), now, now)
        except (OutgoingError, UnreadableTokenError):
            now = self._clock.now()
        # What was good before stays good through an outage.
        if before is None or now - before.fetched_at >= LONGEST_OUTAGE:
            return _KeptSet((), now, now)
        return _KeptSet(before.keys, now, before.fetched_at)


def _read_key_set(body: bytes) -> tuple[Jwk, ...]:
    """Return the keys of a JWK Set (RFC 7517 section 5). Raises `UnreadableTokenError`.

    Section 5: "Implementations SHOULD ignore JWKs within a JWK Set that use "kty" (key type) values that are not
    understood by them, that are missing required members, or for which values are out of the supported ranges."
    """
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableTokenError("the key set is not JSON") from error
    keys = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(keys, list) or len(keys) > _MOST_KEYS or not all(isinstance(key, dict) for key in keys):
        raise UnreadableTokenError("not a key set")
    return tuple(key for key in keys if all(isinstance(key.get(name, ""), str) for name in _TEXTS))
