"""One provider for each flow test."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.flows.provider import RECORDS, Browser, Provider, compile_templates_once, prepare, running_provider

__all__ = ["RECORDS"]


@pytest.fixture(scope="session", autouse=True)
def shared_templates() -> Iterator[None]:
    """Templates compiled once."""
    with pytest.MonkeyPatch.context() as patch:
        compile_templates_once(patch)
        yield


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the people and clients of `records.yaml`, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("prepared")
    asyncio.run(prepare(folder, RECORDS))
    return folder


@pytest.fixture
async def provider(prepared: Path, tmp_path: Path) -> AsyncIterator[Provider]:
    """A provider with the people and clients of `records.yaml`."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with running_provider(tmp_path) as running:
        yield running


@pytest.fixture
def browser(provider: Provider) -> Browser:
    """A browser without cookies."""
    return provider.browser()
