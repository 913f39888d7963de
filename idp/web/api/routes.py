"""Every route of the JSON API."""

from fastapi import APIRouter

from idp.journeys.administration.errors import NotFoundError
from idp.protocol.administration_access import PATH
from idp.web.api.audit import audit_api
from idp.web.api.changes import changes_api
from idp.web.api.gate import Gate
from idp.web.api.keys import keys_api
from idp.web.api.policies import policies_api
from idp.web.console.parts import Administration


def api_routes(administration: Administration, gate: Gate) -> APIRouter:
    """Return the routes under `/api/admin`; each area adds its own here."""
    router = APIRouter(prefix=PATH)
    router.include_router(changes_api(administration.four_eyes, gate))
    router.include_router(audit_api(administration.audit_search, gate))
    router.include_router(keys_api(administration.keys, gate))
    router.include_router(policies_api(administration.policies, administration.clock, gate))

    @router.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def nothing_here(path: str) -> None:
        """What no area answers: programs read problems, not pages."""
        del path
        raise NotFoundError

    return router
