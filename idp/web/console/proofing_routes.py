"""The pages of the counter at their addresses."""

from starlette.routing import Route

from idp.domain.offices.administration import Action
from idp.web.console.merging import MergePages
from idp.web.console.parts import ConsoleParts
from idp.web.console.proofing import PATH, ProofingPages


def proofing_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    """Return the routes under `/admin/proofing`."""
    at, route = parts.administration, parts.frame.route
    pages, merges = ProofingPages(at.proofing, at.issuer, parts.frame), MergePages(at.merging, parts.frame)
    view, work, merge = Action.PROOFING_VIEW, Action.PROOFING_WORK, Action.PEOPLE_MERGE_ASK
    return (
        route(PATH, get=(view, pages.queue), post=(work, pages.open)),
        route(f"{PATH}/{{case_id}}", get=(view, pages.show), post=(work, pages.decide)),
        route(f"{PATH}/{{case_id}}/code", post=(work, pages.hand_over)),
        route(f"{PATH}/{{case_id}}/merge/{{account_id}}", get=(merge, merges.show), post=(merge, merges.ask)),
    )
