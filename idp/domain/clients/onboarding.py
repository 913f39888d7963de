"""How a service comes into production: a written agreement, a security level, a purpose and an appraisal.

Data on the client's record. A service without such data was there before it was kept, or came by an operator's file,
and is in production.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

import msgspec

from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

LEAST_SECURITY_LEVEL: Final = 3
SECURITY_LEVELS: Final = range(1, 6)
"""Levels of information-security (Decree 85/2016)."""

APPRAISAL_TIME: Final = 30 * 24 * 3600
"""Seconds within which an appraisal is to be decided."""

MOST_TESTERS: Final = 20


class OnboardingStage(StrEnum):
    """Where a service stands."""

    ONBOARDING = "onboarding"
    """It signs in named testers, and nobody else."""
    PRODUCTION = "production"


class Verdict(StrEnum):
    """What came of an appraisal."""

    PASSED = "passed"
    REFUSED = "refused"


class Gate(StrEnum):
    """What has to be there before a service goes into production."""

    AGREEMENT = "agreement"
    SECURITY_LEVEL = "security_level"
    PURPOSE = "purpose"
    APPRAISAL = "appraisal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """One appraisal: started, to be decided by `due_at`, and decided by the administrator `decided_by`."""

    started_at: Seconds
    due_at: Seconds
    decided_at: Seconds | None = None
    decided_by: AccountId | None = None
    verdict: Verdict | None = None

    def is_late(self, now: Seconds) -> bool:
        """Whether it should have been decided by now."""
        return self.verdict is None and now >= self.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Onboarding:
    """What is recorded of a service's way: `agreement_date` as ISO 8601, `testers` by account."""

    stage: OnboardingStage = OnboardingStage.ONBOARDING
    purpose: str = ""
    agreement: str = ""
    agreement_date: str = ""
    security_level: int | None = None
    appraisal: Appraisal | None = None
    testers: tuple[AccountId, ...] = ()

    def missing(self) -> Iterator[Gate]:
        """Yield what still has to be there."""
        if not (self.agreement and self.agreement_date):
            yield Gate.AGREEMENT
        if self.security_level is None or self.security_level < LEAST_SECURITY_LEVEL:
            yield Gate.SECURITY_LEVEL
        if not self.purpose:
            yield Gate.PURPOSE
        if self.appraisal is None or self.appraisal.verdict is not Verdict.PASSED:
            yield Gate.APPRAISAL

    def document(self) -> dict[str, Any]:
        """Return it as plain values, for programs."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document


def begun(now: Seconds) -> Appraisal:
    """Return an appraisal that begins at `now`."""
    return Appraisal(started_at=now, due_at=Seconds(now + APPRAISAL_TIME))
