"""How the JSON API answers: never cached, and refusals as problem details (RFC 9457)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from idp.journeys.administration.errors import AdministrationError, InvalidEntryError
from idp.ports.errors import StoreUnavailableError
from idp.ports.keys import BusyError
from idp.protocol.errors import OAuthError
from idp.web.edge.context import request_context
from idp.web.edge.headers import SecurityHeaders
from idp.web.responses import BearerChallenge

PROBLEM = "application/problem+json"


class Problem(BaseModel):
    """Why something was refused (RFC 9457); programs read `code`."""

    model_config = ConfigDict(extra="allow")

    title: str
    status: int
    code: str
    request_id: str


class AskedChange(BaseModel):
    """The change that now waits for another administrator, under `/api/admin/changes`."""

    change_id: str


def _described(what: str) -> dict[str, Any]:
    return {"description": what, "content": {PROBLEM: {"schema": Problem.model_json_schema()}}}


REFUSALS: Mapping[int | str, dict[str, Any]] = MappingProxyType(
    {
        401: {"description": "No access token, or none that is good here; the challenge says what it would take."},
        403: _described("The roles do not allow it, or not for this agency."),
        404: _described("There is no such thing, or none that the officer may know of."),
        409: _described("Somebody changed it meanwhile."),
        422: _described("A field is missing or cannot be so; `field` and `reason`, or `errors`, say which."),
        503: _described("Later: the provider has too much to do, or a store does not answer."),
    }
)
"""How every operation may refuse, for the description of the API."""


class ApiProblems:
    """Turns what a route raises into its answer, and describes all of them at `/api/openapi.json`."""

    def __init__(self, issuer: str, security: SecurityHeaders) -> None:
        self._headers = {name.decode(): value.decode() for name, value in security.protocol}
        self._challenge = BearerChallenge(issuer)

    def install(self, application: FastAPI) -> None:
        """Answer for `application`."""
        application.add_exception_handler(OAuthError, self._oauth)
        application.add_exception_handler(AdministrationError, self._administration)
        application.add_exception_handler(RequestValidationError, self._unreadable)
        application.add_exception_handler(StoreUnavailableError, self._later)
        application.add_exception_handler(BusyError, self._later)
        application.add_exception_handler(HTTPException, self._http)

        async def describe(_request: Request) -> Response:
            return JSONResponse(application.openapi(), headers=self._headers)

        application.add_route("/api/openapi.json", describe, include_in_schema=False)

    async def _oauth(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, OAuthError)  # noqa: S101 -- what it is registered for
        request_context(request.scope).outcome = error.code
        answer = self._challenge.answer(error)
        headers = self._headers | {name.decode(): value.decode() for name, value in answer.headers}
        return Response(answer.body, answer.status, headers, answer.content_type.decode() or None)

    async def _administration(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, AdministrationError)  # noqa: S101 -- as above
        more = {"field": error.field, "reason": error.reason} if isinstance(error, InvalidEntryError) else {}
        return self._problem(request, error.status, error.code, more)

    async def _unreadable(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 -- as above
        # Where and why, never what was sent: answers end up in logs of others.
        places = [
            {"field": ".".join(str(part) for part in one["loc"]), "reason": one["type"]} for one in error.errors()
        ]
        return self._problem(request, 422, "invalid_entry", {"errors": places})

    async def _later(self, request: Request, error: Exception) -> Response:
        answer = self._problem(request, 503, "temporarily_unavailable", {})
        answer.headers["retry-after"] = str(getattr(error, "retry_after", 1))
        return answer

    async def _http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 -- as above
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
        answer = self._problem(request, error.status_code, code, {})
        for name, value in (error.headers or {}).items():
            answer.headers[name] = value
        return answer

    def _problem(self, request: Request, status: int, code: str, more: Mapping[str, Any]) -> Response:
        context = request_context(request.scope)
        context.outcome = code
        # RFC 9457 section 3.1: without a `type` of its own the title is the status's; `code` is what programs read.
        body = {"title": code.replace("_", " "), "status": status, "code": code, "request_id": context.request_id}
        return JSONResponse({**body, **more}, status, self._headers, PROBLEM)
