import io
import json
from datetime import datetime

import pytest

from idp.adapters.observability.logs import REDACTED, open_log
from idp.adapters.observability.request_lines import RequestLines

MEMBERS = {"request_id": "0190a1b2", "method": "GET", "route": "token", "status": 400, "ms": 0.07}


def written(**members: object) -> dict[str, object]:
    stream = io.BytesIO()
    RequestLines(stream).write(**{**MEMBERS, "outcome": "ok", "client_id": None, "trace_id": None, **members})  # type: ignore[arg-type] # by name, as a test says them
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
