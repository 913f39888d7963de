import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.town import Town, build_town, party


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    logging.getLogger("clients").setLevel(logging.INFO)
    town = build_town(tmp_path)
    yield town
    for app in (town.portal, town.ministry, town.gateway):
        party(app).database.close()
