"""The pages about acting for others under `/account`."""

from starlette.routing import Route

from idp.journeys.guardianship import GuardianJourney
from idp.journeys.known_person import KnownPeople
from idp.journeys.mandates import MandateJourney
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.acting.delegation import Delegation
from idp.web.pages.acting.mandate_forms import MANDATES, WARDS
from idp.web.pages.acting.mandates import MandatePages
from idp.web.pages.site_parts import SiteParts


def mandate_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes of mandates and wards."""
    ports, acting = parts.ports, parts.ports.acting
    people = KnownPeople(acting.records, ports.short_lived, ports.clock)
    mandates = MandateJourney(acting.mandates, acting.organisations, people, ports.audit, ports.clock, ports.entropy)
    guardians = GuardianJourney(acting.guardianships, people, ports.audit, ports.clock, ports.entropy)
    desk = OwnDataDesk(parts.sessions, ports.authenticators, parts.sign_in, ports.clock, parts.desk)
    delegation = Delegation(parts.sessions, parts.sign_in, ports.assurance_policies, parts.desk)
    pages = MandatePages(ports.watch(mandates), ports.watch(guardians), acting, desk, delegation, ports.clock)
    one = "{reference}"
    return (
        parts.route(MANDATES, get=pages.show),
        parts.route(f"{MANDATES}/new", get=pages.draft, post=pages.propose),
        parts.route(f"{MANDATES}/{one}/agree", post=pages.agree),
        parts.route(f"{MANDATES}/{one}/end", post=pages.end),
        parts.route(f"{WARDS}/new", get=pages.draft_ward, post=pages.ask_ward),
        parts.route(f"{WARDS}/{one}/end", post=pages.end_ward),
    )
