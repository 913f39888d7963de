import asyncio
import json
import multiprocessing
import os
import signal
from datetime import date

import pytest

from idp.adapters.importing.json_lines import Lines
from idp.adapters.importing.preparation_pool import WorkerLostError, preparation_pool
from idp.adapters.sql.people.sealed_people import SealedPeople
from tests.adapters.importing.sealing import fail_to_open, open_sealer

TODAY = date(2026, 9, 21)


def line(number: int) -> bytes:
    return json.dumps({"people": {"personal_number": f"001099{number:06}", "name": "An"}}).encode() + b"\n"


async def test_batches_are_prepared_in_other_processes_each_answer_to_its_question() -> None:
    with preparation_pool(2, open_sealer) as pool:
        assert pool.ahead == 2
        batches = [Lines(10 * number + 1, tuple(line(number) for _ in range(1))) for number in range(5)]
        prepared = await asyncio.gather(*(pool.prepare("people.jsonl", batch, TODAY) for batch in batches))
    for number, each in enumerate(prepared):
        assert isinstance(each.records, SealedPeople)
        assert each.numbers == (10 * number + 1,)
        assert each.records.people[0].told().personal_number == f"001099{number:06}"
    assert not multiprocessing.active_children()


async def test_a_refusal_comes_back_whole() -> None:
    with preparation_pool(1, open_sealer) as pool:
        prepared = await pool.prepare("people.jsonl", Lines(3, (line(1), b"{\n")), TODAY)
    assert str(prepared.refusal) == "people.jsonl: line 4: is not JSON"


async def test_a_worker_that_is_killed_is_told_and_nobody_waits_for_it() -> None:
    with preparation_pool(1, open_sealer) as pool:
        await pool.prepare("people.jsonl", Lines(1, (line(1),)), TODAY)
        (worker,) = multiprocessing.active_children()
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        for _ in range(2):
            with pytest.raises(WorkerLostError):
                await pool.prepare("people.jsonl", Lines(1, (line(1),)), TODAY)


async def test_a_worker_that_cannot_open_what_it_seals_with_is_told() -> None:
    with preparation_pool(1, fail_to_open) as pool, pytest.raises(WorkerLostError):
        await pool.prepare("people.jsonl", Lines(1, (line(1),)), TODAY)
