"""A surge is measured on the real provider, here a short one; and what its figures come to."""

import asyncio
import json
import subprocess
import sys
from dataclasses import asdict, replace
from itertools import islice

import pytest

from bench.surge.open_loop import Asked, Span, arrive, gaps, percentile
from bench.surge.report import (
    AFTER,
    CALM,
    GROWTH,
    OPEN,
    QUIET,
    SURGE,
    Observed,
    Part,
    Verdict,
    part_of,
    verdicts_of,
)
from bench.surge.services import INTROSPECTION, REFRESH, USERINFO
from bench.surge.visitors import End, Line, Visit

SECONDS = 10.0
SPANS = {name: Span(start, start + SECONDS) for name, start in ((QUIET, 0), (CALM, 10), (SURGE, 20), (AFTER, 30))}


@pytest.mark.slow
def test_a_short_surge_goes_through_every_part() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.surge", "--seconds", "2", "--others", "0.1", "--json"],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert done.returncode == (not report["holds"]), done.stderr
    assert [part["name"] for part in report["parts"]] == [QUIET, CALM, SURGE, AFTER]
    assert all(part["memory"] > 1 and part["connections"] > 1 for part in report["parts"])
    assert all(stream["wrong"] == 0 for part in report["parts"] for stream in part["streams"].values())
    assert report["parts"][2]["people"] > 3 * report["sustainable"]
    assert report["examples"] == []


def _asked(rate: float, **per_span: float) -> list[Asked]:
    """Evenly spread requests; `rate` a second, another one in the spans that are named."""
    return [
        Asked(span.start + number / count * SECONDS, span.start + number / count * SECONDS + 0.002, right=True)
        for name, span in SPANS.items()
        for count in [int(per_span.get(name.split()[0], rate) * SECONDS)]
        for number in range(count)
    ]


def _visits(name: str, count: int, end: End = End.FINISHED, seconds: float = 0.1) -> list[Visit]:
    start = SPANS[name].start
    due = [start + (number + 0.5) / count * SECONDS for number in range(count)]
    return [Visit(each, each + seconds, end, tries=1) for each in due]


GOOD = [
    *_visits(CALM, 20),
    *_visits(SURGE, 20, seconds=0.4),
    *_visits(SURGE, 180, End.SHED),
    *_visits(AFTER, 20, seconds=0.12),
]


def _parts(visits: list[Visit], refreshes: list[Asked] | None = None) -> dict[str, Part]:
    asked = {REFRESH: refreshes or _asked(40), INTROSPECTION: _asked(10), USERINFO: _asked(10)}
    seen = [Observed(name, span, memory=120.0, connections=99, cpu=9.0, own_cpu=3.0) for name, span in SPANS.items()]
    return {each.name: part_of(each, asked, visits) for each in seen}


def _broken(verdicts: list[Verdict]) -> list[str]:
    return [each.promise for each in verdicts if not each.holds]


def test_a_part_tells_rates_times_and_ends_of_its_own_time() -> None:
    part = _parts(GOOD)[SURGE]
    assert (part.people, part.ends[End.SHED], part.ends[End.FINISHED]) == (20.0, 18.0, 2.0)
    assert (part.p50, part.at_first_try) == (400.0, 1.0)
    assert asdict(part.streams[REFRESH]) == {"offered": 40.0, "answered": 40.0, "p50": 2.0, "p99": 2.0, "wrong": 0}
    assert (part.cpu, part.load_busy) == (0.9, 0.3)


def test_every_promise_holds_where_everything_was_as_it_should_be() -> None:
    assert _broken(verdicts_of(_parts(GOOD), GOOD, SPANS)) == []


@pytest.mark.parametrize(
    ("visits", "broken"),
    [
        ([*GOOD, *_visits(CALM, 1, End.SHED)], ["the sustainable rate is sustained"]),
        ([each for each in GOOD if each.end is not End.SHED], ["the excess is shed"]),
        ([*GOOD, *_visits(SURGE, 1, End.HUNG)], ["no hang, no other answer", "whoever is let in finishes"]),
        ([*GOOD, *_visits(SURGE, 1, End.WRONG)], ["no hang, no other answer", "whoever is let in finishes"]),
        ([*GOOD, *_visits(SURGE, 1, End.GAVE_UP)], ["whoever is let in finishes"]),
        (
            [*GOOD, replace(_visits(SURGE, 1, End.SHED)[0], told=False)],
            ["each refusal: 503, Retry-After, a page in the language"],
        ),
        ([*GOOD, Visit(35.1, 35.2, End.SHED)], ["nobody is refused any more"]),
        ([*GOOD, Visit(35.1, 35.2, End.FINISHED, tries=2)], ["nobody is refused any more"]),
        ([*GOOD, Visit(34.9, 35.2, End.SHED)], []),
        ([*GOOD, *_visits(AFTER, 20, seconds=0.2)], ["sign-ins take what they took, 5 s after it"]),
    ],
)
def test_what_people_met_breaks_a_promise(visits: list[Visit], broken: list[str]) -> None:
    assert _broken(verdicts_of(_parts(visits), visits, SPANS)) == broken


@pytest.mark.parametrize(
    ("part", "changed", "broken"),
    [
        (SURGE, {"memory": 121.0 + GROWTH}, "memory is bounded"),
        (AFTER, {"memory": 121.0 + GROWTH}, "memory is bounded"),
        (SURGE, {"connections": OPEN + 1}, "connections are bounded"),
        (SURGE, {"load_busy": 0.95}, "the load was not the limit"),
    ],
)
def test_what_the_server_used_breaks_a_promise(part: str, changed: dict[str, float], broken: str) -> None:
    parts = _parts(GOOD)
    parts[part] = replace(parts[part], **changed)  # type: ignore[arg-type]
    assert _broken(verdicts_of(parts, GOOD, SPANS)) == [broken]


def test_refreshing_that_loses_more_than_a_tenth_breaks_a_promise() -> None:
    kept, lost = (_parts(GOOD, _asked(40, surge=rate)) for rate in (36.5, 35))
    assert _broken(verdicts_of(kept, GOOD, SPANS)) == []
    assert _broken(verdicts_of(lost, GOOD, SPANS)) == ["refresh keeps its throughput"]


def test_arrivals_are_independent_and_come_at_their_rate() -> None:
    drawn = [*islice(gaps(50, seed=1), 10_000)]
    assert drawn == [*islice(gaps(50, seed=1), 10_000)]
    assert 0.019 < sum(drawn) / len(drawn) < 0.021
    assert percentile([float(number) for number in range(1, 101)], 99) == 100
    assert percentile([], 50) == 0


async def test_who_arrives_waits_for_nobody() -> None:
    begun: list[float] = []
    never = asyncio.Event()

    async def arrived(due: float) -> None:
        begun.append(due)
        await never.wait()

    span = await arrive(2000, 0.02, arrived, seed=1)
    assert len(begun) > 10
    assert all(span.holds(due) for due in begun)
    assert begun == sorted(begun)
    never.set()


async def test_who_is_told_that_the_connection_ends_comes_over_another_and_stays_otherwise() -> None:
    came: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(0)
        last = b""
        while not last:
            await reader.readuntil(b"\r\n\r\n")
            came[-1] += 1
            last = b"connection: close\r\n" if sum(came) != 2 else b""
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n" + last + b"\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        line = Line(server.sockets[0].getsockname()[1])
        assert [(await line.ask(b"GET / HTTP/1.1\r\n\r\n")).status for _ in range(4)] == [200] * 4
        line.close()
    assert came == [1, 2, 1]
