"""Views of acting for others: the choice at sign-in, mandates, wards and organisations of the account."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from idp.web.views.common import FormPage


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
