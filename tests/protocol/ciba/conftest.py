"""A client that may ask for people who are elsewhere."""

import pytest

from tests.protocol.ciba.asking import Backchannel
from tests.protocol.world import World


@pytest.fixture
async def backchannel(world: World) -> Backchannel:
    """Return the backchannel, with the portal polling."""
    backchannel = Backchannel(world)
    await backchannel.register()
    return backchannel
