import asyncio

import pytest

from idp.adapters.redis.failures import NotRunError
from idp.adapters.redis.line import Line
from idp.adapters.redis.servers import SharedLine


async def test_whoever_waits_for_a_line_that_is_closed_is_told_and_not_cancelled() -> None:
    """A cluster closes the lines to nodes that left it while requests wait for one of them to answer."""
    asked = asyncio.Event()
    never: asyncio.Future[Line] = asyncio.get_running_loop().create_future()

    async def open_it() -> Line:
        asked.set()
        return await never

    shared = SharedLine(open_it)
    waiting = [asyncio.create_task(shared.reach()) for _ in range(2)]
    await asked.wait()
    await shared.close()

    for answer in await asyncio.gather(*waiting, return_exceptions=True):
        with pytest.raises(NotRunError):
            raise answer if isinstance(answer, BaseException) else AssertionError
