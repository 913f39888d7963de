"""Outgoing HTTP, through the one guarded client."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said; `body` at most 64 KiB."""

    status: int
    body: bytes


class OutgoingHttp(Protocol):
    """Public https only, or what `IDP_OUTBOUND_ALLOW` names; 5 s, 64 KiB, no redirects."""

    async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
        """POST a form. Raises `OutgoingError` when the address is refused or the call fails."""
        ...


class OutgoingError(Exception):
    """The call was refused by policy, or did not succeed on the wire."""
