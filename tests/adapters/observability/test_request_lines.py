import asyncio
import io
import json
from collections.abc import Callable
from datetime import datetime

import pytest

from idp.adapters.observability.logs import REDACTED, open_log
from idp.adapters.observability.request_lines import RequestLines


def at_once(write: Callable[[], None]) -> None:
    write()


MEMBERS = {"request_id": "0190a1b2", "method": "GET", "route": "token", "status": 400, "ms": 0.07}


def written(**members: object) -> dict[str, object]:
    stream = io.BytesIO()
    RequestLines(stream, at_once).write(**{**MEMBERS, "outcome": "ok", "client_id": None, "trace_id": None, **members})  # type: ignore[arg-type] # by name, as a test says them
    line: dict[str, object] = json.loads(stream.getvalue())
    assert stream.getvalue().endswith(b"}\n")
    return line


@pytest.mark.parametrize("client_id", [None, "portal", "an@example.vn", "portal 001099000001"])
@pytest.mark.parametrize("outcome", ["ok", "invalid_grant", "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.AAAA"])
def test_a_line_is_the_one_that_the_log_would_write(client_id: str | None, outcome: str) -> None:
    stream = io.BytesIO()
    open_log(stream).info("request", **MEMBERS, outcome=outcome, client_id=client_id)
    logged, line = json.loads(stream.getvalue()), written(outcome=outcome, client_id=client_id)
    moments = [datetime.fromisoformat(str(each.pop("timestamp"))) for each in (logged, line)]
    assert line == logged
    assert abs(moments[1] - moments[0]).total_seconds() < 10
    assert moments[0].tzinfo == moments[1].tzinfo


def test_what_looks_like_somebody_is_blotted_out_each_time() -> None:
    assert [written(client_id="an@example.vn")["client_id"] for _ in range(2)] == [REDACTED, REDACTED]


def test_a_trace_is_named_where_there_is_one() -> None:
    assert written(trace_id="4bf92f3577b34da6a3ce929d0e0e4736")["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert "trace_id" not in written()


def test_lines_of_one_round_are_written_together_and_in_order() -> None:
    stream = io.BytesIO()
    rounds: list[Callable[[], None]] = []
    lines = RequestLines(stream, rounds.append)
    for number in range(3):
        lines.write(**{**MEMBERS, "status": number, "outcome": "ok", "client_id": None, "trace_id": None})  # type: ignore[arg-type] # by name
    assert stream.getvalue() == b""
    (end,) = rounds
    end()
    lines.write(**{**MEMBERS, "status": 3, "outcome": "ok", "client_id": None, "trace_id": None})  # type: ignore[arg-type] # by name
    rounds[1]()
    assert [json.loads(line)["status"] for line in stream.getvalue().splitlines()] == [0, 1, 2, 3]


async def test_a_round_is_one_of_the_event_loop() -> None:
    stream = io.BytesIO()
    RequestLines(stream).write(**MEMBERS, outcome="ok", client_id=None, trace_id=None)  # type: ignore[arg-type] # by name
    assert stream.getvalue() == b""
    await asyncio.sleep(0)
    assert json.loads(stream.getvalue())["route"] == "token"
