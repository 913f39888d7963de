"""Every page of the console at its address."""

from starlette.routing import Route

from idp.domain.offices.administration import Action
from idp.web.console.audit import PATH as AUDIT
from idp.web.console.audit import AuditPages
from idp.web.console.authority_routes import authority_routes
from idp.web.console.changes import PATH as CHANGES
from idp.web.console.changes import ChangePages
from idp.web.console.client_routes import client_routes
from idp.web.console.corrections import correction_routes
from idp.web.console.keys import PATH as KEYS
from idp.web.console.keys import KeyPages
from idp.web.console.lock_routes import lock_routes
from idp.web.console.officer_routes import officer_routes
from idp.web.console.parts import ConsoleParts
from idp.web.console.people_routes import people_routes
from idp.web.console.policies import CHANGE_PATH as POLICY_CHANGE
from idp.web.console.policies import PATH as POLICIES
from idp.web.console.policies import PolicyPages
from idp.web.console.proofing_routes import proofing_routes
from idp.web.console.reports import PATH as REPORTS
from idp.web.console.reports import ReportPages
from idp.web.console.rooms import CONSOLE


def console_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    """Return the routes under `/admin`; each area adds its own here."""
    return (
        *_change_routes(parts),
        *proofing_routes(parts),
        *lock_routes(parts),
        *correction_routes(parts),
        *people_routes(parts),
        *client_routes(parts),
        *officer_routes(parts),
        *_report_routes(parts),
        *authority_routes(parts),
        *_audit_routes(parts),
        *_key_routes(parts),
        *_policy_routes(parts),
    )


def _report_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    pages = ReportPages(parts.administration.reports, parts.administration.clients, parts.frame)
    return (parts.frame.route(REPORTS, get=(Action.REPORTS_VIEW, pages.show)),)


def _audit_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    pages = AuditPages(parts.administration.audit_search, parts.frame)
    search = Action.AUDIT_SEARCH
    return (parts.frame.route(AUDIT, get=(search, pages.newest), post=(search, pages.find)),)


def _key_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    pages = KeyPages(parts.administration.keys, parts.frame)
    return (parts.frame.route(KEYS, get=(Action.KEYS_VIEW, pages.listed), post=(Action.KEYS_ASK, pages.ask)),)


def _policy_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    at, ask = parts.administration, Action.POLICIES_ASK
    pages = PolicyPages(at.policies, at.clients, at.clock, parts.frame)
    return (
        parts.frame.route(POLICIES, get=(Action.POLICIES_VIEW, pages.show)),
        parts.frame.route(POLICY_CHANGE, get=(ask, pages.edit), post=(ask, pages.propose)),
    )


def _change_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    at, route = parts.administration, parts.frame.route
    pages = ChangePages(at.four_eyes, at.safety_reviews, at.accounts, at.clock, parts.frame)
    return (
        route(CONSOLE, get=(Action.ENTER, pages.home)),
        route(CHANGES, get=(Action.CHANGES_VIEW, pages.listed)),
        route(
            f"{CHANGES}/{{change_id}}",
            get=(Action.CHANGES_VIEW, pages.show),
            post=(Action.CHANGES_VIEW, pages.decide),
        ),
    )
