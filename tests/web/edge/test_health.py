import asyncio
import json
from dataclasses import dataclass

from idp.web.edge.draining import Draining
from idp.web.edge.health import GOOD_FOR, Readiness, ReadinessEndpoint, liveness, probe_routes
from tests.web.edge.asgi import ask


@dataclass
class Part:
    works: bool = True
    asked: int = 0

    async def __call__(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if not self.works:
            raise OSError("001099000001 is in the way")


@dataclass
class Watch:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


async def test_who_can_answer_is_alive() -> None:
    answer = await ask(liveness(()))
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "alive"})


async def test_ready_means_that_every_part_works() -> None:
    answer = await ask(ReadinessEndpoint(Readiness({"database": Part(), "keystore": Part()}, Draining()), ()))
    assert answer.status == 200
    assert json.loads(answer.body) == {"status": "ready", "checks": {"database": "ok", "keystore": "ok"}}


async def test_a_part_that_fails_is_named_without_saying_why() -> None:
    answer = await ask(
        ReadinessEndpoint(Readiness({"database": Part(works=False), "keystore": Part()}, Draining()), ())
    )
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert json.loads(answer.body) == {"status": "unavailable", "checks": {"database": "failed", "keystore": "ok"}}
    assert b"001099000001" not in answer.body


async def test_the_numbers_tell_of_each_part_whether_it_works() -> None:
    readiness = Readiness({"database": Part(works=False), "keystore": Part()}, Draining())
    assert await readiness.told() == {("database",): 0, ("keystore",): 1}


async def test_a_result_is_good_for_a_second_and_looked_up_once_for_all_who_ask() -> None:
    part, watch = Part(), Watch()
    readiness = Readiness({"database": part}, Draining(), monotonic=watch)
    await asyncio.gather(*(readiness.is_ready() for _ in range(20)))
    assert part.asked == 1
    watch.at = GOOD_FOR
    part.works = False
    assert not await readiness.is_ready()
    assert part.asked == 2


async def test_a_part_that_never_answers_does_not_work(monkeypatch: object) -> None:
    from idp.web.edge import health

    async def hang() -> None:
        await asyncio.Event().wait()

    before, health.LONGEST_CHECK = health.LONGEST_CHECK, 0.01
    try:
        assert not await Readiness({"database": hang}, Draining()).is_ready()
    finally:
        health.LONGEST_CHECK = before


async def test_a_process_that_leaves_says_so_at_once_and_asks_nobody() -> None:
    part, draining = Part(), Draining()
    readiness = Readiness({"database": part}, draining)
    assert await readiness.is_ready()
    draining.begin()
    answer = await ask(ReadinessEndpoint(readiness, ()))
    assert (answer.status, json.loads(answer.body)) == (503, {"status": "draining", "checks": {}})
    assert answer.headers["retry-after"] == "1"
    assert part.asked == 1


def test_probes_are_answered_whatever_the_load() -> None:
    routes = probe_routes(Readiness({}, Draining()), ())
    assert [(route.path, route.always) for route in routes] == [("/livez", True), ("/readyz", True)]


async def test_a_part_that_a_node_can_do_without_is_told_and_leaves_it_in_service() -> None:
    async def fail() -> None:
        raise OSError

    async def work() -> None:
        return

    readiness = Readiness({"database": work, "state": fail}, Draining(), dispensable=("state",))
    assert await readiness.is_ready()
    assert await readiness.results() == {"database": True, "state": False}
    without = Readiness({"database": fail, "state": work}, Draining(), dispensable=("state",))
    assert not await without.is_ready()
