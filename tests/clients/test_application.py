"""The application around the routes: background work, and a clean end."""

import asyncio
import sqlite3

import pytest

from clients.relying_party.application import _forever
from tests.clients.test_dossier_api import fee_reference
from tests.clients.test_payment_gateway import gateway
from tests.clients.town import Town, party


async def test_background_work_reports_payments_and_ends_with_the_application(town: Town) -> None:
    reference = await fee_reference(town)
    order = await gateway(town).ministry.order(reference)
    gateway(town).payments.pay(order, "payer", now=town.clock.now())
    application = town.gateway.app
    async with application.router.lifespan_context(application):  # type: ignore[attr-defined]
        async with asyncio.timeout(10):
            while gateway(town).payments.to_report(now=town.clock.now()):  # noqa: ASYNC110 - the store tells nobody
                await asyncio.sleep(0)
        paid = gateway(town).payments.find(reference)
        assert paid is not None
        assert paid.reported_at is not None
    assert party(town.gateway).http.is_closed
    with pytest.raises(sqlite3.ProgrammingError):
        party(town.gateway).database.rows("SELECT 1")


async def test_a_failing_round_of_background_work_is_not_its_last(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    enough = asyncio.Event()

    async def work() -> None:
        rounds.append(1)
        if len(rounds) == 3:
            enough.set()
        await asyncio.sleep(0)
        raise ValueError("this round met something")

    monkeypatch.setattr("clients.relying_party.application.PAUSE_AFTER_FAILURE", 0)
    task = asyncio.create_task(_forever(work))
    await asyncio.wait_for(enough.wait(), 5)
    task.cancel()
    assert len(rounds) >= 3
