"""Every route of the JSON API."""

from fastapi import APIRouter

from idp.journeys.administration.errors import NotFoundError
from idp.protocol.resources.administration_access import PATH
from idp.web.api.agencies import agencies_api
from idp.web.api.answers import REFUSALS
from idp.web.api.audit import audit_api
from idp.web.api.authorities import authorities_api
from idp.web.api.changes import changes_api
from idp.web.api.clients import clients_api
from idp.web.api.corrections import corrections_api
from idp.web.api.gate import Gate
from idp.web.api.keys import keys_api
from idp.web.api.locks import locks_api
from idp.web.api.officers import officers_api
from idp.web.api.people import people_api
from idp.web.api.policies import policies_api
from idp.web.api.proofing import proofing_api
from idp.web.api.reports import reports_api
from idp.web.console.parts import Administration


def api_routes(administration: Administration, gate: Gate) -> APIRouter:
    """Return the routes under `/api/admin`."""
    router = APIRouter(prefix=PATH, responses=dict(REFUSALS))
    for area in _areas(administration, gate):
        router.include_router(area)

    @router.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def nothing_here(path: str) -> None:
        """What no area answers, after all of them: programs read problems, not pages."""
        del path
        raise NotFoundError

    return router


def _areas(at: Administration, gate: Gate) -> tuple[APIRouter, ...]:
    """Each area adds its own here."""
    return (
        changes_api(at.four_eyes, at.safety_reviews, gate),
        audit_api(at.audit_search, gate),
        keys_api(at.keys, gate),
        reports_api(at.reports, gate),
        locks_api(at.locks, at.clock, gate),
        corrections_api(at.corrections, at.clock, gate),
        people_api(at.people, gate),
        clients_api(at.client_desk, gate),
        policies_api(at.policies, at.clock, gate),
        proofing_api(at.proofing, at.merging, at.issuer, gate),
        officers_api(at.officers, at.officer_search, at.role_requests, at.issuer, at.clock, gate),
        agencies_api(at.agencies, gate),
        authorities_api(at.authorities, at.clock, gate),
    )
