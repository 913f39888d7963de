import functools
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from clients.relying_party.cookies import Cookies
from clients.relying_party.pages import Pages
from tests.clients.town import Town, build_town, party


@pytest.fixture(scope="session", autouse=True)
def pages_are_read_once() -> Iterator[None]:
    """Templates and catalogues are the same in every test; compiling them anew each time costs more than the tests."""
    read = Pages.of

    @functools.cache
    def read_once(package: Path, cookies: Cookies, links: tuple[tuple[str, str], ...]) -> Pages:
        return read(package, cookies, dict(links))

    def of(package: Path, cookies: Cookies, links: Mapping[str, str]) -> Pages:
        return read_once(package, cookies, tuple(links.items()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pages, "of", of)
        yield


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    logging.getLogger("clients").setLevel(logging.INFO)
    town = build_town(tmp_path)
    yield town
    for app in (town.portal, town.ministry, town.gateway):
        party(app).database.close()
