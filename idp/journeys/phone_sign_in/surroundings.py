"""What is kept of the place that a device stands in: as much as a person recognises it by."""

from idp.domain.authenticators.phone_sign_in import Surroundings
from idp.journeys.visitor import Visitor


def surroundings_of(visitor: Visitor) -> Surroundings:
    """Return the surroundings of whoever sent a request; no address is in them."""
    return Surroundings(visitor.origin.source, visitor.browser, visitor.place)
