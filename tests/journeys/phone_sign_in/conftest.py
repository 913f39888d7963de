import pytest

from tests.journeys.phone_sign_in.desk import Desk
from tests.journeys.stage import Stage


@pytest.fixture
def desk(stage: Stage) -> Desk:
    """A computer and a phone."""
    return Desk(stage)
