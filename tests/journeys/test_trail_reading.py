from collections.abc import Sequence

from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.events import AccountClosing, SessionEnded
from idp.domain.ids import AccountId, SessionId
from idp.journeys.trail_reading import BATCH, Projection, TrailReader
from tests.journeys.stage import ORIGIN, Stage

NAMES = frozenset({AccountClosing.name})
CLOSING = AccountClosing(origin=ORIGIN, account_id=AccountId("a"), asked=True)


class Notes:
    """A projection in memory: how far each stream was read, and what was made of it."""

    def __init__(self) -> None:
        self.positions: dict[str, int] = {}
        self.made: list[int] = []

    async def position(self, stream: str) -> int:
        return self.positions.get(stream, 0)

    async def add(self, stream: str, seen: int, reached: int, made: Sequence[int]) -> bool:
        if self.positions.get(stream, 0) != seen:
            return False
        self.positions[stream] = reached
        self.made += made
        return True

    def read(self, record: AuditRecord) -> int | None:
        return record.sequence if record.name == CLOSING.name else None


async def test_every_record_is_read_once_in_its_order_and_the_position_moves_past_what_means_nothing(
    stage: Stage,
) -> None:
    notes = Notes()
    reader = TrailReader(stage.stores.audit_log, Projection(notes.position, notes.add, notes.read, NAMES))
    await stage.stores.audit_trail.record(*(CLOSING for _ in range(BATCH + 1)))

    assert await reader.read_on(lambda: True) == BATCH + 1
    assert notes.made == sorted(notes.made)
    assert len(set(notes.made)) == BATCH + 1
    heads = {head.stream: head.sequence for head in await stage.stores.audit_log.heads()}
    assert notes.positions == heads
    assert await reader.read_on(lambda: True) == 0


async def test_what_a_projection_does_not_name_is_not_even_read(stage: Stage) -> None:
    ended = SessionEnded(origin=ORIGIN, account_id=AccountId("a"), session_id=SessionId("s"), reason="test")
    await stage.stores.audit_trail.record(ended, CLOSING, ended)
    read: list[str] = []
    notes = Notes()

    def note(record: AuditRecord) -> int | None:
        read.append(record.name)
        return None

    reader = TrailReader(stage.stores.audit_log, Projection(notes.position, notes.add, note, NAMES))
    assert await reader.read_on(lambda: True) == 0
    assert read == [CLOSING.name]
    assert notes.positions == {head.stream: head.sequence for head in await stage.stores.audit_log.heads()}


async def test_a_reader_that_may_not_go_on_leaves_the_rest_to_the_next(stage: Stage) -> None:
    notes = Notes()
    reader = TrailReader(stage.stores.audit_log, Projection(notes.position, notes.add, notes.read, NAMES))
    await stage.stores.audit_trail.record(*(CLOSING for _ in range(BATCH + 1)))
    turns = iter((True, False, True, True))
    first = await reader.read_on(lambda: next(turns))
    assert 0 < first <= BATCH
    assert await reader.read_on(lambda: next(turns)) == BATCH + 1 - first


async def test_somebody_who_read_on_meanwhile_ends_the_turn(stage: Stage) -> None:
    notes = Notes()
    await stage.stores.audit_trail.record(CLOSING)

    async def overtaken(stream: str, _seen: int, reached: int, made: Sequence[int]) -> bool:
        notes.positions[stream] = reached
        return await notes.add(stream, 0, reached, made)

    reader = TrailReader(stage.stores.audit_log, Projection(notes.position, overtaken, notes.read, NAMES))
    assert await reader.read_on(lambda: True) == 0
    assert notes.made == []
