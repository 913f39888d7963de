"""A provider of the module's own (its people and clients: the module's `records`), and those who use it."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import chrome, page
from tests.relying_parties.openid_client import NodeRelyingParty, relying_party
from tests.relying_parties.person import Person
from tests.server import CALLBACK, provider, provider_process

__all__ = ["chrome", "page", "provider", "provider_process"]


@pytest.fixture
def service() -> Iterator[NodeRelyingParty]:
    """A service on openid-client."""
    with relying_party() as running:
        yield running


@pytest.fixture
def person() -> Iterator[Person]:
    """A person whose browser stops where the service gets its answer."""
    with Person(stops_at=CALLBACK.removesuffix("callback")) as sitting:
        yield sitting
