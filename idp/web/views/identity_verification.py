"""The view of reaching identity level 2 from afar."""

from enum import StrEnum
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage


class CheckResult(StrEnum):
    """What came of the last check, in as few words as help."""

    REFUSED = "refused"
    UNCLEAR = "unclear"
    UNFINISHED = "unfinished"
    NOT_POSSIBLE = "not_possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyIdentityPage(FormPage):
    """Form `verify-identity`: the box `agree`. Nothing is asked of whoever has `level` 2 already.

    `verifier` is the service that people are sent to, `result` what came of the last check.
    """

    template: ClassVar[str] = "verify_identity.html"

    level: int
    verifier: str
    result: CheckResult | None = None
