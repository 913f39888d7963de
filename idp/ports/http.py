"""Outgoing HTTP, through the one guarded client."""

from collections.abc import Mapping
from typing import Any, Protocol

from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said; `body` at most 64 KiB."""

    status: int
    body: bytes


class FormPosting(Protocol):
    """Public https only, or what `IDP_OUTBOUND_ALLOW` names; 5 s, 64 KiB, no redirects."""

    async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
        """POST a form. Raises `OutgoingError` when the address is refused or the call fails."""
        ...


class OutgoingHttp(FormPosting, Protocol):
    """All that goes out, under the same guard."""

    async def post_json(self, url: str, document: Mapping[str, Any], *, bearer: str) -> Answer:
        """POST a JSON object under a bearer token (empty: none). Raises `OutgoingError` likewise."""
        ...

    async def get(self, url: str) -> Answer:
        """GET a document. Raises `OutgoingError` likewise."""
        ...


class OutgoingError(Exception):
    """The call was refused by policy, or did not succeed on the wire."""
