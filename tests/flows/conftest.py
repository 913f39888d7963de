"""One provider for each flow test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.provider import Browser, Provider, running_provider

RECORDS = (Path(__file__).parent / "records.yaml").read_text(encoding="utf-8")


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    """A provider with the people and clients of `records.yaml`."""
    async with running_provider(tmp_path, RECORDS) as running:
        yield running


@pytest.fixture
def browser(provider: Provider) -> Browser:
    """A browser without cookies."""
    return provider.browser()
