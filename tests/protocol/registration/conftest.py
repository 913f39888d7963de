import pytest

from tests.protocol.registration.registrar import Registrar
from tests.protocol.world import World


@pytest.fixture
def registrar(world: World) -> Registrar:
    return Registrar(world)
