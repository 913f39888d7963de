import pytest

from tests.journeys.administration.counter import Counter, make_counter
from tests.journeys.administration.office import office
from tests.journeys.stage import Stage

__all__ = ["counter", "office"]


@pytest.fixture
async def counter(stage: Stage) -> Counter:
    return await make_counter(stage)
