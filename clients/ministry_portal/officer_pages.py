"""What an officer sees and does: the dossiers of his or her agency."""

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.ministry_portal.api_models import dossier_message
from clients.ministry_portal.dossier import Action, Dossier, Step, may_process
from clients.ministry_portal.dossier_store import DossierChanged
from clients.ministry_portal.ministry import Ministry, MinistryParts, Officer, SignedInOfficer
from clients.relying_party.application import Party
from clients.relying_party.forms import read_session_form
from clients.relying_party.language import marked
from clients.relying_party.refusals import Refusal
from clients.relying_party.routes import depart, local_path

LOWEST_FEE, HIGHEST_FEE = 1_000, 1_000_000_000  # dong
MOST_FEE_DIGITS = 15
TYPED = ("amount", "result_number", "result", "reason")
MAX_TEXT = 4000  # characters
MAX_NUMBER = 64  # characters
MAX_VERSION = 9  # digits
router = APIRouter(prefix="/officer")


class StepRefused(Exception):
    """The officer forgot something; the message is a sentence for the page."""


@router.get("/sign-in")
async def sign_in(request: Request, party: Party, ministry: MinistryParts, return_to: str | None = None) -> Response:
    target = local_path(return_to)
    return await depart(
        request, party, ministry.settings.officers.client_id, return_to="/officer" if target == "/" else target
    )


@router.get("")
async def desk(request: Request, party: Party, ministry: MinistryParts, officer: SignedInOfficer) -> Response:
    return party.pages.render(
        request,
        "desk.html",
        officer.session,
        officer=officer,
        dossiers=[dossier_message(found) for found in ministry.dossiers.of_officer(officer.agency_code)],
    )


@router.get("/dossiers/{code}")
async def dossier(
    code: str, request: Request, party: Party, ministry: MinistryParts, officer: SignedInOfficer
) -> Response:
    return _page(request, party, officer, _of_agency(code, ministry, officer))


@router.post("/dossiers/{code}")
async def process(
    code: str, request: Request, party: Party, ministry: MinistryParts, officer: SignedInOfficer
) -> Response:
    form = await read_session_form(request, officer.session)
    found = _of_agency(code, ministry, officer)
    try:
        step = _step(form, officer)
    except StepRefused as refused:
        return _page(request, party, officer, found, form=form, error=str(refused), status=422)
    try:
        ministry.dossiers.act(code, step, now=party.clock.now())
    except DossierChanged as error:
        raise Refusal("changed_meanwhile", "dossier moved on") from error
    return RedirectResponse(f"/officer/dossiers/{code}", status_code=303)


def _page(
    request: Request,
    party: Party,
    officer: Officer,
    found: Dossier,
    *,
    form: Mapping[str, str] | None = None,
    error: str | None = None,
    status: int = 200,
) -> Response:
    return party.pages.render(
        request,
        "officer_dossier.html",
        officer.session,
        status=status,
        dossier=dossier_message(found),
        personal_number=found.applicant.personal_number,
        version=found.version,
        actions=found.actions,
        form={name: (form or {}).get(name, "") for name in TYPED},
        error=error,
    )


def _of_agency(code: str, ministry: Ministry, officer: Officer) -> Dossier:
    found = ministry.dossiers.find(code)
    if found is None or not may_process(officer.agency_code, found.agency):
        raise Refusal("not_found", "no such dossier of this agency")
    return found


def _step(form: Mapping[str, str], officer: Officer) -> Step:
    """Return the action the form asks for; raises StepRefused when something is missing, Refusal when it is no form."""
    try:
        action, version = Action(form.get("action", "")), int(form.get("version", "")[:MAX_VERSION])
    except ValueError as error:
        raise Refusal("invalid_request", "no such action") from error
    actor = officer.session.subject
    match action:
        case Action.RECEIVE:
            return Step(action, version, actor)
        case Action.ASK_PAYMENT:
            return Step(action, version, actor, fee_amount=_fee(form.get("amount", "")))
        case Action.APPROVE:
            number, text = form.get("result_number", ""), form.get("result", "")
            if not number or not text or len(number) > MAX_NUMBER or len(text) > MAX_TEXT:
                raise StepRefused(marked("Give the result's number and text before you approve."))
            return Step(action, version, actor, result_number=number, result_text=text)
        case Action.REJECT:
            reason = form.get("reason", "")
            if not reason or len(reason) > MAX_TEXT:
                raise StepRefused(marked("Say why the dossier is refused; the citizen reads it."))
            return Step(action, version, actor, rejection_reason=reason)


def _fee(text: str) -> int:
    digits = text.replace(".", "").replace(",", "").replace(" ", "")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= MOST_FEE_DIGITS
    if not is_number or not LOWEST_FEE <= int(digits) <= HIGHEST_FEE:
        raise StepRefused(marked("Give the fee in whole dong, between 1,000 and 1,000,000,000."))
    return int(digits)
