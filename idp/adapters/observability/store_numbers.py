"""What waits in the stores: messages to deliver, audit events to chain, units of work to begin."""

from typing import Protocol, runtime_checkable

from idp.adapters.observability.metrics import Metrics
from idp.adapters.sql.database import EngineDatabase
from idp.ports.clock import Clock
from idp.ports.outbox import Outbox


@runtime_checkable
class ChainsLater(Protocol):
    """An engine that makes events durable first and chains them afterwards."""

    async def events_waiting(self) -> tuple[int, int | None]:
        """How many events are not chained yet, and since when the oldest waits (milliseconds since 1970)."""
        ...


def watch_stores(metrics: Metrics, engine: EngineDatabase, outbox: Outbox, clock: Clock) -> None:
    """Register the numbers; those that ask a store are read when somebody wants to know."""

    async def oldest() -> float:
        since = await outbox.oldest()
        return 0.0 if since is None else max(0.0, clock.now() - since)

    metrics.gauge("idp_writer_queue", engine.queued)
    metrics.shared_gauge("idp_outbox_pending", outbox.pending)
    metrics.shared_gauge("idp_outbox_oldest_seconds", oldest)
    _watch_audit(metrics, engine, clock)


def _watch_audit(metrics: Metrics, engine: EngineDatabase, clock: Clock) -> None:
    async def count() -> float:
        # What another engine commits is in the chain.
        return (await engine.events_waiting())[0] if isinstance(engine, ChainsLater) else 0

    async def age() -> float:
        since = (await engine.events_waiting())[1] if isinstance(engine, ChainsLater) else None
        return 0.0 if since is None else max(0.0, (clock.milliseconds() - since) / 1000)

    metrics.shared_gauge("idp_audit_pending", count)
    metrics.shared_gauge("idp_audit_oldest_seconds", age)
