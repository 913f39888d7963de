"""Filing dossiers and following them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.national_portal.dossier import Dossier, Named
from clients.national_portal.dossier_store import DossierStore
from clients.national_portal.ministry_client import MinistryClient, StepUpDemanded
from clients.relying_party.application import Party, SignedInVisitor, Visitor
from clients.relying_party.bearer_values import new_value
from clients.relying_party.forms import read_session_form
from clients.relying_party.language import marked
from clients.relying_party.refusals import ProviderUnavailable, Refusal
from clients.relying_party.routes import depart
from clients.relying_party.session_store import Session

MAX_CONTENT = 4000  # characters
FILING_KEY = re.compile(r"[A-Za-z0-9_-]{16,128}")
router = APIRouter()


@dataclass(frozen=True, slots=True)
class Portal:
    ministry: MinistryClient
    dossiers: DossierStore


@dataclass(frozen=True, slots=True)
class DossierList:
    """Dossiers, and whether they are as of now or as they were when last seen."""

    dossiers: list[Dossier]
    is_current: bool


def portal_of(request: Request) -> Portal:
    portal: Portal = request.app.state.portal
    return portal


PortalParts = Annotated[Portal, Depends(portal_of)]


@router.get("/")
async def home(request: Request, party: Party, portal: PortalParts, session: Visitor) -> Response:
    listed = await _dossiers(portal, session) if session else None
    return party.pages.render(request, "home.html", session, listed=listed)


@router.get("/dossiers/new")
async def new_dossier(request: Request, party: Party, portal: PortalParts, session: SignedInVisitor) -> Response:
    procedures = await portal.ministry.procedures()
    return _form_page(request, party, session, procedures, {"filing_key": new_value()})


@router.post("/dossiers/new")
async def file_dossier(request: Request, party: Party, portal: PortalParts, session: SignedInVisitor) -> Response:
    form = await read_session_form(request, session)
    procedures = await portal.ministry.procedures()
    error = _mistake(form, procedures, session)
    if error is not None:
        return _form_page(request, party, session, procedures, form, error=error)
    try:
        filed = await portal.ministry.file(
            session, form["filing_key"], procedure=form["procedure"], content=form["content"]
        )
    except StepUpDemanded as demanded:
        return await depart(request, party, party.default_client, return_to="/dossiers/new", step_up=demanded.step_up)
    portal.dossiers.keep(session.subject, [filed])
    return RedirectResponse(f"/dossiers/{filed.code}", status_code=303)


@router.get("/dossiers/{code}")
async def dossier(code: str, request: Request, party: Party, portal: PortalParts, session: SignedInVisitor) -> Response:
    try:
        found, is_current = await portal.ministry.dossier(session, code), True
        portal.dossiers.keep(session.subject, [found])
    except (Refusal, ProviderUnavailable) as refusal:
        known = next((each for each in portal.dossiers.of_person(session.subject) if each.code == code), None)
        if known is None or refusal.code not in {"service_unavailable", "temporarily_unavailable"}:
            raise
        found, is_current = known, False
    return party.pages.render(request, "dossier_page.html", session, dossier=found, is_current=is_current)


async def _dossiers(portal: Portal, session: Session) -> DossierList:
    try:
        dossiers = await portal.ministry.dossiers(session)
    except Refusal as refusal:
        if refusal.code not in {"service_unavailable", "temporarily_unavailable"}:
            raise
        return DossierList(portal.dossiers.of_person(session.subject), is_current=False)
    portal.dossiers.keep(session.subject, dossiers)
    return DossierList(dossiers, is_current=True)


def _mistake(form: Mapping[str, str], procedures: list[Named], session: Session) -> str | None:
    if not FILING_KEY.fullmatch(form.get("filing_key", "")):
        raise Refusal("invalid_request", "not a form of ours")
    if session.claim("personal_number") is None:
        return marked("Your personal number was not shared with this portal, so nothing can be filed in your name.")
    if form.get("procedure") not in {procedure.code for procedure in procedures}:
        return marked("Choose what you want to ask for.")
    if not 0 < len(form.get("content", "")) <= MAX_CONTENT:
        return marked("Describe what you ask for, in at most 4,000 characters.")
    return None


def _form_page(
    request: Request,
    party: Party,
    session: Session,
    procedures: list[Named],
    form: Mapping[str, str],
    *,
    error: str | None = None,
) -> Response:
    return party.pages.render(
        request,
        "file_dossier.html",
        session,
        status=422 if error else 200,
        procedures=procedures,
        form={"procedure": "", "content": "", **form},
        error=error,
    )
