"""What the pages of changes and officers show of a review of an account."""

from idp.journeys.administration.safety_review import SafetyReview
from idp.web.moments import moment_of
from idp.web.views.account_security import HappenedRow
from idp.web.views.console.safety import SafetyFacts


def safety_facts(review: SafetyReview) -> SafetyFacts:
    """Return what a page shows of a review."""
    return SafetyFacts(
        taken_over_at=None if review.taken_over_at is None else moment_of(review.taken_over_at),
        outdated=review.outdated,
        happened=tuple(HappenedRow(name=event.name, at=moment_of(event.at)) for event in review.happened),
    )
