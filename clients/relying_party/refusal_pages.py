"""Every refusal as a page with one short sentence, or as JSON under `/api/`."""

import json
import logging
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from clients.relying_party.pages import Pages
from clients.relying_party.refusals import Refusal

logger = logging.getLogger("clients.refusals")
CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def install_refusal_pages(application: FastAPI, pages: Pages) -> None:
    """Answer refusals, unknown addresses and failures of our own with pages."""

    async def refuse(request: Request, error: Exception) -> Response:
        refusal = _as_refusal(error)
        level = logging.ERROR if refusal.wording.status == 500 else logging.INFO  # noqa: PLR2004 - our own failure
        fields = {"refused": refusal.code, "detail": refusal.detail}
        logger.log(level, json.dumps(fields), exc_info=error if level == logging.ERROR else None)
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": refusal.code}, status_code=refusal.wording.status)
        return refusal_page(pages, request, refusal)

    handled: tuple[Any, ...] = (Refusal, HTTPException, RequestValidationError, Exception)
    for kind in handled:
        application.add_exception_handler(kind, refuse)


def refusal_page(pages: Pages, request: Request, refusal: Refusal) -> Response:
    response = pages.render(
        request,
        "refusal.html",
        None,
        status=refusal.wording.status,
        code=refusal.code,
        wording=refusal.wording,
        return_to=refusal.return_to,
    )
    if refusal.wording.status == 503:  # noqa: PLR2004 - come back later
        response.headers["Retry-After"] = "30"
    return response


def _as_refusal(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, HTTPException):
        return Refusal(CODES.get(error.status_code, "invalid_request"), f"HTTP {error.status_code}")
    if isinstance(error, RequestValidationError):
        return Refusal("invalid_request", "does not fit the route")
    return Refusal("server_error", type(error).__name__)
