"""Views of what happened to an officer's account, for whoever asks or decides that it gets roles."""

from datetime import datetime

from idp.domain.values import dataclass
from idp.web.views.account_security import HappenedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyFacts:
    """`taken_over_at`: a takeover that is fresh; `outdated`: nobody can approve what was asked any more."""

    taken_over_at: datetime | None
    outdated: bool
    happened: tuple[HappenedRow, ...]
