"""The simulated verifier, put together: an interface for the provider, and one page for the person."""

import os
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from clients.biometric_verifier.checks import FINDINGS, Checks
from clients.biometric_verifier.settings import VerifierSettings
from clients.relying_party.application import behind_edge
from clients.relying_party.bearer_values import same
from clients.relying_party.cookies import Cookies
from clients.relying_party.forms import read_form
from clients.relying_party.http_edge import HttpEdge
from clients.relying_party.pages import Pages
from clients.relying_party.refusal_pages import install_refusal_pages
from clients.relying_party.refusals import Refusal
from clients.relying_party.settings import Environment


class Wanted(BaseModel):
    """A check that the provider asks for."""

    portrait: str = Field(min_length=1, max_length=256)
    return_to: str = Field(max_length=2048)
    locale: str = "vi"


class Asked(BaseModel):
    """Whose outcome the provider asks for."""

    check_id: str = Field(max_length=128)


def build_app(settings: VerifierSettings) -> HttpEdge:
    """Return the ASGI application."""
    pages = Pages.of(Path(__file__).parent, Cookies("biometric_verifier", settings.site), {})
    checks = Checks(settings.site.base_url, settings.provider, settings.signing_key)
    application = FastAPI(title="biometric-verifier-simulation", openapi_url=None)
    install_refusal_pages(application, pages)
    _add_interface(application, settings, checks)
    _add_pages(application, pages, checks)
    return behind_edge(application, settings.site, (settings.provider,))


def _add_interface(application: FastAPI, settings: VerifierSettings, checks: Checks) -> None:
    def provider_only(request: Request) -> None:
        if not same(request.headers.get("authorization", ""), f"Bearer {settings.secret}"):
            raise Refusal("access_denied", "not the provider")

    known = Annotated[None, Depends(provider_only)]

    @application.post("/api/checks")
    def begin(wanted: Wanted, _: known) -> Response:
        if not wanted.return_to.startswith(f"{settings.provider}/"):
            raise Refusal("invalid_request", "return_to is not the provider's")
        check = checks.begin(wanted.portrait, wanted.return_to)
        address = f"{settings.site.base_url}/checks/{check.page}?lang={'en' if wanted.locale == 'en' else 'vi'}"
        return JSONResponse({"check_id": check.check_id, "address": address, "simulation": True})

    @application.post("/api/outcomes")
    def outcome(asked: Asked, _: known) -> Response:
        return JSONResponse({"outcome": checks.outcome(asked.check_id), "simulation": True})


def _add_pages(application: FastAPI, pages: Pages, checks: Checks) -> None:
    @application.get("/")
    def about(request: Request) -> Response:
        return pages.render(request, "about.html", None)

    @application.get("/checks/{page}")
    def show(request: Request, page: str) -> Response:
        if checks.at(page) is None:
            raise Refusal("not_found", "no such check")
        return pages.render(request, "check.html", None, page=page, findings=FINDINGS)

    @application.post("/checks/{page}")
    async def finish(request: Request, page: str) -> Response:
        form, check = await read_form(request), checks.at(page)
        finding = FINDINGS.get(form.get("finding", ""))
        if check is None or finding is None:
            raise Refusal("not_found", "no such check or finding")
        checks.finish(check, finding)
        return RedirectResponse(check.return_to, status_code=303)

    @application.get("/style.css")
    def style() -> Response:
        return Response(pages.style, media_type="text/css")

    @application.get("/icon.svg")
    def icon() -> Response:
        return Response(pages.icon, media_type="image/svg+xml")

    @application.get("/livez")
    def livez() -> Response:
        return PlainTextResponse("ok")


def from_environment() -> HttpEdge:
    return build_app(VerifierSettings.of(Environment(os.environ)))
