"""Views of the people room."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage
from idp.web.views.console.proofing import PersonFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage(ConsolePage):
    """Form `find`: `purpose` (among `purposes`), `reference`, and `identifier`, or `name` with `born`."""

    template: ClassVar[str] = "people.html"

    action: str
    purposes: tuple[str, ...]
    typed: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRow:
    """One person of a list; `pick` stands for him or her on this list."""

    pick: str
    name: str
    birthdate: str
    gender: str
    identity_level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage(ConsolePage):
    """Those whom a search found: form `pick` with a button `pick` for each."""

    template: ClassVar[str] = "people_found.html"

    action: str
    rows: tuple[ListedRow, ...]
    purpose: str
    reference: str
    back_href: str
    next_href: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One piece of evidence: `kind` and `checks` are words of `idp.web.wording.proof`."""

    kind: str
    checks: tuple[str, ...]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock of the account; `ended` is None while it is open."""

    ground: str
    since: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage(ConsolePage):
    """One person, as it stands on record. `person` is the record; the account's parts are empty when it was merged."""

    template: ClassVar[str] = "person.html"

    person: PersonFacts
    purpose: str
    reference: str
    back_href: str
    level_expires_at: datetime | None
    proved_at: datetime | None
    evidence: tuple[EvidenceLine, ...]
    account_id: str | None
    last_used_at: datetime | None
    has_password: bool
    authenticators: tuple[tuple[str, datetime], ...]
    locks: tuple[HeldLock, ...]
    events: tuple[tuple[datetime, str], ...]
    locks_href: str | None
    proofing_href: str | None
