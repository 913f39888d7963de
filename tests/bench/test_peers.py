"""What is said beside a peer: ratios of medians, and no ratio where it would say something else."""

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bench.cluster import Cost
from bench.connection import Connection
from bench.installation import CALLBACK, MACHINE, PORTAL, PROVING, Installation
from bench.load import Bounds, Step
from bench.machine import core_cpu, cores, on_core
from bench.measuring import Result
from bench.peers.bare import Answers
from bench.peers.comparing import Line, compare, is_asked, line_of
from bench.peers.contestants import BARE, OURS, PEER, POSTGRESQL, SQLITE, Contestant
from bench.peers.kinds import kind
from bench.peers.peer import NODE_FOLDER, peer_settings
from bench.peers.running import chosen
from bench.peers.tables import as_markdown
from bench.peers.targets import TIMES_THE_PEER, Refused, Verdict, ratio, verdicts
from bench.scenarios import OK, PASSWORD_SIGN_IN, REFRESH, SCENARIOS, Scenario, expect


def _line(contestant: str, per_second: float, scenario: str = REFRESH, **more: Any) -> Line:
    told: dict[str, Any] = {
        "p50": 4.0,
        "p99": 8.0,
        "cpu_per_1000": 1.0,
        "memory": 100.0,
        "core_busy": 1.0,
        "load_busy": 0.4,
    }
    return Line(scenario, contestant, per_second, **{**told, **more})


def _promises(*lines: Line, argon2: float = 0.0) -> dict[str, Verdict]:
    return {each.promise: each for each in verdicts(lines, argon2, {})}


def test_a_promise_is_kept_by_as_many_times_the_rate_of_the_peer_in_the_same_run() -> None:
    kept = _promises(_line(SQLITE, 300.0), _line(POSTGRESQL, 199.0), _line(PEER, 100.0))
    sqlite, postgresql = (kept[f"{REFRESH} on {name}, times {PEER}"] for name in OURS)
    assert (sqlite.wanted, sqlite.measured, sqlite.kept) == ("≥ 3.00", "3.00", True)
    assert (postgresql.wanted, postgresql.measured, postgresql.kept) == ("≥ 2.00", "1.99", False)


@pytest.mark.parametrize("limited", [SQLITE, PEER])
def test_no_ratio_is_told_when_the_load_generator_was_the_limit_of_either(limited: str) -> None:
    busy: dict[str, Any] = {"load_busy": 0.95, "core_busy": 0.7}
    lines = [_line(name, rate, **(busy if name == limited else {})) for name, rate in ((SQLITE, 900.0), (PEER, 100.0))]
    with pytest.raises(Refused, match=f"the load generator was the limit of {limited}"):
        ratio(*lines)
    told = _promises(*lines)[f"{REFRESH} on {SQLITE}, times {PEER}"]
    assert (told.kept, told.measured) == (False, f"refused: the load generator was the limit of {limited}")


def test_a_busy_load_is_no_limit_while_the_server_is_as_busy_or_waits() -> None:
    assert ratio(_line(SQLITE, 300.0, load_busy=0.95, core_busy=0.96), _line(PEER, 100.0)) == 3.0
    assert ratio(_line(SQLITE, 300.0, load_busy=0.3, core_busy=0.5), _line(PEER, 100.0)) == 3.0


def test_no_ratio_is_told_when_an_answer_was_wrong() -> None:
    told = _promises(Line(REFRESH, SQLITE, failure="500"), _line(PEER, 100.0))
    assert not any(each.kept for each in told.values())
    assert told[f"{REFRESH} on {SQLITE}, times {PEER}"].measured == f"refused: a wrong answer of {SQLITE}: 500"


def test_a_refresh_is_steady_and_a_worker_small() -> None:
    told = _promises(_line(SQLITE, 300.0, p99=10.1, memory=150.0), _line(POSTGRESQL, 300.0, p99=10.0, memory=151.0))
    assert [told[f"{REFRESH} on {name}, p99 as times p50"].kept for name in OURS] == [False, True]
    assert [told[f"memory of a worker on {name}"].kept for name in OURS] == [True, False]


def test_a_sign_in_is_weighed_against_the_hash_with_all_that_its_stores_cost() -> None:
    sign_in: dict[str, Any] = {"scenario": PASSWORD_SIGN_IN, "cpu_per_1000": 20.0}
    told = _promises(
        _line(SQLITE, 50.0, **sign_in), _line(POSTGRESQL, 50.0, **sign_in, stores_per_1000={"Valkey": 5.0}), argon2=50.0
    )
    assert [told[f"{PASSWORD_SIGN_IN} on {name}, as a part of bare argon2"].measured for name in OURS] == [
        "100%",
        "80%",
    ]


def test_static_answers_are_weighed_against_the_peer_and_a_bare_answer() -> None:
    told = _promises(*(_line(name, rate, "JWKS") for name, rate in ((SQLITE, 70.0), (PEER, 50.0), (BARE, 100.0))))
    assert [each.measured for each in told.values()] == ["1.40", "0.70", "100 MiB"]
    assert [each.kept for each in told.values()] == [False, True, True]


def test_the_slowest_start_counts() -> None:
    (told,) = verdicts([], 0.0, {SQLITE: (1.0, 3.2, 1.1)})
    assert (told.measured, told.kept) == ("3.20 s", False)


def test_two_workers_are_weighed_by_the_cpu_of_a_request() -> None:
    costs = [Cost(REFRESH, {"one worker": 1.0, "two workers": two, "two nodes": 9.0}, {}) for two in (1.1, 1.2)]
    assert [each.kept for each in verdicts([], 0.0, {}, costs)] == [True, False]


def _result(per_second: float, **more: float) -> Result:
    return Result(REFRESH, 100, per_second, 1.0, 2.0, 0.5, 100.0 + per_second, "server", 1.0, {"Valkey": 0.25}, **more)


def test_medians_of_the_rounds_count_and_the_most_memory() -> None:
    line = line_of(REFRESH, SQLITE, [_result(900.0), _result(1200.0, load_busy=0.5), _result(1000.0)])
    assert (line.per_second, line.memory, line.rates) == (1000.0, 1300.0, (900.0, 1200.0, 1000.0))
    assert (line.core_busy, line.cost, line.limited_by) == (0.75, 0.75, "neither (server 75%)")
    assert line_of(REFRESH, SQLITE, []).failure
    assert line_of(REFRESH, SQLITE, [_result(900.0)], "500").per_second == 0.0


def test_everything_that_is_promised_is_measured_of_those_it_is_promised_of() -> None:
    names = [each.name for each in chosen("")]
    assert set(names) == {*TIMES_THE_PEER, PASSWORD_SIGN_IN}
    assert [each.name for each in chosen("refresh")] == [REFRESH]
    assert all(set(times) == set(OURS) for times in TIMES_THE_PEER.values())
    assert [name for name in names if not is_asked(PEER, name)] == [PASSWORD_SIGN_IN]
    assert [name for name in names if is_asked(BARE, name)] == ["discovery", "JWKS"]
    assert set(names) <= {each.name for each in SCENARIOS}


def _jwt(algorithm: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).rstrip(b"=").decode()
    return f"{header}.e30.c2ln"


def test_tokens_are_told_apart_by_how_they_are_signed() -> None:
    assert [kind(_jwt("ES256")), kind(_jwt("RS256")), kind("opaque-token"), kind("a.b.c")] == [
        "ES256", "RS256", "opaque", "opaque",
    ]  # fmt: skip


def test_the_peer_is_told_the_clients_that_our_records_have_and_of_no_registry() -> None:
    settings = peer_settings(1, 2)
    clients = {each["client_id"]: each for each in settings["clients"]}
    assert set(clients) == {PORTAL[0], PROVING.client_id, MACHINE[0]}
    assert clients[PORTAL[0]]["redirect_uris"] == clients[PROVING.client_id]["redirect_uris"] == [CALLBACK]
    locked = json.loads((NODE_FOLDER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all("resolved" not in each and ("integrity" in each or not name) for name, each in locked.items())
    assert locked["node_modules/oidc-provider"]["version"].startswith("9.13.")


async def test_a_bare_answer_is_its_bytes() -> None:
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    answers = Answers({"/jwks": ([(b"content-length", b"2")], b"{}")})
    await answers({"path": "/jwks"}, None, send)
    await answers({"path": "/other"}, None, send)
    assert [each.get("status", each.get("body")) for each in sent] == [200, b"{}", 404, b""]


@pytest.fixture
def small_server() -> Iterator[Installation]:
    """A process that answers everything with 200."""
    code = (
        "import http.server, sys\n"
        "class Answer(http.server.BaseHTTPRequestHandler):\n"
        "    protocol_version = 'HTTP/1.1'\n"
        "    def do_GET(self):\n"
        "        self.send_response(200); self.send_header('content-length', '2'); self.end_headers()\n"
        "        self.wfile.write(b'{}')\n"
        "    def log_message(self, *_): pass\n"
        "server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Answer)\n"
        "print(server.server_port, flush=True); server.serve_forever()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Installation((int(process.stdout.readline()),), (process.pid,))
        finally:
            process.kill()


async def test_contestants_are_measured_in_turn_and_one_that_answers_wrongly_no_more(
    small_server: Installation,
) -> None:
    asked: list[str] = []

    def answering(member: bytes) -> Scenario:
        async def prepare(_installation: Installation, _connections: list[Connection]) -> Step:
            async def step(connection: Connection, _number: int) -> None:
                expect(await connection.ask(b"GET / HTTP/1.1\r\nhost: bench\r\n\r\n"), OK, member)

            asked.append(member.decode())
            return step

        return Scenario(REFRESH, prepare)

    contestants = [Contestant(name, small_server) for name in (PEER, SQLITE)]
    few = Bounds(20, 5.0)
    right = await compare(contestants, [answering(b"{}")], few, few, 2, 2)
    assert [(each.contestant, each.failure, len(each.rates)) for each in right] == [(PEER, "", 2), (SQLITE, "", 2)]
    assert all(each.per_second > 0 for each in right)
    wrong = await compare(contestants, [answering(b"no")], few, few, 2, 2)
    assert all("200 instead of 200" in each.failure and not each.rates for each in wrong)
    assert asked == ["{}"] * 4 + ["no"] * 2


def test_a_contestant_may_be_started_anew_for_each_measurement(small_server: Installation) -> None:
    started: list[Contestant] = []

    @contextmanager
    def another() -> Iterator[Contestant]:
        started.append(Contestant(PEER, small_server))
        yield started[-1]

    warm, cold = Contestant(PEER, small_server), Contestant(PEER, small_server, anew=another)
    with warm.for_a_measurement() as same, cold.for_a_measurement() as first, cold.for_a_measurement() as second:
        assert same is warm
        assert [first, second] == started


def test_what_a_core_did_is_known_whoever_it_worked_for() -> None:
    before = core_cpu(cores()[0])
    spent = time.process_time()
    with on_core(cores()[0]):
        while time.process_time() - spent < 0.1:
            pass
    assert core_cpu(cores()[0]) - before >= 0.05


def test_tables_are_told_in_markdown() -> None:
    assert as_markdown(("promise", "measured"), [("a", "1")]) == [
        "| promise | measured |",
        "| --- | ---: |",
        "| a | 1 |",
    ]
