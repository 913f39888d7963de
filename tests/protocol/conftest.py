"""A prepared database and keystore, made once and copied for each test."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.adapters.sql.schema import prepare
from tests.protocol.world import World, open_world


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a database that holds the records, and the keys that it is sealed under."""
    folder = tmp_path_factory.mktemp("world")
    prepare(f"sqlite:///{folder / 'idp.db'}")

    async def load() -> None:
        world = await open_world(folder)
        await world.foundation.close()

    asyncio.run(load())
    return folder


@pytest.fixture
async def world(template: Path, tmp_path: Path) -> AsyncIterator[World]:
    """Return the token side, with a citizen, an officer, four clients and two resources."""
    folder = shutil.copytree(template, tmp_path / "world")
    opened = await open_world(folder)
    yield opened
    await opened.foundation.close()
