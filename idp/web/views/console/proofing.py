"""Views of the counter."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of the queue."""

    href: str
    case_id: str
    agency_code: str
    state: str
    opened_at: datetime
    expires_at: datetime
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofingPage(ConsolePage):
    """Form `find` (`number`) for whoever works at a counter, and the cases that are not decided."""

    template: ClassVar[str] = "proofing.html"

    action: str
    may_work: bool
    rows: tuple[CaseRow, ...]
    next_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """The record as the officer compares it."""

    name: str
    birthdate: str
    gender: str
    personal_number: str
    former_numbers: tuple[str, ...]
    identity_level: int
    card_number: str | None
    card_issued: str | None
    card_expires: str | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessRow:
    """Somebody whose record is like this one. Who that is, stands on the page of the comparison."""

    href: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEntry:
    """One scanned page as typed."""

    kind: str = ""
    url: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedFindings:
    """What the officer typed, kept when it is refused."""

    checks: frozenset[str] = frozenset()
    card_number: str = ""
    card_issued: str = ""
    card_expires: str = ""
    ground: str = ""
    pages: tuple[PageEntry, ...] = (PageEntry(), PageEntry(), PageEntry())


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFacts:
    """What was found in a case that was decided, or that waits for a second officer."""

    checks: tuple[str, ...]
    ground: str | None
    card_number: str | None
    card_issued: str | None
    card_expires: str | None
    pages: tuple[PageEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryView:
    """A code by which somebody gets back in at `address`; before `waits_until` together with one from the mailbox."""

    code: str
    address: str
    expires_at: datetime
    waits_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage(ConsolePage):
    """Forms `proofing` and `refuse` while the officer may decide; `code` after a passed case.

    What is handed over stands in `#activation-code`, `#activation-link` or `#recovery-code`, once. `code`: `lost` is
    empty, `password` or `both`.

    `proofing`: `check_…` for each of `checks`, `card_number`, `card_issued`, `card_expires`, `ground`, and for each
    scanned page `page_N_kind`, `page_N_url`, `page_N_digest`.
    """

    template: ClassVar[str] = "proofing_case.html"

    action: str
    code_action: str
    case_id: str
    state: str
    reason: str | None
    change_href: str | None
    opened_at: datetime
    expires_at: datetime
    person: PersonFacts
    found: FoundFacts | None
    likenesses: tuple[LikenessRow, ...]
    checks: tuple[str, ...]
    grounds: tuple[str, ...]
    reasons: tuple[str, ...]
    page_kinds: tuple[str, ...]
    typed: TypedFindings
    may_decide: bool
    may_hand_over_code: bool
    begins_anew: bool
    without_password: bool
    link_hours: int
    code: str | None = None
    link: str | None = None
    recovery: RecoveryView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePage(ConsolePage):
    """Form `merge`: `surviving` and `number`, each `this` or `other`."""

    template: ClassVar[str] = "proofing_merge.html"

    action: str
    case_href: str
    this: PersonFacts
    other: PersonFacts
    kinds: tuple[str, ...]
    surviving: str = "this"
    number: str = "this"
