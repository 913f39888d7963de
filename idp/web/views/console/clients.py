"""Views of the services room."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRow:
    """One line of the list; `stage` is onboarding, production or disabled."""

    href: str
    client_id: str
    name: str
    stage: str
    minimum_level: int
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsPage(ConsolePage):
    """A page of the list, with a search by the beginning of the identifier or by words of the name (`q`)."""

    template: ClassVar[str] = "clients.html"

    action: str
    words: str
    rows: tuple[ClientRow, ...]
    next_href: str | None = None
    new_href: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim that may leave: for what purpose, on which legal basis, by which article."""

    name: str
    purpose: str
    basis: str
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppraisalFacts:
    """An appraisal with its clock; `verdict` is None while it is under way."""

    started_at: datetime
    due_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    verdict: str | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """What is recorded of the service's way; `missing` names the gates that are shut."""

    purpose: str
    agreement: str
    agreement_date: str
    security_level: int | None
    appraisal: AppraisalFacts | None
    testers: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPage(ConsolePage):
    """One service. Forms `gates`, `appraisal`, `verdict`, `tester`, `production`, `secret`, `switch`, where they count.

    `secret` is shown this once. `claims` is None where the scopes alone decide.
    """

    template: ClassVar[str] = "client.html"

    action: str
    client_id: str
    name: str
    stage: str
    disabled: bool
    registered: tuple[tuple[str, str], ...]
    scopes: tuple[str, ...]
    claims: tuple[ClaimRow, ...] | None
    gates: GateFacts
    typed: dict[str, str]
    levels: tuple[str, ...]
    overlaps: tuple[tuple[str, str], ...]
    change_href: str | None
    may_manage: bool
    may_ask_production: bool
    has_secret: bool
    retiring: tuple[datetime, ...]
    secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFormPage(ConsolePage):
    """Form `client`: `client_id` for new ones, then `name_vi`, `name_en`, `redirect_uris`, `scope` and the like.

    In `claims` stands a line for each: name, legal basis, purpose in Vietnamese and in English, article.
    """

    template: ClassVar[str] = "client_form.html"

    action: str
    client_id: str | None
    typed: dict[str, str]
    back_href: str
    in_production: bool
    bases: tuple[str, ...]
