import pytest

from tests.journeys.passkeys.keyring import Keyring
from tests.journeys.stage import Stage


@pytest.fixture
def keyring(stage: Stage) -> Keyring:
    """The passkey journeys of the stage."""
    return Keyring(stage)
