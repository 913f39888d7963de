"""Services of the state for tests: the simulated ones, reached as the provider reaches them but without sockets."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from idp.ports.http import Answer, OutgoingError


class ServicesInProcess:
    """`OutgoingHttp` on ASGI applications by port; `down` are ports where nobody listens."""

    def __init__(self, **apps: Any) -> None:
        self.apps: dict[int, Any] = {int(port.removeprefix("at_")): app for port, app in apps.items()}
        self.down: set[int] = set()
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def post_json(self, url: str, document: Mapping[str, Any], *, bearer: str) -> Answer:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        self.calls.append((urlsplit(url).path, dict(document)))
        return await self._call("POST", url, content=json.dumps(dict(document)), headers=headers)

    async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
        return await self._call("POST", url, data=fields)

    async def get(self, url: str) -> Answer:
        return await self._call("GET", url)

    async def close(self) -> None:
        """Nothing is open."""

    async def _call(self, method: str, url: str, **content: Any) -> Answer:
        port = urlsplit(url).port or 443
        if port in self.down or port not in self.apps:
            raise OutgoingError("nobody listens")
        transport = httpx.ASGITransport(self.apps[port], raise_app_exceptions=False)
        headers = {"content-type": "application/json", **content.pop("headers", {})}
        async with httpx.AsyncClient(transport=transport) as client:
            answer = await client.request(method, url, headers=headers, **content)
        return Answer(answer.status_code, answer.content)
