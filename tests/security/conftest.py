from collections.abc import AsyncIterator

import pytest_asyncio

from tests.relying_party import hang_up
from tests.server import provider, provider_process, records

__all__ = ["provider", "provider_process", "records"]


@pytest_asyncio.fixture(autouse=True)
async def connections() -> AsyncIterator[None]:
    """Nobody leaves a connection open behind."""
    yield
    await hang_up()
