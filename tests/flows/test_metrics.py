"""What `/metrics` says after real sign-ins and token requests."""

from prometheus_client.parser import text_string_to_metric_families

from idp.domain.abuse.attack import OVERALL_ALARM
from idp.ports.short_lived import Throttle
from tests.flows.provider import PASSWORD, SECRET, Browser, Provider


async def _samples(provider: Provider) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    text = (await provider.client().get("/metrics")).text
    samples: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            samples.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return samples


def _requests(samples: dict[str, dict[tuple[tuple[str, str], ...], float]], route: str) -> dict[tuple[str, str], float]:
    found = {}
    for labels, value in samples["idp_client_requests_total"].items():
        by_name = dict(labels)
        if by_name["route"] == route:
            found[by_name["client"], by_name["outcome"]] = value
    return found


async def test_requests_are_told_by_endpoint_client_and_outcome(provider: Provider, browser: Browser) -> None:
    page = await browser.signed_in()
    tokens = (await browser.redeem(page)).json()
    await browser.userinfo(tokens["access_token"])
    await browser.userinfo("nonsense")
    await browser.redeem(page)
    for client_id, secret in (("portal", "wrong"), ("made-up-1", SECRET), ("made-up-2", SECRET)):
        await browser.http.post("/token", data={"grant_type": "refresh_token"}, auth=(client_id, secret))
    await browser.authorize("made-up-3")
    await browser.authorize(prompt="none", scope="openid", acr_values="urn:vn:loa:4", claims="{")
    samples = await _samples(provider)
    assert _requests(samples, "token") == {
        ("portal", "ok"): 1,
        ("portal", "invalid_grant"): 1,
        ("portal", "invalid_client"): 1,
        ("_none", "invalid_client"): 2,
    }
    assert _requests(samples, "userinfo") == {("portal", "ok"): 1, ("_none", "invalid_token"): 1}
    assert _requests(samples, "authorize") == {
        ("portal", "ok"): 1, ("_none", "invalid_client"): 1, ("portal", "invalid_request"): 1,
    }  # fmt: skip
    assert "made-up" not in str(samples)


async def test_sign_ins_are_told_by_method_and_outcome(provider: Provider, browser: Browser) -> None:
    page = await browser.submit(await browser.authorize(), "sign-in", username="001099000001", password="wrong")
    await browser.sign_in(page)
    page = await browser.submit(await browser.authorize("gateway"), "otp", code="000000")
    await browser.submit(page, "otp", code=provider.one_time_code())
    samples = await _samples(provider)
    told = {(dict(labels)["method"], dict(labels)["outcome"]): n for labels, n in samples["idp_sign_ins_total"].items()}
    assert told == {
        ("password", "refused"): 1, ("password", "accepted"): 1, ("otp", "refused"): 1, ("otp", "accepted"): 1,
    }  # fmt: skip
    assert samples["idp_sessions_started_total"] == {(("kind", "sign_in"),): 1, (("kind", "step_up"),): 1}
    assert samples["idp_argon2_wait_seconds_count"] == {(): 2}


async def test_no_label_and_no_value_is_about_a_person(provider: Provider, browser: Browser) -> None:
    await browser.tokens(scope="openid profile email")
    text = (await provider.client().get("/metrics")).text
    for each in ("001099000001", "an@example.vn", "0912345678", PASSWORD, "127.0.0.1"):
        assert each not in text


async def test_stores_jobs_and_the_process_are_told(provider: Provider, browser: Browser) -> None:
    await browser.tokens()
    samples = await _samples(provider)
    operations = {
        (dict(labels)["store"], dict(labels)["operation"])
        for labels, count in samples["idp_store_operation_seconds_count"].items()
        if count
    }
    assert operations >= {
        ("database", "read"), ("database", "write"), ("state", "put"), ("state", "get"), ("state", "claim"),
        ("state", "take"), ("state", "replace"),
    }  # fmt: skip
    assert set(samples["idp_store_errors_total"].values()) == {0}
    assert samples["idp_outbox_pending"] == samples["idp_outbox_oldest_seconds"] == {(): 0}
    assert samples["idp_workers"] == {(): 1}
    parts = {dict(labels)["part"]: works for labels, works in samples["idp_ready"].items()}
    # The clock of these tests stands still: a database server knows better.
    works = {part for part, works in parts.items() if works or "clock" in part}
    assert works == set(parts)
    assert works >= {"database", "schema", "keystore"}
    assert samples["process_cpu_seconds_total"][()] > 0


async def test_an_attack_on_everybody_is_told_while_it_lasts(provider: Provider) -> None:
    assert (await _samples(provider))["idp_attack_level"] == {(): 0}

    share = (Throttle("meter:o:0", burst=32, interval=4),)
    for _ in range(OVERALL_ALARM):
        await provider.stores.short_lived.take(share, provider.clock.now())
    assert (await _samples(provider))["idp_attack_level"] == {(): 2}

    provider.clock.advance(4)
    assert (await _samples(provider))["idp_attack_level"] == {(): 0}
