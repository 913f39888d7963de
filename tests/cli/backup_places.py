"""Places that a provider may live in, for backups from one and into another."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from idp.adapters.sql import schema
from idp.cli.main import app
from tests.flows.conftest import RECORDS
from tests.flows.provider import ISSUER, Provider, import_records, running_provider
from tests.postgresql import program, server

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with a provider's files, the URL of its database, and that of its keystore where it is not a folder."""

    folder: Path
    url: str
    patch: pytest.MonkeyPatch
    keystore: str = ""

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints.jsonl"

    def idp(self, *arguments: object) -> Result:
        """Run a command as the operator of this place."""
        for name, value in {
            "ISSUER": ISSUER,
            "DATABASE_URL": self.url,
            "KEYSTORE": self.keystore or f"file:{self.folder}/keys",
            "SECRET_FILE": self.folder / "secret",
            "MAIL": f"file:{self.folder}/mail",
            "AUDIT_CHECKPOINTS": f"file:{self.checkpoints}",
        }.items():
            self.patch.setenv(f"IDP_{name}", str(value))
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    def bring_secret_of(self, other: "Place") -> None:
        """Bring what no backup holds."""
        shutil.copy(other.folder / "secret", self.folder / "secret")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Provider]:
        """The provider of this place."""
        async with running_provider(self.folder, database_url=self.url, state_url="") as provider:
            yield provider


def empty_place(engine: str, folder: Path, patch: pytest.MonkeyPatch) -> Place:
    """A place with nothing in it; PostgreSQL's programs are on PATH."""
    folder.mkdir()
    if engine == "sqlite":
        return Place(folder, f"sqlite:///{folder}/idp.db", patch)
    patch.setenv("PATH", str(Path(program("pg_dump")).parent), prepend=":")
    return Place(folder, server().new_database(), patch)


async def live_place(engine: str, folder: Path, patch: pytest.MonkeyPatch) -> Place:
    """A place with the people and clients of the flow tests."""
    place = empty_place(engine, folder, patch)
    schema.migrate(place.url)
    async with place.running() as provider:
        await import_records(provider.stores, RECORDS, provider.settings)
    return place
