import io
import json
from dataclasses import dataclass

from idp.adapters.observability.logs import open_log
from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.requests import RequestObserver


@dataclass
class Seen:
    request_id: str = "0190a1b2"
    route: str = "token"
    client_id: str | None = "portal"


def test_a_request_is_one_line_and_one_count() -> None:
    stream, metrics = io.BytesIO(), Metrics()
    RequestObserver(open_log(stream), metrics).finished(Seen(), "POST", 200, 0.0123456)
    line = json.loads(stream.getvalue())
    assert {name: line[name] for name in line if name != "timestamp"} == {
        "event": "request", "level": "info", "request_id": "0190a1b2", "method": "POST", "route": "token",
        "status": 200, "ms": 12.35, "client_id": "portal",
    }  # fmt: skip
    assert metrics.numbers.requests == {"token": {200: 1}}


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
