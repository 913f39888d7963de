import asyncio

from idp.journeys.errands import Errands


async def test_an_errand_goes_on_after_the_answer_and_a_failure_is_nobody_s() -> None:
    errands, done = Errands(), []
    waits = asyncio.Event()

    async def run(name: str) -> None:
        await waits.wait()
        done.append(name)

    async def fail() -> None:
        await waits.wait()
        raise ValueError

    errands.send(run("first"))
    errands.send(fail())
    assert done == []
    waits.set()
    await errands.settle()
    assert done == ["first"]
    await errands.settle()
