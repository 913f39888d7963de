"""After every flow test: nothing personal stands in logs, metrics, audit records or addresses.

What is looked for is every personal value of `records.yaml`; what a service puts into its own request (`login_hint`,
the `claims` parameter) and what SCIM puts into a query is theirs.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

import httpx
import yaml
from starlette.types import ASGIApp

from idp.adapters.sql.stores import Stores

_PERSONAL: Final = ("personal_number", "name", "email", "phone_number", "username", "given_name", "password")
_OTHERS_WRITE: Final = ("/authorize?", "/scim/")
_LEAST: Final = 6
"""Characters: a shorter name is a word like any other."""


def personal_values(records: str) -> frozenset[str]:
    """Return every personal value of an import file."""
    document: dict[str, Any] = yaml.safe_load(records)
    return frozenset(
        str(person[name])
        for person in (*document["people"], *document["officers"])
        for name in _PERSONAL
        if len(str(person.get(name, ""))) >= _LEAST
    )


class Lines(io.RawIOBase):
    """Keeps the lines of a log and hands them on."""

    def __init__(self, onward: io.BufferedIOBase) -> None:
        super().__init__()
        self.kept = bytearray()
        self._onward = onward

    def write(self, line: Any) -> int:
        self.kept += line
        self._onward.write(line)
        return len(line)

    def flush(self) -> None:
        self._onward.flush()


@dataclass
class Watch:
    """Sees what leaves a provider besides its answers."""

    values: frozenset[str]
    lines: Lines
    addresses: list[str] = field(default_factory=list)

    def around(self, application: ASGIApp) -> httpx.AsyncBaseTransport:
        """Return the transport to the application that notes every address."""
        return _Noting(self, application)

    async def look(self, stores: Stores, application: ASGIApp) -> None:
        """Raise AssertionError naming where something personal stands."""
        found = [f"log: {value}" for value in self._in(self.lines.kept.decode())]
        async for record in stores.audit_log.records():
            found += [f"audit record {record.name}: {value}" for value in self._in(record.payload.decode())]
        for address in self.addresses:
            if not address.startswith(_OTHERS_WRITE):
                found += [f"address {address}: {value}" for value in self._in(unquote(address.replace("+", " ")))]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application)) as client:
            metrics = (await client.get("http://localhost:8000/metrics")).text
        found += [f"metrics: {value}" for value in self._in(metrics)]
        assert found == []

    def _in(self, text: str) -> Iterator[str]:
        return (value for value in self.values if value in text)


class _Noting(httpx.AsyncBaseTransport):
    def __init__(self, watch: Watch, application: ASGIApp) -> None:
        self._watch = watch
        self._inner = httpx.ASGITransport(application)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._watch.addresses.append(request.url.raw_path.decode())
        response = await self._inner.handle_async_request(request)
        place = response.headers.get("location", "")
        # Where the answer goes to a service, its own parameters come back with it.
        if place.startswith("/"):
            self._watch.addresses.append(place)
        return response
