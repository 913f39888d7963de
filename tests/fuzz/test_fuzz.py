from collections.abc import Callable
from random import Random

import pytest

from bench.connection import Answer
from tests.fuzz.__main__ import leaked
from tests.fuzz.mutations import MUTATIONS, Mutation
from tests.fuzz.oracle import MARK, STRANGER, Oracle
from tests.fuzz.request import Raw, Request
from tests.fuzz.run import Run
from tests.fuzz.target import PEOPLE, RECORDS, prepare
from tests.server import ProviderProcess, provider_process

__all__ = ["provider_process"]

CALLBACK = "http://localhost:9999/callback"
ORACLE = Oracle("http://localhost:8000", (CALLBACK, f"{CALLBACK}?place=1"), (b"a-secret-of-ours",))
GOOD = Request(
    "good", "POST", "/token", headers=(("authorization", "Basic YTpi"),),
    fields=(("grant_type", "authorization_code"), ("redirect_uri", CALLBACK), ("assertion", "e30.e30.AAAA")),
)  # fmt: skip


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    lines = [f"HTTP/1.1 {status} X", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return Answer(status, "\r\n".join(lines).encode(), body)


@pytest.mark.parametrize("place", [
    "/sign-in/x", f"{CALLBACK}", f"{CALLBACK}?code=x", f"{CALLBACK}#id_token=x", f"{CALLBACK}?place=1&code=x",
    "http://localhost:8000/sign-in",
])  # fmt: skip
def test_an_answer_may_lead_here(place: str) -> None:
    assert ORACLE.may_lead_to(place)


@pytest.mark.parametrize("place", [
    "//stranger.example", "/\\stranger.example", "https://stranger.example/", f"{CALLBACK}/", f"{CALLBACK}x?code=x",
    "http://localhost:8000.stranger.example/", "http://localhost:80001/", "javascript:alert(1)", "", "callback",
])  # fmt: skip
def test_an_answer_may_not_lead_there(place: str) -> None:
    assert not ORACLE.may_lead_to(place)


@pytest.mark.parametrize(("seen", "fault"), [
    (answer(500), "status 500"),
    (answer(303, location="https://stranger.example/"), "redirects to"),
    (answer(200, b"<p><zq", content_type="text/html"), "without escaping"),
    (answer(200, b'{"a": "<zq"}', content_type="application/json"), "may take for a page"),
    (answer(200, b"a-secret-of-ours", content_type="text/plain"), "a secret comes back"),
    (answer(303, location="/a-secret-of-ours"), "a secret comes back"),
    (answer(400, b"Traceback (most recent call last)", content_type="text/plain"), "a traceback"),
    (answer(200, b"x"), "without a content type"),
    (answer(200, x_zq_injected="1"), "a header was injected"),
    (answer(200, f"<a href='https://{STRANGER}/x'>".encode(), content_type="text/html"), "a page leads to"),
    (answer(200, b'<form id="x" action="https://a.example/">', content_type="text/html"), "a form leads to"),
])  # fmt: skip
def test_what_must_not_come_back_is_seen(seen: Answer, fault: str) -> None:
    assert [what for what in ORACLE.faults(seen) if fault in what]


def test_a_good_answer_has_no_fault() -> None:
    page = b'<form id="x" action="/consent/x"><p>&lt;zq</p></form>'

    assert list(ORACLE.faults(answer(200, page, content_type="text/html; charset=utf-8"))) == []
    assert list(ORACLE.faults(answer(303, location=f"{CALLBACK}?error=access_denied"))) == []


@pytest.mark.parametrize("mutation", list(dict.fromkeys(MUTATIONS)))
def test_a_mutation_spoils_the_same_way_by_the_same_chance(mutation: Mutation) -> None:
    changed = 0
    for number in range(60):
        once, again = (mutation(GOOD, Random(number)) for _ in range(2))
        assert once.path == again.path
        assert once.encoded("localhost")
        changed += once.encoded("localhost") != GOOD.encoded("localhost")
    assert changed > 10


def test_what_is_raw_goes_out_as_it_stands() -> None:
    request = Request("x", "GET", "/authorize", query=(("a", Raw("%zz")), ("b", MARK)))

    assert request.encoded("localhost").startswith(b"GET /authorize?a=%zz&b=%3Czq%22%27%3E HTTP/1.1\r\n")


def test_a_secret_in_the_log_is_seen() -> None:
    assert leaked(b"GET /x 200") == []
    assert leaked(b"fuzzed-client-secret-fuzzed-client-secret") == ["a client's secret"]


@pytest.mark.slow
async def test_a_few_spoilt_requests_bring_nothing_that_must_not_be(
    provider_process: Callable[..., ProviderProcess],
) -> None:
    provider = provider_process(IDP_LEGACY_RESPONSE_TYPES="true")
    provider.load(RECORDS)
    provider.start()

    report = await Run(prepare(provider), seed=7, limit=600, seconds=20).go()

    assert [f"{fault.number}: {fault.what}" for fault in report.faults] == []
    assert report.sent == 600
    prepare(provider, PEOPLE[-1])
    provider.stop()
    assert leaked(provider.log_path.read_bytes()) == []
