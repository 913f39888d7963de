"""People and clients, made once and copied for each test."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.conftest import RECORDS
from tests.flows.provider import prepare
from tests.journeys.stage import Stage, open_stage


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the records of the flow tests."""
    folder = tmp_path_factory.mktemp("stage")
    asyncio.run(prepare(folder, RECORDS))
    return folder


@pytest.fixture
async def stage(prepared: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """The journeys on a copy of it."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    opened = open_stage(tmp_path)
    yield opened
    await opened.stores.close()
    opened.hasher.close()
