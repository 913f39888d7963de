"""Views of locks and of authorities' requests."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """One line of the list."""

    href: str
    direction: str
    authority: str
    state: str
    entered_at: datetime
    due_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LocksPage(ConsolePage):
    """A page of requests, and form `find` with `identifier`: an account to look at, or to enter a request for."""

    template: ClassVar[str] = "locks.html"

    action: str
    rows: tuple[RequestRow, ...]
    closed: bool
    next_href: str | None = None
    typed: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRow:
    """One lock of an account; `request_href` leads to the request that it came of.

    `authority` is the office that asked for it or did it, `lifter` who may end it; the words for both that and `reason`
    stand in `idp.web.wording.locks`.
    """

    ground: str
    authority: str
    reason: str
    lifter: str
    since: datetime
    until: datetime | None
    ended: datetime | None
    request_href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLocksPage(ConsolePage):
    """The locks of one account; form `end-own`, and form `request`, where they may be sent.

    `unlockable` are the references of authorities' locks that are open, with what they are called.
    """

    template: ClassVar[str] = "account_locks.html"

    account_id: str
    rows: tuple[LockRow, ...]
    end_own_action: str | None
    request_action: str | None
    reasons: tuple[str, ...]
    unlockable: tuple[tuple[str, str], ...] = ()
    typed: dict[str, str]
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRequestPage(ConsolePage):
    """One request with its clock; forms `forward`, `carry-out` and `refuse` (`refusal`), where they count."""

    template: ClassVar[str] = "lock_request.html"

    direction: str
    state: str
    authority: str
    reason: str
    legal_reference: str
    document_digest: str
    account_href: str
    account_id: str
    entered_at: datetime
    forwarded_at: datetime | None
    decided_at: datetime | None
    due_at: datetime | None
    until: datetime | None
    late: bool
    refusal: str
    action: str
    may_forward: bool
    may_decide: bool
    typed: str = ""
    problem: Problem | None = None
