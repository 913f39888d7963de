"""What the gateway's routes share, and the background work that reports payments."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from clients.payment_gateway.ministry_client import MinistryClient
from clients.payment_gateway.payment import Order, Payment, details_of
from clients.payment_gateway.payment_store import PaymentStore
from clients.payment_gateway.settings import GatewaySettings
from clients.relying_party.assurance import StepUp
from clients.relying_party.clock import Clock
from clients.relying_party.refusals import Refusal
from clients.relying_party.session_store import Session

LOOK_EVERY = 2  # seconds between two looks for payments to report
logger = logging.getLogger("clients.payments")


@dataclass(frozen=True, slots=True)
class Gateway:
    settings: GatewaySettings
    payments: PaymentStore
    ministry: MinistryClient
    clock: Clock

    def demand(self, order: Order) -> StepUp | None:
        """Return what this amount asks of the sign-in behind it; of a great one, approval of exactly this payment."""
        if order.amount >= self.settings.great_from:
            return replace(self.settings.great, details=details_of(order))
        return self.settings.step_up if order.amount > self.settings.step_up_above else None

    def needs_step_up(self, order: Order, session: Session) -> bool:
        """Tell whether this amount asks for more than this session has proved and approved, or did too long ago."""
        demand = self.demand(order)
        if demand is None:
            return False
        if demand.details and session.approved_details != demand.details:
            return True
        return not demand.is_met(acr=session.acr, auth_time=session.auth_time, now=self.clock.now())

    async def report(self, payment: Payment) -> bool:
        """Tell the ministry about a payment and note how it went."""
        now = self.clock.now()
        try:
            await self.ministry.report(payment)
        except Refusal as refusal:
            logger.warning('{"payment_report": "failed", "detail": "%s"}', refusal.detail)
            self.payments.note_failed(payment.order.reference, now=now)
            return False
        self.payments.note_reported(payment.order.reference, now=now)
        return True

    async def report_due(self) -> int:
        """Report every payment whose turn it is, also those of before a restart; return how many arrived."""
        return sum([await self.report(payment) for payment in self.payments.to_report(now=self.clock.now())])

    async def keep_reporting(self) -> None:
        """Be the background work: look, report, pause."""
        await self.report_due()
        await asyncio.sleep(LOOK_EVERY)


def gateway_of(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


GatewayParts = Annotated[Gateway, Depends(gateway_of)]
