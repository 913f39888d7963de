"""Paying: see the order, prove more when the amount asks for it, confirm, get a receipt."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.payment_gateway.gateway import GatewayParts
from clients.relying_party.application import Party, SignedInVisitor, Visitor
from clients.relying_party.forms import read_session_form
from clients.relying_party.refusals import Refusal
from clients.relying_party.routes import depart

router = APIRouter()


@router.get("/")
async def home(request: Request, party: Party, gateway: GatewayParts, session: Visitor) -> Response:
    payments = gateway.payments.of_payer(session.subject) if session else []
    return party.pages.render(request, "home.html", session, payments=payments)


@router.get("/pay/{reference}")
async def order(
    reference: str, request: Request, party: Party, gateway: GatewayParts, session: SignedInVisitor
) -> Response:
    payment = gateway.payments.find(reference)
    if payment is not None and payment.payer == session.subject:
        return RedirectResponse(f"/payments/{reference}", status_code=303)
    found = payment.order if payment is not None else await gateway.ministry.order(reference)
    needs_step_up = not found.is_paid and gateway.needs_step_up(found, session)
    is_great = found.amount >= gateway.settings.great_from
    return party.pages.render(request, "pay.html", session, order=found, needs_step_up=needs_step_up, is_great=is_great)


@router.get("/pay/{reference}/step-up")
async def step_up(
    reference: str, request: Request, party: Party, gateway: GatewayParts, _session: SignedInVisitor
) -> Response:
    """Ask the provider to prove the person again, more strongly; what came back is verified in the ID token."""
    found = await gateway.ministry.order(reference)
    return await depart(
        request,
        party,
        party.default_client,
        return_to=f"/pay/{found.reference}",
        step_up=gateway.demand(found) or gateway.settings.step_up,
    )


@router.post("/pay/{reference}")
async def pay(
    reference: str, request: Request, party: Party, gateway: GatewayParts, session: SignedInVisitor
) -> Response:
    form = await read_session_form(request, session)
    payment = gateway.payments.find(reference)
    if payment is None:
        found = await gateway.ministry.order(reference)
        # The person agreed to the amount on the page; the ministry's is the one that counts. They must be one.
        if form.get("amount") != str(found.amount) or found.is_paid:
            raise Refusal("changed_meanwhile", "the order is not the one shown")
        if gateway.needs_step_up(found, session):
            return RedirectResponse(f"/pay/{found.reference}", status_code=303)
        payment = gateway.payments.pay(found, session.subject, now=party.clock.now())
        await gateway.report(payment)
    # Whoever pays second sees that it is paid; the receipt is the first payer's.
    page = "payments" if payment.payer == session.subject else "pay"
    return RedirectResponse(f"/{page}/{payment.order.reference}", status_code=303)


@router.get("/payments/{reference}")
async def receipt(
    reference: str, request: Request, party: Party, gateway: GatewayParts, session: SignedInVisitor
) -> Response:
    payment = gateway.payments.find(reference)
    if payment is None or payment.payer != session.subject:
        raise Refusal("not_found", "no such payment of this person")
    return party.pages.render(request, "receipt.html", session, payment=payment)
