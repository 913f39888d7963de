"""What the composition root does by itself: stopping."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from fastapi import FastAPI

from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.foundation import Foundation, open_foundation
from idp.adapters.sql import schema
from idp.app import _Composition
from idp.ports.errors import StoreUnavailableError
from idp.settings import Settings
from idp.web.edge.draining import Draining
from tests.adapters.turned_clock import TurnedClock


@pytest.fixture
def foundation(tmp_path: Path) -> Foundation:
    settings = Settings.model_validate(
        {
            "database_url": f"sqlite:///{tmp_path}/idp.db",
            "keystore": f"file:{tmp_path}/keys",
            "secret_file": tmp_path / "secret",
            "audit_checkpoints": f"file:{tmp_path}/checkpoints.jsonl",
            "argon2": "m=8,t=1,p=1",
        }
    )
    load_secret(settings.secret_file, create=True)
    schema.prepare(settings.database_url)
    return open_foundation(settings, numbers=None, hashing_threads=1, clock=TurnedClock(), entropy=SystemEntropy())


async def test_stopping_goes_on_when_a_last_run_fails(
    foundation: Foundation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    composition = _Composition(foundation, Draining())

    async def fail() -> None:
        raise StoreUnavailableError

    closed: list[Callable[[], Awaitable[None]]] = []
    monkeypatch.setattr(composition._floods, "finish", fail)
    monkeypatch.setattr(Foundation, "close", _noting(closed, Foundation.close))
    async with composition._lifespan(FastAPI()):
        pass
    assert closed


def _noting(
    closed: list[Callable[[], Awaitable[None]]], close: Callable[[Foundation], Awaitable[None]]
) -> Callable[[Foundation], Awaitable[None]]:
    async def noted(self: Foundation) -> None:
        closed.append(self.close)
        await close(self)

    return noted
