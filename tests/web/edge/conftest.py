import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

_ON_SOCKETS = {"test_http1", "test_in_turn"}


def pytest_asyncio_loop_factories(
    config: pytest.Config,
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Loops differ in when connections write, pause and end; `idp serve` has uvloop's."""
    one: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    return one | {"uvloop": uvloop.new_event_loop} if item.path.stem in _ON_SOCKETS else one
