"""A prepared database and keystore, made once and copied for each test."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.adapters.crypto.secret_file import Secret
from idp.adapters.sql.schema import prepare
from tests.protocol.world import World, open_world

SECRET = Secret(bytes(range(32)))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a database that holds the records, and the keys that it is sealed under."""
    folder = tmp_path_factory.mktemp("world")
    prepare(f"sqlite:///{folder / 'idp.db'}")

    async def load() -> None:
        world = await open_world(folder / "idp.db", folder / "keys", SECRET)
        await world.stores.close()

    asyncio.run(load())
    return folder


@pytest.fixture
async def world(template: Path, tmp_path: Path) -> AsyncIterator[World]:
    """Return the token side, with a citizen, an officer, four clients and two resources."""
    folder = shutil.copytree(template, tmp_path / "world")
    opened = await open_world(folder / "idp.db", folder / "keys", SECRET)
    yield opened
    await opened.stores.close()
