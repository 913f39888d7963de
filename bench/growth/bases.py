"""The installations that growth is measured on, each in a folder of its own that stays."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.growth.crowd import Service
from bench.growth.doubles import CHEAP_ARGON2, double_number
from bench.growth.people import fill
from bench.installation import (
    CALLBACK,
    PEOPLE,
    Installation,
    load_records,
    personal_number,
    served,
    settings,
    within,
)
from docker.cluster.ports import free_port

_IDP: Final = (sys.executable, "-m", "bench.idp_command")
_FEW_SERVICES: Final = 10
_IN_ONE_FILE: Final = 1_000
_OF_THE_SCENARIOS: Final = 3
"""Clients that `load_records` brings; they count, and are not asked for."""


@dataclass(frozen=True, slots=True)
class Base:
    """A database in a folder: how many people can be asked for, by their places, and which clients."""

    folder: Path
    people: int
    number: Callable[[int], str]
    services: tuple[Service, ...]


def with_people(folder: Path, people: int) -> Base:
    """Return a base with so many people, made if it is not there."""
    base = Base(folder / f"people-{people}", people, double_number, _services(_FEW_SERVICES))
    fill(base.folder, _environment(base.folder, free_port()), people)
    _register(base)
    return base


def with_clients(folder: Path, clients: int) -> Base:
    """Return a base with so many clients and the people of the scenarios, made if it is not there."""
    base = Base(folder / f"clients-{clients}", PEOPLE, personal_number, _services(clients - _OF_THE_SCENARIOS))
    base.folder.mkdir(parents=True, exist_ok=True)
    environment = _environment(base.folder, free_port())
    if (base.folder / "registered").exists():
        subprocess.run([*_IDP, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    else:
        load_records(base.folder, environment)
    _register(base)
    return base


@contextmanager
def running(core: int, bases: list[Base]) -> Iterator[list[Installation]]:
    """Serve each base by a process of its own, all on one core."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(served(core, _environment(each.folder, port), (port,), each.folder))
            for each, port in [(each, free_port()) for each in bases]
        ]


def _environment(folder: Path, port: int) -> dict[str, str]:
    return (
        settings((port,))
        | within(folder)
        | {
            "IDP_ARGON2": CHEAP_ARGON2,
            # Two thousand connections that all ask are to be answered here, not turned away.
            "IDP_REQUEST_LIMIT": "16384",
            "IDP_CLIENT_REQUEST_LIMIT": "16384",
        }
    )


def _services(number: int) -> tuple[Service, ...]:
    return tuple((f"growth-{each:05}", f"a-secret-of-the-benchmark-{each:05}") for each in range(number))


def _register(base: Base) -> None:
    """Import the clients, once."""
    registered = base.folder / "registered"
    if registered.exists():
        return
    files = []
    for position, some in enumerate(_portions(base.services)):
        files.append(base.folder / f"clients-{position:02}.yaml")
        files[-1].write_text(json.dumps({"clients": [_client(*each) for each in some]}), encoding="utf-8")
    environment = _environment(base.folder, free_port())
    subprocess.run([*_IDP, "import", *map(str, files)], env=environment, check=True, stdout=subprocess.DEVNULL)
    registered.touch()


def _portions(services: tuple[Service, ...]) -> Iterator[tuple[Service, ...]]:
    for start in range(0, len(services), _IN_ONE_FILE):
        yield services[start : start + _IN_ONE_FILE]


def _client(client_id: str, secret: str) -> Mapping[str, object]:
    return {
        "client_id": client_id,
        "client_secret": secret,
        "client_name": {"vi": f"Dịch vụ {client_id}", "en": f"Service {client_id}"},
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "scope": "openid profile email offline_access bench.read",
        "skip_consent": True,
        "id_token_signed_response_alg": "ES256",
    }
