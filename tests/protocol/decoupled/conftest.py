"""Devices that are registered."""

import pytest

from tests.protocol.decoupled.asking import Asking
from tests.protocol.world import World


@pytest.fixture
async def asking(world: World) -> Asking:
    """Return the device flow, with clients that may use it."""
    asking = Asking(world)
    await asking.register()
    return asking
