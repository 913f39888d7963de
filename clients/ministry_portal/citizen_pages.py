"""What a citizen sees at the ministry: the dossiers that carry his or her own number."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from clients.ministry_portal.api_models import dossier_message
from clients.ministry_portal.ministry import CitizenNumber, MinistryParts, personal_number
from clients.relying_party.application import Party, SignedInVisitor, Visitor
from clients.relying_party.refusals import Refusal

router = APIRouter()


@router.get("/")
async def home(request: Request, party: Party, ministry: MinistryParts, session: Visitor) -> Response:
    number = personal_number(session, ministry) if session else None
    return party.pages.render(
        request,
        "home.html",
        session,
        dossiers=[dossier_message(found) for found in ministry.dossiers.of_applicant(number)] if number else [],
        is_officer=session is not None and session.client_id == ministry.settings.officers.client_id,
    )


@router.get("/dossiers/{code}")
async def dossier(
    code: str,
    request: Request,
    party: Party,
    ministry: MinistryParts,
    session: SignedInVisitor,
    number: CitizenNumber,
) -> Response:
    found = ministry.dossiers.find(code)
    if found is None or number is None or found.applicant.personal_number != number:
        raise Refusal("not_found", "no such dossier of this person")
    return party.pages.render(request, "citizen_dossier.html", session, dossier=dossier_message(found))
