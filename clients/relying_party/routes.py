"""The routes every relying party has: sign in, callback, sign out both ways, style, liveness."""

import logging
import re
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from clients.relying_party.application import Party, RelyingParty, SignedInVisitor, Visitor
from clients.relying_party.assurance import StepUp
from clients.relying_party.authorization_response import parse_authorization_response
from clients.relying_party.bearer_values import fingerprint
from clients.relying_party.forms import read_form, read_session_form
from clients.relying_party.refusals import ProviderUnavailable, Refusal
from clients.relying_party.signed_tokens import TokenRefused

# Every slash ends a segment, so there is one way only to read a path: refusing one takes as long as accepting it.
LOCAL_PATH = re.compile(r"/(?:[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*/?)?", re.ASCII)
MAX_PATH = 256  # characters
logger = logging.getLogger("clients.sign_out")
router = APIRouter()


def local_path(unverified_path: str | None) -> str:
    """Return the path when it is one of this application's, else the first page; never another site's address."""
    if unverified_path and len(unverified_path) <= MAX_PATH and LOCAL_PATH.fullmatch(unverified_path):
        return unverified_path
    return "/"


async def depart(
    request: Request, party: RelyingParty, client_id: str, *, return_to: str, step_up: StepUp | None = None
) -> Response:
    """Send the browser to the provider."""
    language = party.pages.language(request)
    departure = await party.sign_in.begin(client_id, return_to=return_to, language=language, step_up=step_up)
    response = RedirectResponse(departure.url, status_code=303)
    party.cookies.set_departure(response, "in", departure.state, departure.browser)
    return response


@router.get("/sign-in")
async def sign_in(request: Request, party: Party, return_to: str | None = None) -> Response:
    return await depart(request, party, party.default_client, return_to=local_path(return_to))


@router.get("/callback")
async def callback(request: Request, party: Party) -> Response:
    query = request.scope["query_string"]
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=16)
    except ValueError as error:
        raise Refusal("invalid_request", "callback query is not text") from error
    answer = parse_authorization_response(pairs)
    cookie = party.cookies.read_session(request)
    arrival = await party.sign_in.complete(
        answer,
        browser=party.cookies.read_departure(request, "in", answer.state),
        replaces=fingerprint(cookie) if cookie else None,
    )
    response = RedirectResponse(arrival.return_to, status_code=303)
    party.cookies.delete_departure(response, "in", answer.state)
    party.cookies.set_session(response, arrival.cookie)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, party: Party, session: SignedInVisitor) -> Response:
    await read_session_form(request, session)
    try:
        departure = await party.sign_out.begin(session)
    except ProviderUnavailable:
        # Here the person is out; the page says that elsewhere he or she may not be.
        failed = party.pages.render(request, "signed_out.html", None, status=503, is_everywhere=False)
        party.cookies.delete_session(failed)
        return failed
    response = RedirectResponse(departure.url, status_code=303)
    party.cookies.delete_session(response)
    party.cookies.set_departure(response, "out", departure.state, departure.browser)
    return response


@router.get("/signed-out")
async def signed_out(request: Request, party: Party, session: Visitor, state: str | None = None) -> Response:
    # The state tells our own sign-out from a link that someone else sent the person to.
    browser = party.cookies.read_departure(request, "out", state) if state else ""
    if not state or not party.pending.is_sign_out(state, browser, now=party.clock.now()):
        raise Refusal("invalid_sign_out", "state is not one of ours for this browser")
    if session is not None:
        return RedirectResponse("/", status_code=303)
    return party.pages.render(request, "signed_out.html", None, is_everywhere=True)


@router.post("/backchannel-logout")
async def backchannel_logout(request: Request, party: Party) -> Response:
    """Back-Channel Logout 1.0 §2.5 and §2.8: 200 once the sessions have ended, 400 when the token is refused."""
    headers = {"Cache-Control": "no-store"}
    try:
        form = await read_form(request)
        ended = await party.sign_out.by_provider(form.get("logout_token", ""))
    except ProviderUnavailable:
        # The keys cannot be read now: the provider should try again.
        return JSONResponse({"error": "temporarily_unavailable"}, status_code=503, headers=headers)
    except (TokenRefused, Refusal) as error:
        logger.warning('{"logout_token": "refused", "reason": "%s"}', error)
        return JSONResponse({"error": "invalid_request"}, status_code=400, headers=headers)
    logger.info('{"logout_token": "accepted", "ended": %d}', ended)
    return Response(status_code=200, headers=headers)


@router.get("/style.css")
async def style(party: Party) -> Response:
    return Response(
        party.pages.style, media_type="text/css", headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


@router.get("/icon.svg")
async def icon(party: Party) -> Response:
    # The provider's pages show it as this service's logo.
    headers = {"Cache-Control": "public, max-age=86400", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(party.pages.icon, media_type="image/svg+xml", headers=headers)


@router.get("/livez")
async def livez() -> Response:
    return PlainTextResponse("ok")
