"""The simulated register: says that it is one, misbehaves on request, and pushes signed events."""

import json
from pathlib import Path

import httpx
import pytest
from jose import jwt

from clients.population_registry.app import build_app
from clients.population_registry.faults import Faults, Mode
from clients.population_registry.settings import RegistrySettings
from clients.relying_party.http_edge import HttpEdge
from clients.relying_party.settings import Environment, SettingRefused, SiteSettings
from idp.cli.demo_certificates import ServiceKeys

ANH = "001190000011"
LANH = "040150000112"
SITE = SiteSettings("https://localhost:9005", "127.0.0.1", 9005)


def asking(app: HttpEdge) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE.base_url)


async def find(client: httpx.AsyncClient, number: str = ANH) -> httpx.Response:
    return await client.post("/people/find", json={"personal_number": number})


async def test_it_says_that_it_is_a_simulation() -> None:
    async with asking(build_app(RegistrySettings(SITE, Faults()))) as client:
        for answer in (await client.get("/"), await find(client), await find(client, "000000000000")):
            assert answer.json()["simulation"] is True


async def test_it_misbehaves_as_it_is_told_and_stops() -> None:
    async with asking(build_app(RegistrySettings(SITE, Faults(Mode.ERROR)))) as client:
        assert (await find(client)).status_code == 503
        assert (await client.put("/control", json={"failure": "garbage"})).status_code == 200
        assert (await find(client)).headers["content-type"].startswith("text/html")
        for wrong in ({"failure": "explode"}, {"latency_ms": -1}, {"latency_ms": 3_600_000}):
            assert (await client.put("/control", json=wrong)).status_code == 422
        await client.put("/control", json={"failure": "none", "latency_ms": 1})
        assert (await client.get("/control")).json() == {"failure": "none", "latency_ms": 1}
        assert (await find(client)).json()["person"]["name"] == "Nguyễn Thị Ánh"


def test_its_switches_can_be_set_from_the_start() -> None:
    told = RegistrySettings.of(Environment({"PORT": "9005", "FAILURE": "hang", "LATENCY_MS": "250"}))
    assert told.faults == Faults(Mode.HANG, 250)
    with pytest.raises(SettingRefused, match="FAILURE"):
        RegistrySettings.of(Environment({"PORT": "9005", "FAILURE": "explode"}))


async def test_an_event_is_pushed_signed_and_known_to_the_register_itself(tmp_path: Path) -> None:
    keys = ServiceKeys(tmp_path)
    keys.make()
    pushed: list[httpx.Request] = []

    def provider(request: httpx.Request) -> httpx.Response:
        pushed.append(request)
        return httpx.Response(202)

    settings = RegistrySettings(SITE, Faults(), "http://localhost:9000", "population-registry", keys.events_key)
    async with asking(build_app(settings, httpx.MockTransport(provider))) as client:
        answer = await client.post("/events", json={"kind": "death", "subject": ANH})
        assert answer.json() == {"provider_status": 202, "provider_answer": ""}
        assert (await find(client)).json()["person"]["life_status"] == "deceased"
        await client.post("/events", json={"kind": "death-annulled", "subject": ANH})
        assert (await find(client)).json()["person"]["life_status"] == "alive"
        assert (await client.post("/events", json={"kind": "lottery", "subject": ANH})).status_code == 422
    first, _ = pushed
    assert (str(first.url), first.headers["content-type"]) == (
        "http://localhost:9000/api/registry-events",
        "application/secevent+jwt",
    )
    token = first.content.decode()
    key = json.dumps(keys.public_events_key()["keys"][0])
    claims = jwt.decode(token, key, "ES256", audience="http://localhost:9000", issuer="population-registry")
    assert jwt.get_unverified_header(token)["typ"] == "secevent+jwt"
    assert claims["sub_id"] == {"format": "iss_sub", "iss": "urn:vn:register:population", "sub": ANH}
    assert claims["events"] == {"urn:vn:register:event:death": {}}


async def test_without_a_key_nothing_is_pushed() -> None:
    async with asking(build_app(RegistrySettings(SITE, Faults()))) as client:
        assert (await client.post("/events", json={"kind": "card-locked", "subject": LANH})).status_code == 409


async def test_a_provider_that_does_not_answer_is_told(tmp_path: Path) -> None:
    keys = ServiceKeys(tmp_path)
    keys.make()

    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody listens", request=request)

    settings = RegistrySettings(SITE, Faults(), "http://localhost:9000", "population-registry", keys.events_key)
    async with asking(build_app(settings, httpx.MockTransport(nobody))) as client:
        assert (await client.post("/events", json={"kind": "card-locked", "subject": ANH})).status_code == 502
