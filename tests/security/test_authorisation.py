"""Every role against every page of the console and every operation of its JSON API, as the one table says."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from starlette.routing import Route

from idp.domain.offices.administration import PERMISSIONS, Action, Role
from idp.protocol.resources.administration_access import PATH as API
from idp.web.api.gate import Admission
from idp.web.api.routes import api_routes
from idp.web.console.frame import ConsoleRoute
from idp.web.console.routes import console_routes
from tests.flows.conftest import RECORDS
from tests.flows.console import USERNAMES, api_token, at_the_desk
from tests.flows.provider import Provider, compile_templates_once, prepare, running_provider

NOWHERE = "0" * 32
"""An identifier that nothing has: whoever is let in finds nothing there, and nothing is changed."""
OWN_AGENCY = "G10"
"""Another one would be out of reach for some: that is refused too, behind the door."""


@dataclass
class Doors:
    """Every way in, by method and path, and the action that it takes."""

    pages: dict[tuple[str, str], Action] = field(default_factory=dict)
    operations: dict[tuple[str, str], Action] = field(default_factory=dict)

    def note_pages(self, routes: tuple[Route, ...]) -> None:
        for route in routes:
            assert isinstance(route, ConsoleRoute), f"{route.path} stands outside the frame"
            self.pages |= {(method, route.path): action for method, action in route.actions.items()}

    def note_operations(self, router: APIRouter) -> None:
        self.operations |= dict(_operations(router))


def _operations(router: APIRouter, above: str = "") -> Iterator[tuple[tuple[str, str], Action]]:
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _operations(inner, above + router.prefix)
        elif getattr(route, "include_in_schema", False):
            for method in route.methods:  # type: ignore[attr-defined]
                path = (above + route.path).removeprefix(API)  # type: ignore[attr-defined]
                yield (method, path), _action(route.dependant, path)  # type: ignore[attr-defined]


def _action(dependant: Dependant, path: str) -> Action:
    found = [each.call.action for each in dependant.dependencies if isinstance(each.call, Admission)]
    assert len(found) == 1, f"{path} takes {len(found)} actions"
    return found[0]


@asynccontextmanager
async def _watched(folder: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Provider, Doors]]:
    doors, routers = Doors(), []

    def pages(parts: Any) -> tuple[Route, ...]:
        routes = console_routes(parts)
        doors.note_pages(routes)
        return routes

    def api(*parts: Any) -> APIRouter:
        routers.append(api_routes(*parts))
        return routers[-1]

    patch.setattr("idp.web.pages.site.console_routes", pages)
    patch.setattr("idp.app.api_routes", api)
    async with running_provider(folder) as provider:
        async with provider.client() as client:
            assert (await client.get("/api/openapi.json")).is_success  # whoever asks first has the interfaces made
        doors.note_operations(routers[0])
        yield provider, doors


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records of the flow tests."""
    folder = tmp_path_factory.mktemp("authorisation")
    asyncio.run(prepare(folder, RECORDS))
    return folder


@pytest.fixture
async def house(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Provider, Doors]]:
    """A provider, and every door of its console."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    compile_templates_once(monkeypatch)
    async with _watched(tmp_path, monkeypatch) as watched:
        yield watched


def _place(path: str) -> str:
    return re.sub(r"\{[^}]+\}", NOWHERE, path.replace("{code}", OWN_AGENCY))


@pytest.mark.parametrize("role", Role)
async def test_a_role_opens_the_pages_that_the_table_says(house: tuple[Provider, Doors], role: Role) -> None:
    provider, doors = house
    browser, _ = await at_the_desk(provider, USERNAMES[role])
    wrong = []
    for (method, path), action in doors.pages.items():
        # A form without its token is refused by whoever is behind the door: that far, nobody else comes.
        response = await browser.http.request(method, _place(path), data={"any": "thing"} if method == "POST" else None)
        refused = response.status_code == 403 and 'data-error="not_allowed"' in response.text
        if refused is (role in PERMISSIONS[action]) or response.status_code >= 500:
            wrong.append(f"{method} {path} ({action}): {response.status_code}")
    assert wrong == []
    assert len(doors.pages) > 10


@pytest.mark.parametrize("role", Role)
async def test_a_role_may_do_by_the_interface_what_the_table_says(house: tuple[Provider, Doors], role: Role) -> None:
    provider, doors = house
    headers = {"authorization": f"Bearer {await api_token(provider, USERNAMES[role])}"}
    wrong = []
    async with provider.client() as http:
        for (method, path), action in doors.operations.items():
            body: dict[str, Any] | None = None if method == "GET" else {}
            response = await http.request(method, API + _place(path), json=body, headers=headers)
            refused = response.status_code == 403 and response.json()["code"] == "not_allowed"
            if refused is (role in PERMISSIONS[action]) or response.status_code >= 500:
                wrong.append(f"{method} {path} ({action}): {response.status_code} {response.text[:80]}")
    assert wrong == []
    assert len(doors.operations) > 5


async def test_every_operation_that_is_described_takes_an_action(house: tuple[Provider, Doors]) -> None:
    provider, doors = house
    document = (await provider.client().get("/api/openapi.json")).json()
    described = {
        (method.upper(), path.removeprefix(API))
        for path, operations in document["paths"].items()
        if path.startswith(API)
        for method in operations
    }
    assert described == doors.operations.keys()


async def test_every_action_is_taken_by_some_door(house: tuple[Provider, Doors]) -> None:
    _, doors = house
    taken = {*doors.pages.values(), *doors.operations.values()}
    # What a kind of change says of those who ask and decide is asked by the four eyes behind its door.
    untaken = {action for action in Action if action not in taken}
    assert {action for action in untaken if not action.value.endswith((".decide", ".approve", ".ask"))} == set()


async def test_citizens_and_strangers_open_no_door(house: tuple[Provider, Doors]) -> None:
    provider, doors = house
    citizen, stranger = provider.browser(), provider.browser()
    await citizen.signed_in("portal")
    for browser in (citizen, stranger):
        for method, path in doors.pages:
            response = await browser.http.request(method, _place(path))
            assert response.status_code == 303, (method, path)
            assert response.headers["location"].startswith("/sign-in/")
    for method, path in doors.operations:
        response = await stranger.http.request(method, API + _place(path))
        assert response.status_code == 401, (method, path)
