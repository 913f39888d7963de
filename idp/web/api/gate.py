"""The door of the JSON API: an officer's access token, and the action that a route takes."""

from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from idp.domain.events import AdministrationRefused, Origin
from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator, Administrators
from idp.journeys.administration.errors import NotAllowedError
from idp.ports.audit import AuditTrail
from idp.ports.keys import SubjectKeys
from idp.protocol.resources.administration_access import AdministrationAccess
from idp.web.edge.context import request_context
from idp.web.machine_endpoint import shown_possession

_DESCRIBED: Final = HTTPBearer(
    scheme_name="officer",
    description="An officer's access token (scope `admin`, resource `{issuer}/api/admin`), from a sign-in at level 2.",
    auto_error=False,
)


class Admission:
    """Admits whoever may take one action; the dependency of a route."""

    def __init__(self, gate: "Gate", action: Action) -> None:
        self._gate = gate
        self.action = action

    async def __call__(self, request: Request, _described: Annotated[object, Security(_DESCRIBED)]) -> Administrator:
        """Return the officer. Raises `OAuthError` without a good token, `NotAllowedError` for other roles."""
        return await self._gate.admit(request, self.action)


class Gate:
    """Lets officers in by access token."""

    def __init__(
        self,
        issuer: str,
        access: AdministrationAccess,
        administrators: Administrators,
        audit: AuditTrail,
        keys: SubjectKeys,
    ) -> None:
        self._issuer = issuer
        self._access = access
        self._administrators = administrators
        self._audit = audit
        self._keys = keys

    def __call__(self, action: Action) -> Any:  # noqa: ANN401 -- what FastAPI takes as the default of a parameter
        """Return the dependency that admits whoever may take `action`."""
        return Depends(Admission(self, action))

    async def admit(self, request: Request, action: Action) -> Administrator:
        """Return the officer behind a request. Raises as `Admission` does; every refusal is recorded."""
        scope = request.scope
        context = request_context(scope)
        context.route = f"api {action.value}"
        origin = Origin(context.request_id, self._keys.pseudonym(context.client_address))
        authorization = request.headers.get("authorization")
        caller = await self._access.caller(authorization, shown_possession(scope, self._issuer), origin)
        context.client_id = caller.client_id
        try:
            admin = await self._administrators.admit(caller.account_id, origin)
            admin.must(action)
        except NotAllowedError:
            await self._audit.record(
                AdministrationRefused(
                    origin=origin, account_id=caller.account_id, action=action.value, reason=NotAllowedError.code
                )
            )
            raise
        return admin
