"""Views of organisations and guardianships."""

from datetime import date, datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage, Problem


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """One organisation of the list; `stands` is false while nobody may act for it."""

    tax_code: str
    name: str
    href: str
    stands: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationsPage(ConsolePage):
    """Organisations by tax code, a page of them; form `find` goes to one by its field `tax_code`."""

    template: ClassVar[str] = "organisations.html"

    rows: tuple[OrganisationLine, ...]
    next_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateLine:
    """One mandate that an organisation gave; `state` and `functions` are words of `idp.web.wording.acting_words`."""

    holder: str
    services: tuple[str, ...]
    functions: tuple[str, ...]
    first: datetime
    last: datetime
    state: str
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationPage(ConsolePage):
    """One organisation."""

    template: ClassVar[str] = "organisation.html"

    tax_code: str
    name: str
    locked_since: datetime | None
    representatives: tuple[str, ...]
    mandates: tuple[MandateLine, ...]


@dataclass(frozen=True, slots=True)
class GuardianshipLine:
    """One guardianship of the list."""

    guardian: str
    ward: str
    kind: str
    since: datetime
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianshipsPage(ConsolePage):
    """Those that wait, or those in force."""

    template: ClassVar[str] = "guardianships.html"

    waiting: bool
    rows: tuple[GuardianshipLine, ...]
    next_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianshipPage(ConsolePage):
    """One guardianship beside the record; form `guardianship` with `decision` = `confirm` or `end`.

    `known`: somebody has the number; `agrees`: and the record says the same.
    """

    template: ClassVar[str] = "guardianship.html"

    action: str
    guardian: str
    ward: str
    personal_number: str
    birthdate: date
    kind: str
    state: str
    asked_at: datetime
    stage: str | None
    known: bool
    agrees: bool
    may_confirm: bool
    may_end: bool
    problem: Problem | None = None
    notice: str | None = None
