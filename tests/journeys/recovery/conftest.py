import pytest

from tests.journeys.recovery.scene import Scene
from tests.journeys.stage import Stage


@pytest.fixture
def scene(stage: Stage) -> Scene:
    """Getting back in, on the stage."""
    return Scene(stage)
