"""What every audit event has, and where a request came from."""

from typing import Any, ClassVar

import msgspec

from idp.domain.ids import RequestId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: its identifier and a keyed pseudonym of its network address."""

    request_id: RequestId
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every audit event has. `name` is stable: exports and dashboards rely on it."""

    name: ClassVar[str] = ""
    origin: Origin

    def fields(self) -> dict[str, Any]:
        """The event's own fields as plain values, `None` left out."""
        raw = msgspec.to_builtins(self)
        origin = raw.pop("origin")
        return {**origin, **{key: value for key, value in raw.items() if value is not None}}
