"""The dossier API: bearer access tokens (RFC 6750) for this audience (RFC 9068), scopes per operation.

Whoever files must have proved to be himself or herself well enough and not too long ago (RFC 9470).
"""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from clients.ministry_portal.api_models import (
    DossierMessage,
    FilingMessage,
    Named,
    OrderMessage,
    PaymentMessage,
    dossier_message,
    order_message,
)
from clients.ministry_portal.dossier import Applicant, Filing
from clients.ministry_portal.dossier_store import FilingKeyReused, PaymentMismatch
from clients.ministry_portal.ministry import MinistryParts, ministry_of
from clients.ministry_portal.procedures import PROCEDURES
from clients.relying_party.access_token import VerifiedAccessToken, verify_access_token
from clients.relying_party.application import Party, party_of
from clients.relying_party.assurance import UNMET, StepUp, step_up_challenge
from clients.relying_party.forms import clean_text
from clients.relying_party.refusals import ProviderUnavailable
from clients.relying_party.signed_tokens import TokenRefused

IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{16,128}")
router = APIRouter(prefix="/api")


class BearerRefused(Exception):
    """RFC 6750 §3.1; `error` is None when no token was shown at all."""

    def __init__(self, status: int, error: str | None, scope: str | None = None, step_up: StepUp | None = None) -> None:
        super().__init__(error or "no token")
        self.step_up = step_up
        self.status = status
        self.error = error
        self.scope = scope


class ApiRefused(Exception):
    """The token is fine and the request is not."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


def install_api(application: FastAPI) -> None:
    application.include_router(router)
    application.add_exception_handler(BearerRefused, _answer_bearer_refused)
    application.add_exception_handler(ApiRefused, _answer_api_refused)


def allowed(scope: str) -> Callable[[Request], Awaitable[VerifiedAccessToken]]:
    """Return a dependency that lets in access tokens with this scope."""

    async def check(request: Request) -> VerifiedAccessToken:
        party, audience = party_of(request), ministry_of(request).settings.api_audience
        try:
            token = await verify_access_token(_bearer_token(request), audience, party.provider, now=party.clock.now())
        except TokenRefused as error:
            raise BearerRefused(401, "invalid_token") from error
        except ProviderUnavailable as error:
            raise ApiRefused(503, "temporarily_unavailable") from error
        if scope not in token.scopes:
            raise BearerRefused(403, "insufficient_scope", scope)
        return token

    return check


async def proved_person(
    request: Request, token: Annotated[VerifiedAccessToken, Depends(allowed("dossier.write"))]
) -> VerifiedAccessToken:
    """Let in whoever files with a sign-in that is strong and recent enough."""
    demand, now = ministry_of(request).settings.filing, party_of(request).clock.now()
    if not demand.is_met(acr=token.acr, auth_time=token.auth_time, now=now):
        raise BearerRefused(401, UNMET, step_up=demand)
    return token


Reader = Annotated[VerifiedAccessToken, Depends(allowed("dossier.read"))]
Writer = Annotated[VerifiedAccessToken, Depends(proved_person)]
PaymentReporter = Annotated[VerifiedAccessToken, Depends(allowed("payment.report"))]


@router.get("/procedures")
async def procedures() -> list[Named]:
    """Open data: what can be filed here."""
    return [Named(code=procedure.code, name=dict(procedure.name)) for procedure in PROCEDURES.values()]


@router.post("/dossiers", status_code=201)
async def file_dossier(
    body: FilingMessage,
    token: Writer,
    party: Party,
    ministry: MinistryParts,
    response: Response,
    idempotency_key: Annotated[str, Header()],
) -> DossierMessage:
    """File a dossier; the same `Idempotency-Key` answers 200 with the dossier of the first time."""
    if not IDEMPOTENCY_KEY.fullmatch(idempotency_key):
        raise ApiRefused(400, "invalid_idempotency_key")
    if body.procedure not in PROCEDURES:
        raise ApiRefused(422, "unknown_procedure")
    filing = Filing(
        filing_client=token.client_id,
        filing_subject=token.subject,
        idempotency_key=idempotency_key,
        procedure=body.procedure,
        content=clean_text(body.content),
        applicant=Applicant(clean_text(body.applicant.name), body.applicant.personal_number),
    )
    try:
        dossier, is_new = ministry.dossiers.file(filing, now=party.clock.now())
    except FilingKeyReused as error:
        raise ApiRefused(409, "idempotency_key_reused") from error
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/api/dossiers/{dossier.code}"
    return dossier_message(dossier)


@router.get("/dossiers")
async def dossiers(token: Reader, ministry: MinistryParts) -> list[DossierMessage]:
    """The dossiers that this person filed through this client."""
    return [dossier_message(dossier) for dossier in ministry.dossiers.of_filer(token.client_id, token.subject)]


@router.get("/dossiers/{code}")
async def dossier(code: str, token: Reader, ministry: MinistryParts) -> DossierMessage:
    found = ministry.dossiers.of_filer_by_code(token.client_id, token.subject, code)
    if found is None:
        # Someone else's dossier and none at all look the same.
        raise ApiRefused(404, "not_found")
    return dossier_message(found)


@router.get("/payments/{reference}")
async def order(reference: str, _token: PaymentReporter, ministry: MinistryParts) -> OrderMessage:
    """What is to be paid; the gateway takes the amount from here and from nowhere else."""
    found = ministry.dossiers.by_payment(reference)
    if found is None:
        raise ApiRefused(404, "not_found")
    return order_message(found)


@router.put("/payments/{reference}")
async def report_payment(
    reference: str, body: PaymentMessage, token: PaymentReporter, party: Party, ministry: MinistryParts
) -> OrderMessage:
    """Report a payment; reporting the same receipt again changes nothing."""
    try:
        paid = ministry.dossiers.report_payment(
            reference, amount=body.amount, receipt=body.receipt, gateway=token.client_id, now=party.clock.now()
        )
    except PaymentMismatch as error:
        raise ApiRefused(409, str(error)) from error
    if paid is None:
        raise ApiRefused(404, "not_found")
    return order_message(paid)


def _bearer_token(request: Request) -> str:
    headers = request.headers.getlist("authorization")
    if not headers:
        raise BearerRefused(401, None)
    scheme, _, token = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise BearerRefused(400 if len(headers) > 1 else 401, "invalid_request" if len(headers) > 1 else None)
    return token.strip()


async def _answer_bearer_refused(_request: Request, error: Exception) -> Response:
    refused = error if isinstance(error, BearerRefused) else BearerRefused(401, "invalid_token")
    challenge = 'Bearer realm="dossiers"'
    if refused.step_up is not None:
        challenge += f", {step_up_challenge(refused.step_up)}"
    elif refused.error is not None:
        challenge += f', error="{refused.error}"'
    if refused.scope is not None:
        challenge += f', scope="{refused.scope}"'
    content = {"error": refused.error or "unauthorized"}
    return JSONResponse(content, status_code=refused.status, headers={"WWW-Authenticate": challenge})


async def _answer_api_refused(_request: Request, error: Exception) -> Response:
    refused = error if isinstance(error, ApiRefused) else ApiRefused(500, "server_error")
    return JSONResponse({"error": refused.error}, status_code=refused.status)
