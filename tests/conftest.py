"""What every test relies on, and which rooms of tests take their time."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import chosen_engines
from tests.postgresql import databases_of_one_test

# A deadline measures the machine, which tests share with each other.
settings.register_profile("shared-machine", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=20)
settings.load_profile("shared-machine")

TESTS = Path(__file__).parent
SLOW_ROOMS = (
    "adapters",
    "cli",
    "clients",
    "cluster",
    "conformance",
    "docker",
    "faults",
    "flows",
    "ports",
    "relying_parties",
    "security",
)
"""Whole applications, and every adapter by itself on its engines: `make quick` leaves them to `make test`. What is fast
runs on one of each: the protocol's tests on the real SQLite store and the real keystore."""


@pytest.fixture(autouse=True)
def databases() -> Iterator[None]:
    """PostgreSQL's databases of one test go with it; those of a module or a run were made before."""
    with databases_of_one_test():
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engines", choices=chosen_engines.CHOICES, help="what whole applications run on; SQLite unless said otherwise"
    )


def pytest_configure(config: pytest.Config) -> None:
    if engines := config.getoption("--engines"):
        os.environ[chosen_engines.VARIABLE] = engines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Not a header, which a quiet run leaves out."""
    terminalreporter.write_line(
        f"whole applications ran on {chosen_engines.chosen()}, the ports' contracts on every engine"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(TESTS)
        if any(place.is_relative_to(room) for room in SLOW_ROOMS):
            item.add_marker("slow")
        if place.is_relative_to("browser"):
            item.add_marker("browser")
