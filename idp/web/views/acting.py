"""Views of acting for others: the choice at sign-in, mandates, wards and organisations of the account."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalChoice:
    """One principal: `value` is what the form sends. Oneself has neither `kind` nor `basis`.

    `kind` is `organisation`, `ward` or `person`, `basis` why the person may act; both are put into words by
    `idp.web.wording.acting_words`. `functions` are all that may be done, empty for everything; `until` the last day.
    """

    value: str
    name: str
    kind: str | None = None
    basis: str | None = None
    tax_code: str | None = None
    functions: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalPage(FormPage):
    """Form `principal`: field `principal`, one of `choices`, of which oneself is the first."""

    template: ClassVar[str] = "principal.html"

    choices: tuple[PrincipalChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateRow:
    """One mandate as the reader sees it. `given`: by the reader's side, else to the reader.

    `agree_action` is there while the reader has to agree, `end_action` while there is something to take back; the words
    for `state` and `end` stand in `idp.web.wording.acting_words`. `missing` counts representatives who have not agreed.
    """

    giver: str
    holder: str
    given: bool
    state: str
    end: str | None
    services: tuple[str, ...]
    functions: tuple[str, ...]
    first: datetime
    last: datetime
    missing: int = 0
    waits_for_holder: bool = False
    agree_action: str | None = None
    end_action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WardRow:
    """One guardianship. `guarding`: the reader is the guardian. `state` is `waiting`, `in_force` or `ended`."""

    name: str
    guardian: str
    guarding: bool
    kind: str
    state: str
    end: str | None = None
    stage: str | None = None
    end_action: str | None = None


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation that the reader represents, with everybody who does; `dissolved` says that nobody does now."""

    tax_code: str
    name: str
    representatives: tuple[str, ...]
    dissolved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MandatesPage(PageView):
    """`/account/mandates`: organisations, mandates, wards. `notice` is a word of `idp.web.wording.acting_words`."""

    template: ClassVar[str] = "mandates.html"

    csrf_token: str
    organisations: tuple[OrganisationRow, ...]
    mandates: tuple[MandateRow, ...]
    wards: tuple[WardRow, ...]
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to tick or choose: what the form sends, and its words."""

    value: str
    words: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMandatePage(PageView):
    """Form `mandate`: `giver`, `holder_number`, `holder_name`, `service.ID`, `function.NAME`, `first`, `last`."""

    template: ClassVar[str] = "new_mandate.html"

    csrf_token: str
    givers: tuple[Option, ...]
    services: tuple[Option, ...]
    functions: tuple[Option, ...]
    typed: dict[str, str]
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWardPage(PageView):
    """Form `ward`: `kind` (`minor`, `ward`), `personal_number`, `name`, `birthdate`."""

    template: ClassVar[str] = "new_ward.html"

    csrf_token: str
    typed: dict[str, str]
    refusal: str | None = None
