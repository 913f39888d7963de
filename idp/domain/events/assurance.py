"""Events of the assurance policy."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRecorded(Event):
    """A version of the assurance policy was recorded; it counts from `effective_from` (seconds since 1970) on.

    `account_id` is who decided; nobody where it came with an operator's file.
    """

    name: ClassVar[str] = "assurance_policy.recorded"
    version: int
    effective_from: int
    account_id: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTried(Event):
    """An administrator saw what other rules than those of `version` would have made of so many `sign_ins`."""

    name: ClassVar[str] = "assurance_policy.tried"
    account_id: AccountId
    version: int
    sign_ins: int
    more: int
    failed: int
