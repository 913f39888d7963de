"""The benchmark measures every scenario on the real provider; here only that it does, not how fast."""

import json
import os
import subprocess
import sys

import pyotp
import pytest

from bench.connection import Connection
from bench.limits import ARGON2, Limit
from bench.load import Timings
from bench.machine import cores, describe, family, own_cpu, usage_of
from bench.measuring import Result
from bench.passkeys import TOTP_SECRET, one_time_code
from bench.scenarios import PASSKEY_SIGN_IN, PASSWORD_SIGN_IN, REFRESH, REFRESH_IN_A_STORM, SCENARIOS
from bench.tables import ratios
from bench.visitor import find_form, query_of, with_query
from tests.bench.answers import answer_of


@pytest.mark.slow
def test_every_scenario_is_measured_and_every_answer_is_right() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--json", "--seconds", "0.5", "--operations", "40", "--connections", "4"],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [each["scenario"] for each in document["results"]] == [scenario.name for scenario in SCENARIOS]
    assert all(each["operations"] > 0 and each["memory"] > 1 for each in document["results"])
    assert {"argon2id m=19 MiB t=2 p=1", "ES256 signature"} <= {each["name"] for each in document["limits"]}
    assert "cores" in document["machine"]


def test_percentiles_and_rates_are_of_what_was_measured() -> None:
    timings = Timings(seconds=[number / 1000 for number in range(1, 101)], elapsed=2.0)
    assert (timings.percentile(50), timings.percentile(99), timings.rate) == (0.051, 0.1, 50.0)
    assert (Timings().percentile(99), Timings().rate) == (0.0, 0.0)


def test_the_machine_and_its_use_are_described() -> None:
    assert "cores" in describe()
    assert len(cores()) == 2
    assert family(os.getpid())[0] == os.getpid()
    assert usage_of(os.getpid()).memory > 1
    assert own_cpu() > 0


OF_A_TICK = """
import os, time
from bench.machine import usage_of
for _ in range(10):
    before, own = usage_of(os.getpid()).cpu, time.process_time()
    sum(range(10_000))
    after = usage_of(os.getpid()).cpu
    assert before < after
    assert before <= own <= after
"""


def test_what_takes_less_than_a_tick_of_the_kernel_is_measured_too() -> None:
    # In a process of its own: this one may have servers of other tests, which count as its descendants.
    done = subprocess.run([sys.executable, "-c", OF_A_TICK], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def _result(scenario: str, *, cpu_per_1000: float = 1.0, p99: float = 1.0) -> Result:
    return Result(scenario, 100, 1.0, p99 / 2, p99, cpu_per_1000, 100.0, "server", 1.0, {})


def test_promises_are_told_of_what_was_measured_in_the_same_run() -> None:
    limits = [Limit(ARGON2, 40.0)]
    results = [
        _result(REFRESH, p99=20.0),
        _result(PASSWORD_SIGN_IN, cpu_per_1000=31.25),
        _result(REFRESH_IN_A_STORM, p99=30.0),
        _result(PASSKEY_SIGN_IN, cpu_per_1000=4.0),
    ]
    told = ratios(limits, results)
    assert ["80%" in told[0], "250 passkey" in told[1], "× 1.50" in told[2]] == [True] * 3
    assert ratios(limits, [_result("discovery")]) == []


def test_one_time_codes_are_those_of_an_app() -> None:
    for moment in (0, 59, 1_800_000_000):
        assert one_time_code(moment) == pyotp.TOTP(TOTP_SECRET).at(moment)


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"], b"body"),
        ([b"HTTP/1.1 200 OK\r\ncontent-le", b"ngth: 4\r\n\r\nbo", b"dy"], b"body"),
        ([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nbo\r\n", b"2\r\ndy\r\n0\r\n\r\n"], b"body"),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
    ],
)
async def test_an_answer_is_read_however_it_arrives(pieces: list[bytes], body: bytes) -> None:
    connection = Connection()
    asked = answer_of(connection)
    for piece in pieces:
        connection.data_received(piece)
    answer = await asked
    assert answer.body == body
    assert answer.status in {200, 204}


async def test_forms_are_found_by_their_identifier_and_queries_read() -> None:
    connection = Connection()
    asked = answer_of(connection)
    page = (
        '<form id="other"></form><form method="post" id="sign-in" action="/a&amp;b">'
        '<input type="hidden" name="csrf_token" value="x&quot;y"><input name="username"></form>'
    )
    head = f"HTTP/1.1 303 See Other\r\nlocation: http://rp/?code=a%20b&state=s\r\ncontent-length: {len(page)}\r\n\r\n"
    connection.data_received((head + page).encode())
    answer = await asked
    form = find_form(answer, "sign-in")
    assert form is not None
    assert (form.action, form.hidden) == ("/a&b", {"csrf_token": 'x"y'})
    assert find_form(answer, "consent") is None
    assert query_of(answer) == {"code": "a b", "state": "s"}
    assert with_query("/authorize", {"scope": "openid email"}) == "/authorize?scope=openid+email"
