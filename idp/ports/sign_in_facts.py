"""Facts of sign-ins: stored by whoever reads the audit trail, counted by reports and dry runs."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from idp.domain.ids import ClientId, Seconds
from idp.domain.sign_ins.sign_in_fact import Outcome, Shape, SignInFact
from idp.domain.values import dataclass


class Dimension(StrEnum):
    """What counts can be told apart by."""

    HOUR = "hour"
    """The beginning of the hour, in seconds since 1970."""
    CLIENT = "client_id"
    OUTCOME = "outcome"
    ERROR = "error"
    KIND = "account_kind"
    LEVEL = "level"
    ACR = "acr"
    METHODS = "methods"
    """The `amr` values of a sign-in, sorted, with a space between."""
    SECOND_FACTOR = "second_factor"
    """1 where the account had a second factor."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` up to `until`, which is not in it any more."""

    since: Seconds
    until: Seconds


@dataclass(frozen=True, slots=True)
class ShapeCount:
    """How many requests of one shape a client was granted; `second_factor`: by people who had one."""

    client_id: ClientId
    shape: Shape
    second_factor: bool
    count: int


class SignInFacts(Protocol):
    """Stores and counts facts."""

    async def position(self, stream: str) -> int:
        """The sequence of the last record of `stream` that facts were made of; 0 before the first."""
        ...

    async def add(self, stream: str, seen: int, reached: int, facts: Sequence[SignInFact]) -> bool:
        """Store the facts made of the records behind `seen` up to `reached`, and move the position there.

        One transaction. False, and nothing stored, when the position is not at `seen` any more: somebody else reads.
        """
        ...

    async def counts(
        self, by: tuple[Dimension, ...], period: Period, outcomes: frozenset[Outcome]
    ) -> tuple[tuple[tuple[str | int, ...], int], ...]:
        """How many facts there are for each combination of values of the dimensions in `by`, in their order."""
        ...

    async def shapes(self, period: Period) -> tuple[ShapeCount, ...]:
        """What was granted, by client, shape and second factor."""
        ...
