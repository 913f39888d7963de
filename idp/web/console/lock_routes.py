"""The room of locks at its addresses."""

from starlette.routing import Route

from idp.domain.offices.administration import Action
from idp.web.console.locks import ACCOUNTS, PATH, REQUESTS, LockPages
from idp.web.console.parts import ConsoleParts


def lock_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    """Return the routes under `/admin/locks`."""
    at, route = parts.administration, parts.frame.route
    pages = LockPages(at.locks, at.clock, parts.frame)
    view, work = Action.LOCKS_VIEW, Action.LOCKS_WORK
    account = f"{ACCOUNTS}/{{account_id}}"
    return (
        route(PATH, get=(view, pages.listed), post=(view, pages.find)),
        route(account, get=(view, pages.account), post=(work, pages.enter)),
        route(f"{account}/end", post=(Action.LOCKS_END_OWN, pages.end_own)),
        route(f"{REQUESTS}/{{request_id}}", get=(view, pages.request), post=(work, pages.step)),
    )
