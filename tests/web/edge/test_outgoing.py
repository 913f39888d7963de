import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import ref

import pytest

from idp.web.edge.outgoing import HELD_FOR, LONGEST_HELD, HoldingTransport, Outgoing, outgoing_of


class Wire(asyncio.Transport):
    """Notes what happens, on all connections of a test in order."""

    def __init__(self, notes: list[tuple[str, bytes]], name: str = "a") -> None:
        super().__init__({"peername": name})
        self.notes = notes
        self.name = name
        self.reading = True
        self.closed = False
        self.aborted = False
        self.left = 0
        self.is_broken = False

    def write(self, data: Any) -> None:
        if self.is_broken:
            raise RuntimeError("the handle is closed")
        self.notes.append((self.name, bytes(data)))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def get_write_buffer_size(self) -> int:
        return self.left

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Loop:
    """An event loop whose round ends when a test says so."""

    def __init__(self) -> None:
        self.moment = 0.0
        self._soon: list[Callable[[], None]] = []
        self.later: list[Callable[[], None]] = []
        self.told: list[dict[str, Any]] = []

    def call_soon(self, call: Callable[[], None]) -> None:
        self._soon.append(call)

    def call_later(self, _seconds: float, call: Callable[..., None], *parts: Any) -> None:
        self.later.append(partial(call, *parts))

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.told.append(context)

    def end_round(self) -> int:
        calls, self._soon = self._soon, []
        for call in calls:
            call()
        return len(calls)


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def outgoing(loop: Loop) -> Outgoing:
    return Outgoing(loop, lambda: loop.moment)  # type: ignore[arg-type] # what it uses of a loop


def test_answers_of_a_round_leave_together_at_its_end_in_their_order(loop: Loop, outgoing: Outgoing) -> None:
    notes: list[tuple[str, bytes]] = []
    first, second = (HoldingTransport(Wire(notes, name), outgoing) for name in "ab")
    first.write(b"1")
    second.write(b"2")
    first.write(b"3")
    assert notes == []
    assert loop.end_round() == 1
    assert notes == [("a", b"13"), ("b", b"2")]
    second.write(b"4")
    assert loop.end_round() == 1
    assert notes[2:] == [("b", b"4")]


def test_in_a_long_round_nobody_waits_for_more_than_the_next_answer(loop: Loop, outgoing: Outgoing) -> None:
    notes: list[tuple[str, bytes]] = []
    first, second, third = (HoldingTransport(Wire(notes, name), outgoing) for name in "abc")
    first.write(b"1")
    loop.moment += HELD_FOR
    second.write(b"2")
    assert notes == [("a", b"1"), ("b", b"2")]
    third.write(b"3")
    loop.end_round()
    loop.end_round()
    assert notes[2:] == [("c", b"3")]


@pytest.mark.parametrize("size", [LONGEST_HELD, LONGEST_HELD + 1, 10 * LONGEST_HELD])
def test_what_is_large_leaves_at_once_and_after_what_was_held(size: int, loop: Loop, outgoing: Outgoing) -> None:
    notes: list[tuple[str, bytes]] = []
    transport = HoldingTransport(Wire(notes), outgoing)
    transport.write(b"head")
    transport.write(bytearray(size))
    transport.write(b"tail")
    sent_at_once = b"".join(part for _, part in notes)
    assert sent_at_once == b"head" + bytes(size)
    loop.end_round()
    assert b"".join(part for _, part in notes) == sent_at_once + b"tail"


def test_a_large_piece_alone_is_not_copied_or_held(loop: Loop, outgoing: Outgoing) -> None:
    notes: list[tuple[str, bytes]] = []
    HoldingTransport(Wire(notes), outgoing).write(bytes(LONGEST_HELD + 1))
    assert len(notes) == 1
    assert loop.end_round() == 0


def test_whoever_is_hung_up_on_gets_the_answer_first(loop: Loop, outgoing: Outgoing) -> None:
    notes: list[tuple[str, bytes]] = []
    wire = Wire(notes)
    transport = HoldingTransport(wire, outgoing)
    transport.write(b"last")
    transport.close()
    assert notes == [("a", b"last")]
    assert wire.closed
    loop.end_round()
    assert len(notes) == 1


def test_nothing_is_written_after_a_connection_was_cut(loop: Loop, outgoing: Outgoing) -> None:
    notes: list[tuple[str, bytes]] = []
    transport = HoldingTransport(Wire(notes), outgoing)
    transport.write(b"never")
    transport.abort()
    loop.end_round()
    assert notes == []
    assert transport.is_closing()


def test_nothing_is_written_to_somebody_who_has_gone(loop: Loop, outgoing: Outgoing) -> None:
    notes: list[tuple[str, bytes]] = []
    wire = Wire(notes)
    transport = HoldingTransport(wire, outgoing)
    transport.write(b"too late")
    wire.closed = True
    loop.end_round()
    transport.close()
    assert notes == []


def test_everything_else_is_the_transports(outgoing: Outgoing) -> None:
    wire = Wire([], "192.0.2.1")
    transport = HoldingTransport(wire, outgoing)
    transport.pause_reading()
    assert not wire.reading
    transport.resume_reading()
    assert wire.reading
    assert transport.get_extra_info("peername") == "192.0.2.1"
    assert transport.get_extra_info("sslcontext", "none") == "none"


async def test_a_loop_has_one(outgoing: Outgoing) -> None:
    loop = asyncio.get_running_loop()
    assert outgoing_of(loop) is outgoing_of(loop)
    notes: list[tuple[str, bytes]] = []
    HoldingTransport(Wire(notes), outgoing_of(loop)).write(b"1")
    await asyncio.sleep(0)
    assert notes == [("a", b"1")]


def test_whoever_takes_nothing_of_the_last_answer_is_cut_off_in_the_end(loop: Loop, outgoing: Outgoing) -> None:
    prompt, deaf = Wire([]), Wire([])
    deaf.left = 9
    for wire in (prompt, deaf):
        transport = HoldingTransport(wire, outgoing)
        transport.write(b"last")
        transport.close()
    loop.end_round()
    assert len(loop.later) == 1
    loop.later[0]()
    assert (prompt.aborted, deaf.aborted) == (False, True)


def test_one_connection_that_fails_keeps_no_answer_from_the_others(loop: Loop, outgoing: Outgoing) -> None:
    notes: list[tuple[str, bytes]] = []
    broken, good = Wire(notes), Wire(notes, "b")
    broken.is_broken = True
    first, second = HoldingTransport(broken, outgoing), HoldingTransport(good, outgoing)
    first.write(b"1")
    second.write(b"2")
    loop.end_round()
    second.write(b"3")
    loop.end_round()
    assert (notes, broken.aborted, len(loop.told)) == ([("b", b"2"), ("b", b"3")], True, 1)


def test_what_is_over_is_not_kept() -> None:
    over = asyncio.new_event_loop()
    gone = ref(outgoing_of(over))
    over.close()
    del over
    assert gone() is None
