"""The provider as the official suite meets it: a person with every claim, two clients, consent asked."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.conformance.fapi_suite import FapiSuite, register
from tests.conformance.front_channel_suite import legacy_records
from tests.conformance.suite import Suite
from tests.flows.provider import Provider, compile_templates_once, prepare, running_provider

RECORDS = (Path(__file__).parent / "records.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def shared_templates() -> Iterator[None]:
    """Templates compiled once."""
    with pytest.MonkeyPatch.context() as patch:
        compile_templates_once(patch)
        yield


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the records, made once and copied for each module."""
    folder = tmp_path_factory.mktemp("conformance")
    asyncio.run(prepare(folder, RECORDS))
    return folder


@pytest.fixture
async def provider(prepared: Path, tmp_path: Path) -> AsyncIterator[Provider]:
    """A provider of this module's own."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with running_provider(tmp_path) as running:
        yield running


@pytest.fixture
def suite(provider: Provider) -> Suite:
    """The suite's relying party."""
    return Suite(provider)


@pytest.fixture(scope="session")
def legacy_prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the people, and the clients registered for every response type."""
    folder = tmp_path_factory.mktemp("legacy")
    asyncio.run(prepare(folder, legacy_records()))
    return folder


@pytest.fixture
async def legacy_provider(legacy_prepared: Path, tmp_path: Path) -> AsyncIterator[Provider]:
    """A provider where tokens come through the browser."""
    shutil.copytree(legacy_prepared, tmp_path, dirs_exist_ok=True)
    async with running_provider(tmp_path, legacy_response_types=True) as running:
        yield running


@pytest.fixture
async def fapi_provider(prepared: Path, tmp_path: Path) -> AsyncIterator[Provider]:
    """A provider with the clients of the FAPI 2.0 plans, behind a proxy that it believes."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with running_provider(tmp_path, trusted_proxies="127.0.0.1") as running:
        await register(running)
        yield running


@pytest.fixture
def fapi(fapi_provider: Provider) -> FapiSuite:
    """The suite of the FAPI 2.0 plans: private_key_jwt and DPoP."""
    return FapiSuite(fapi_provider)
