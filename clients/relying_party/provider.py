"""OpenID Connect Discovery 1.0 §4 and RFC 7517: the provider's endpoints and keys, fetched when first needed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from jose import jwk
from jose.backends.base import Key
from jose.exceptions import JWKError

from clients.relying_party.clock import Clock
from clients.relying_party.refusals import ProviderUnavailable
from clients.relying_party.settings import LOOPBACK

METADATA_LIFETIME = 3600  # seconds
KEYS_LIFETIME = 3600  # seconds: a withdrawn key is forgotten within the hour
REFETCH_PAUSE = 10  # seconds between two fetches that unseen key ids may cause
KEY_TYPES = {"ES256": "EC", "RS256": "RSA"}


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    end_session_endpoint: str
    jwks_uri: str


class Provider:
    """What the provider publishes; nothing is fetched before it is needed."""

    def __init__(self, issuer: str, http: httpx.AsyncClient, clock: Clock) -> None:
        self.issuer = issuer
        self._http = http
        self._clock = clock
        self._lock = asyncio.Lock()
        self._metadata: ProviderMetadata | None = None
        self._metadata_until = 0
        self._keys: dict[tuple[str, str], Key] = {}
        self._keys_until = 0
        self._next_refetch = 0

    async def metadata(self) -> ProviderMetadata:
        """Return the provider's endpoints; raises ProviderUnavailable."""
        async with self._lock:
            if self._metadata is None or self._clock.now() >= self._metadata_until:
                self._metadata = await self._fetch_metadata()
                self._metadata_until = self._clock.now() + METADATA_LIFETIME
            return self._metadata

    async def key(self, key_id: str, algorithm: str) -> Key | None:
        """Return the provider's key of this id and algorithm, or None; an unseen id causes at most one fetch a pause.

        Raises ProviderUnavailable when the keys were never fetched and cannot be.
        """
        metadata = await self.metadata()
        async with self._lock:
            now = self._clock.now()
            is_unseen = (key_id, algorithm) not in self._keys
            if now >= self._keys_until or (is_unseen and now >= self._next_refetch):
                self._keys = _signature_keys(await self._document(metadata.jwks_uri))
                self._keys_until = now + KEYS_LIFETIME
                self._next_refetch = now + REFETCH_PAUSE
            return self._keys.get((key_id, algorithm))

    async def _fetch_metadata(self) -> ProviderMetadata:
        document = await self._document(f"{self.issuer}/.well-known/openid-configuration")
        # §4.3: "The issuer value returned MUST be identical to the Issuer URL that was used as the prefix"
        if document.get("issuer") != self.issuer:
            raise ProviderUnavailable("discovery names another issuer")
        endpoints = {name: document.get(name) for name in ProviderMetadata.__slots__ if name != "issuer"}
        for name, url in endpoints.items():
            if not isinstance(url, str) or not _is_safe(url):
                raise ProviderUnavailable(f"discovery has no usable {name}")
        return ProviderMetadata(issuer=self.issuer, **{name: str(url) for name, url in endpoints.items()})

    async def _document(self, url: str) -> Mapping[str, Any]:
        try:
            response = await self._http.get(url, headers={"Accept": "application/json"})
            response.raise_for_status()
            document = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderUnavailable(f"{urlsplit(url).path}: {type(error).__name__}") from error
        if not isinstance(document, dict):
            raise ProviderUnavailable(f"{urlsplit(url).path}: not a JSON object")
        return document


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _signature_keys(document: Mapping[str, Any]) -> dict[tuple[str, str], Key]:
    """Return the usable signature keys by id and algorithm; parsed once, since parsing costs more than verifying."""
    keys: dict[tuple[str, str], Key] = {}
    entries = document.get("keys")
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
            continue
        for algorithm, key_type in KEY_TYPES.items():
            is_for_it = entry.get("kty") == key_type and entry.get("alg", algorithm) == algorithm
            if is_for_it and entry.get("use", "sig") == "sig":
                try:
                    keys[entry["kid"], algorithm] = jwk.construct(entry, algorithm)
                except (JWKError, KeyError, TypeError, ValueError):
                    continue  # one malformed key must not make the others unusable
    return keys
