"""Where the device is that a request comes from, as far as it can be told."""

from collections.abc import Callable

from idp.domain.phone_sign_in import Surroundings
from idp.ports.places import Places
from idp.web.edge.browser_kind import browser_kind
from idp.web.pages.visit import Visit

SurroundingsOf = Callable[[Visit], Surroundings]


def surroundings_by(places: Places) -> SurroundingsOf:
    """Return what tells the surroundings of a visit."""

    def surroundings(visit: Visit) -> Surroundings:
        return Surroundings(
            connection=visit.visitor.origin.source,
            browser=browser_kind(visit.scope),
            place=places.find(visit.context.client_address),
        )

    return surroundings
