"""More than can be worked on, and a database that takes nothing: everybody is told 503, and when to come again.

An SQLite file is held locked by another program, so that every request which has to record something waits.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from idp.adapters.breaker import FAILURES, PAUSE
from tests.chosen_engines import chosen
from tests.flows.conftest import RECORDS
from tests.flows.provider import PASSWORD, SECRET, Provider, running_provider

pytestmark = pytest.mark.skipif(chosen() != "sqlite", reason="it is an SQLite file that is held locked")

LIMIT = 8
PAGE_LIMIT = LIMIT // 2
CLIENT_LIMIT = 3
AN = "001099000001"


@pytest.fixture
async def busy(prepared: Path, tmp_path: Path) -> AsyncIterator[Provider]:
    """A provider with little room."""
    (tmp_path / "idp.db").write_bytes((prepared / "idp.db").read_bytes())
    async with running_provider(tmp_path, RECORDS, request_limit=LIMIT, client_request_limit=CLIENT_LIMIT) as running:
        yield running


@contextmanager
def locked(provider: Provider) -> Iterator[None]:
    """Another program holds the write lock."""
    with closing(sqlite3.connect(provider.folder / "idp.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


Request = asyncio.Task[httpx.Response]


async def begun(*requests: Request) -> list[Request]:
    """Return the requests once each has come to where it waits or ends."""
    for _ in range(50):
        await asyncio.sleep(0)
    return list(requests)


def token(provider: Provider, client_id: str = "portal", secret: str = SECRET) -> Request:
    """A refusal that has to be recorded, as all are that concern a client which proved who it is."""
    fields = {"grant_type": "refresh_token", "refresh_token": "unknown"}
    return asyncio.create_task(provider.client().post("/token", data=fields, auth=(client_id, secret)))


def page(provider: Provider, **headers: str) -> Request:
    """The beginning of a sign-in, which is stored."""
    parameters = {
        "client_id": "portal",
        "redirect_uri": "http://localhost:9001/callback",
        "response_type": "code",
        "scope": "openid",
        "nonce": "n",
    }
    return asyncio.create_task(provider.client().get("/authorize", params=parameters, headers=headers))


async def numbers(provider: Provider, name: str) -> dict[str, float]:
    """The values of one metric by the value of its label."""
    transport = httpx.ASGITransport(provider.app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url=str(provider.settings.issuer)) as client:
        text = (await client.get("/metrics")).text
    found = re.findall(rf'^{name}(?:{{\w+="(\w+)"}})? ([0-9.]+)$', text, re.MULTILINE)
    return {label: float(value) for label, value in found}


async def test_one_client_has_no_more_than_its_share_in_progress(busy: Provider) -> None:
    with locked(busy):
        waiting = await begun(*(token(busy) for _ in range(CLIENT_LIMIT)))
        refused = await token(busy)
        other = (await begun(token(busy, "gateway")))[0]
        assert not any(request.done() for request in (*waiting, other))
    assert (refused.status_code, refused.json()["error"]) == (503, "temporarily_unavailable")
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["cache-control"] == "no-store"
    assert [(await request).json()["error"] for request in (*waiting, other)] == ["invalid_grant"] * (CLIENT_LIMIT + 1)
    assert await numbers(busy, "idp_requests_shed_total") == {"client": 1}


async def test_strangers_who_name_a_client_take_none_of_its_places(busy: Provider) -> None:
    with locked(busy):
        strangers = await begun(*(page(busy) for _ in range(CLIENT_LIMIT)))
        assert (await page(busy)).status_code == 503
        guesses = await begun(*(token(busy, secret="wrong") for _ in range(LIMIT - 2 * CLIENT_LIMIT)))
        own = await begun(*(token(busy) for _ in range(CLIENT_LIMIT)))
        assert not any(request.done() for request in (*strangers, *guesses, *own))
    assert [(await request).status_code for request in strangers] == [303] * CLIENT_LIMIT
    assert {(await request).status_code for request in guesses} == {401}
    assert [(await request).status_code for request in own] == [400] * CLIENT_LIMIT


async def test_a_storm_of_sign_ins_leaves_room_for_services(busy: Provider) -> None:
    visits = [busy.browser() for _ in range(PAGE_LIMIT)]
    forms = [(visit.http, *(await visit.authorize()).form("sign-in")) for visit in visits]
    with locked(busy):
        storm = [
            asyncio.create_task(http.post(action, data={**hidden, "username": AN, "password": PASSWORD}))
            for http, action, hidden in forms
        ]
        await begun(*storm)
        assert (await numbers(busy, "idp_requests_in_progress")).popitem()[1] == PAGE_LIMIT
        in_vietnamese = await page(busy, accept="text/html")
        in_english = await page(busy, accept="text/html", **{"accept-language": "en"})
        service = (await begun(token(busy)))[0]
        assert not service.done()
        assert [(await busy.client().get(path)).status_code for path in ("/livez", "/jwks")] == [200, 200]
        assert (await busy.client().get("/.well-known/openid-configuration")).status_code == 200
        sheet = re.search(r'href="(/static/[^"]+)"', in_english.text)
        assert sheet
        assert (await busy.client().get(sheet[1])).status_code == 200
    for answer, language, words in (
        (in_vietnamese, "vi", "Chúng tôi chưa thể trả lời ngay lúc này"),
        (in_english, "en", "We cannot answer just now"),
    ):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert f'lang="{language}"' in answer.text
        assert 'data-error="temporarily_unavailable"' in answer.text
        assert words in answer.text
    assert (await service).status_code == 400
    assert {(await request).status_code for request in storm} <= {303, 429}
    assert await numbers(busy, "idp_requests_shed_total") == {"pages": 2}


async def test_everything_together_has_a_limit_too(busy: Provider) -> None:
    with locked(busy):
        waiting = await begun(
            *(page(busy) for _ in range(CLIENT_LIMIT)),
            *(token(busy, client) for client in ("portal", "gateway") for _ in range(CLIENT_LIMIT)),
        )
        assert (await numbers(busy, "idp_requests_in_progress")).popitem()[1] == LIMIT
        refused = [await token(busy, "gateway"), await busy.client().get("/userinfo")]
        assert [(answer.status_code, answer.json()["error"]) for answer in refused] == [
            (503, "temporarily_unavailable")
        ] * 2
    outcomes = [(await request).status_code for request in waiting]
    assert outcomes == [303] * CLIENT_LIMIT + [400] * (LIMIT - CLIENT_LIMIT) + [503]
    assert await numbers(busy, "idp_requests_shed_total") == {"worker": 3}


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
async def test_a_machine_is_answered_in_json_whatever_it_accepts(busy: Provider, accept: str) -> None:
    with locked(busy):
        await begun(*(waiting := [token(busy) for _ in range(CLIENT_LIMIT)]))
        refused = await busy.client().post("/token", auth=("portal", SECRET), headers={"accept": accept})
        assert (refused.status_code, refused.headers["content-type"]) == (503, "application/json")
    await asyncio.gather(*waiting)


async def test_a_database_that_takes_nothing_is_soon_not_asked_any_more_and_asked_again_later(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [0.0]
    monkeypatch.setattr("idp.adapters.foundation.time", SimpleNamespace(monotonic=lambda: at[0]))
    async with running_provider(tmp_path, RECORDS, database_timeout=0.1) as provider:
        await _break_and_mend(provider, at)


async def _break_and_mend(provider: Provider, at: list[float]) -> None:
    visit = provider.browser()
    sign_in = await visit.authorize()
    with locked(provider):
        answers = await asyncio.gather(*(token(provider) for _ in range(FAILURES)))
        assert {answer.status_code for answer in answers} == {503}
        assert (await numbers(provider, "idp_store_breaker_state"))["database_write"] == 2
        at_once = [await token(provider), await page(provider, accept="text/html")]
        assert [answer.status_code for answer in at_once] == [503, 503]
        assert all(answer.headers["retry-after"] == "1" for answer in at_once)
        assert (await numbers(provider, "idp_store_refused_total"))["database_write"] >= len(at_once)
        refused = await visit.submit(sign_in, "sign-in", username=AN, password=PASSWORD)
        assert (refused.status, refused.error_code) == (503, "temporarily_unavailable")
        ready = await provider.client().get("/readyz")
        assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "failed")
        assert ready.json()["checks"]["schema"] == "ok"
    at[0] += PAUSE
    for _ in range(FAILURES):
        assert (await token(provider)).status_code == 400
    assert (await numbers(provider, "idp_store_breaker_state"))["database_write"] == 0
    assert "code" in (await visit.sign_in(sign_in)).answer
