"""Traces of real sign-ins, as a collector receives them."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from docker.cluster.ports import free_port
from tests.flows.conftest import RECORDS
from tests.flows.provider import PASSWORD, SECRET, Browser, Provider, running_provider
from tests.otlp_receiver import Received, otlp_receiver

ROOT = Path(__file__).parents[2]
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACE_PARENT = f"00-{TRACE}-{PARENT}-01"


async def _everything(provider: Provider) -> list[str]:
    """Sign in with two factors, redeem, refresh, ask userinfo and introspection; return every secret that was seen."""
    browser = provider.browser()
    page = await browser.signed_in("gateway", scope="openid profile email offline_access", prompt="consent")
    if page.has_form("consent"):
        page = await browser.submit(page, "consent", decision="allow")
    tokens = (await browser.redeem(page, "gateway")).json()
    body = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    fresh = (await browser.http.post("/token", data=body, auth=("gateway", SECRET))).json()
    assert (await browser.userinfo(fresh["access_token"])).status_code == 200
    await browser.http.post("/introspect", data={"token": fresh["access_token"]}, auth=("gateway", SECRET))
    refused = await browser.http.post("/token", data=body, auth=("nobody-of-that-name", SECRET))
    assert refused.status_code == 401
    cookies = [value for value in browser.http.cookies.values() if value and len(value) > 8]
    return [
        page.answer["code"], tokens["access_token"], tokens["refresh_token"], tokens["id_token"],
        fresh["access_token"], fresh["refresh_token"], *cookies,
    ]  # fmt: skip


def _names(received: Received, name: str) -> dict[str, str]:
    """The names of all spans in the trace of the first request of that name, with the name of the parent."""
    request = received.wait_for(name)
    spans = {span.span_id: span for span in received.of_trace(request.trace_id)}
    return {span.name: spans[span.parent_id].name if span.parent_id in spans else "" for span in spans.values()}


async def test_a_request_is_traced_through_its_steps_to_the_stores(tmp_path: Path) -> None:
    with otlp_receiver() as received:
        async with running_provider(tmp_path, RECORDS, traces=f"{received.endpoint}?ratio=1") as provider:
            secrets = await _everything(provider)
        token = _names(received, "POST token")
        assert token["POST token"] == ""
        assert token["TokenEndpoint"] == "POST token"
        assert token["ClientAuthentication.authenticate"] == "TokenEndpoint"
        assert token["AuthorizationCodeGrant.validate"] == token["AuthorizationCodeGrant.issue"] == "TokenEndpoint"
        assert token["state claim"] == "AuthorizationCodeGrant.validate"
        assert [name for name, parent in token.items() if parent.endswith(".issue") and name.startswith("database ")]
        password = _names(received, "POST /sign-in/{attempt_id}")
        assert password["PasswordStep.submit"] == "POST /sign-in/{attempt_id}"
        assert password["Argon2PasswordHasher.verify"] == "PasswordStep.submit"
        userinfo = received.wait_for("GET userinfo")
        assert userinfo.attributes["idp.client_id"] == "gateway"
        assert {span.attributes.get("idp.client_id") for span in received.spans} == {None, "portal", "gateway"} - {
            "portal"
        }
        _no_secrets(received, secrets)


def _no_secrets(received: Received, secrets: list[str]) -> None:
    everything = b"".join(received.raw)
    personal = ["001099000001", "an@example.vn", "0912345678", PASSWORD, SECRET, "nobody-of-that-name", "state-1"]
    assert [each for each in (*secrets, *personal) if each.encode() in everything] == []
    assert b"testclient" not in everything
    assert b"127.0.0.1" not in everything


async def test_a_trusted_proxy_begins_the_trace_and_a_stranger_does_not(tmp_path: Path) -> None:
    with otlp_receiver() as received:
        traces = f"{received.endpoint}?ratio=1"
        async with running_provider(tmp_path, RECORDS, traces=traces, trusted_proxies="127.0.0.1") as provider:
            await provider.client().get("/jwks", headers={"traceparent": TRACE_PARENT})
        span = received.wait_for("GET jwks")
        assert (span.trace_id, span.parent_id) == (TRACE, PARENT)
    with otlp_receiver() as received:
        async with running_provider(tmp_path, traces=f"{received.endpoint}?ratio=1") as provider:
            await provider.client().get("/jwks", headers={"traceparent": TRACE_PARENT})
        span = received.wait_for("GET jwks")
        assert (span.trace_id != TRACE, span.parent_id) == (True, "")


async def test_the_line_of_a_request_names_its_trace(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with otlp_receiver() as received:
        async with running_provider(tmp_path, RECORDS, traces=f"{received.endpoint}?ratio=1") as provider:
            answer = await provider.client().get("/jwks")
        span = received.wait_for("GET jwks")
    (line,) = [json.loads(each) for each in capfdbinary.readouterr().out.splitlines() if b'"jwks"' in each]
    assert (line["trace_id"], line["request_id"]) == (span.trace_id, answer.headers["x-request-id"])
    assert span.attributes["idp.request_id"] == line["request_id"]


def test_the_framework_makes_no_traces_of_its_own(tmp_path: Path) -> None:
    # Its spans would tell messages of exceptions, and believe any caller's parent.
    program = f"""
import asyncio
from pathlib import Path
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.flows.provider import running_provider

async def main():
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    async with running_provider(Path({str(tmp_path)!r}), {RECORDS!r}) as running:
        answer = await running.client().get("/help", headers={{"traceparent": {TRACE_PARENT!r}}})
        assert answer.status_code == 200, answer.status_code
    assert exporter.get_finished_spans() == (), exporter.get_finished_spans()

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()


async def test_probes_leave_no_traces(tmp_path: Path) -> None:
    with otlp_receiver() as received:
        async with running_provider(tmp_path, RECORDS, traces=f"{received.endpoint}?ratio=1") as provider:
            for path in ("/livez", "/readyz", "/metrics", "/jwks"):
                await provider.client().get(path)
        received.wait_for("GET jwks")
        assert [span.name for span in received.spans] == ["GET jwks"]


@pytest.mark.parametrize("status", [None, 503])
async def test_a_collector_that_is_away_or_busy_disturbs_no_sign_in(tmp_path: Path, status: int | None) -> None:
    with otlp_receiver() as received:
        received.status = status or 200
        address = received.endpoint if status else f"http://127.0.0.1:{free_port()}"
        async with running_provider(tmp_path, RECORDS, traces=f"{address}?ratio=1") as provider:
            await _everything(provider)
            begun = time.perf_counter()
        assert time.perf_counter() - begun < 20
        assert received.spans == []


async def test_metrics_tell_of_spans_that_arrived(tmp_path: Path) -> None:
    with otlp_receiver() as received:
        async with running_provider(tmp_path, RECORDS, traces=f"{received.endpoint}?ratio=1") as provider:
            browser: Browser = provider.browser()
            await browser.http.get("/jwks")
            received.wait_for("GET jwks")
            deadline = time.monotonic() + 60
            while 'idp_trace_spans_total{outcome="sent"} 1.0' not in (await browser.http.get("/metrics")).text:
                assert time.monotonic() < deadline
