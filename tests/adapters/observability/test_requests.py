import io
import json
from dataclasses import dataclass

import pytest

from idp.adapters.observability.logs import open_log
from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.requests import RequestObserver


@dataclass
class Seen:
    request_id: str = "0190a1b2"
    route: str = "token"
    client_id: str | None = "portal"
    outcome: str = ""


def test_a_request_is_one_line_and_one_count() -> None:
    stream, metrics = io.BytesIO(), Metrics()
    RequestObserver(open_log(stream), metrics).finished(Seen(), "POST", 200, 0.0123456)
    line = json.loads(stream.getvalue())
    assert {name: line[name] for name in line if name != "timestamp"} == {
        "event": "request", "level": "info", "request_id": "0190a1b2", "method": "POST", "route": "token",
        "status": 200, "outcome": "ok", "ms": 12.35, "client_id": "portal",
    }  # fmt: skip
    assert metrics.numbers.counters["idp_client_requests_total"] == {("token", "portal", "ok"): 1}


@pytest.mark.parametrize(("status", "code", "outcome"), [
    (200, "", "ok"), (303, "", "ok"), (303, "login_required", "login_required"), (404, "", "refused"),
    (400, "invalid_grant", "invalid_grant"), (499, "", "client_gone"), (503, "", "failed"),
])  # fmt: skip
def test_the_outcome_is_the_error_code_or_else_told_by_the_status(status: int, code: str, outcome: str) -> None:
    metrics = Metrics()
    RequestObserver(open_log(io.BytesIO()), metrics).finished(Seen(client_id=None, outcome=code), "GET", status, 0.1)
    assert metrics.numbers.counters["idp_client_requests_total"] == {("token", "_none", outcome): 1}


def test_a_method_that_nobody_knows_is_not_repeated() -> None:
    stream = io.BytesIO()
    RequestObserver(open_log(stream), Metrics()).finished(Seen(), "001099000001", 405, 0.001)
    assert json.loads(stream.getvalue())["method"] == "other"


def test_a_failure_is_logged_with_its_place_and_without_its_message() -> None:
    stream = io.BytesIO()
    RequestObserver(open_log(stream), Metrics()).failed(Seen(), ValueError("001099000001"))
    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"], line["route"]) == ("failure", "error", "token")
    assert "001099000001" not in stream.getvalue().decode()
