"""The views of a person's own data: the identity and its evidence, who saw what, services and receipts."""

from datetime import date, datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import PageView, SharedItem


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDataPage(PageView):
    """A page about the own data, with the token of its forms."""

    csrf_token: str


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """One attribute: claim `name`, the value, where it comes from, until when it counts (or counted: `has_ended`)."""

    name: str
    value: str
    source: str | None = None
    verified_at: datetime | None = None
    expires_at: datetime | None = None
    has_ended: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One piece of evidence: `kind` and `checks` are words of `idp.web.wording`."""

    kind: str
    checks: tuple[str, ...] = ()
    time: datetime | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityPage(OwnDataPage):
    """`/account/identity`: `signed_in_level` is what this sign-in proved."""

    template: ClassVar[str] = "own_identity.html"

    identity_level: int
    level_expires_at: datetime | None
    proved_at: datetime | None
    evidence: tuple[EvidenceRow, ...]
    attributes: tuple[AttributeRow, ...]
    signed_in_level: int
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """What one service received on one day: `items` with its purposes, `times` in all, `last_at` the last of them."""

    service: str
    items: tuple[SharedItem, ...]
    times: int
    last_at: datetime
    by_law: bool


@dataclass(frozen=True, slots=True)
class ReleaseDay:
    """One day, and what left on it."""

    day: date
    rows: tuple[ReleaseRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityPage(OwnDataPage):
    """`/account/activity`: who saw what and why."""

    template: ClassVar[str] = "own_activity.html"

    days: tuple[ReleaseDay, ...]
    next_href: str | None = None
    first: bool = True


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service that may have data: what, since when, on what ground; `withdraw_action` where it stands on consent."""

    name: str
    since: datetime
    items: tuple[SharedItem, ...]
    withdraw_action: str


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One decision about a consent."""

    href: str
    service: str
    at: datetime
    given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicesPage(OwnDataPage):
    """`/account/services`: consents in force, then the receipts of every decision."""

    template: ClassVar[str] = "own_services.html"

    services: tuple[ServiceRow, ...]
    receipts: tuple[ReceiptRow, ...]
    next_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPage(OwnDataPage):
    """`/account/receipts/{id}`: one decision as it was recorded; `record_href` is the same, machine-readable."""

    template: ClassVar[str] = "own_receipt.html"

    receipt_id: str
    service: str
    at: datetime
    given: bool
    items: tuple[SharedItem, ...]
    record_href: str


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look of an officer; `purpose` and `seen` are words of `idp.web.wording.looks`."""

    at: datetime
    agency: str
    position: str
    officer_id: str
    purpose: str
    reference: str
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LooksPage(OwnDataPage):
    """`/account/looks`: who of the staff looked, and why."""

    template: ClassVar[str] = "own_looks.html"

    rows: tuple[LookRow, ...]
    next_href: str | None = None
    first: bool = True
