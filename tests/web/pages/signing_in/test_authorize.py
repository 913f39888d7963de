import pytest

from tests.flows.provider import CALLBACK, Browser, Provider


async def test_every_answer_leaves_its_event(provider: Provider, browser: Browser) -> None:
    await browser.authorize(prompt="none")
    await browser.authorize(response_type="token")
    await browser.authorize(redirect_uri="https://evil.example")
    await browser.signed_in()

    names = [record.name async for record in provider.stores.audit_log.records()]
    assert names.count("authorization.refused") == 2
    assert names.count("authorization.granted") == 1
    assert names.count("access.refused") == 1


async def test_a_flood_of_nonsense_is_counted_and_not_written_one_by_one(provider: Provider, browser: Browser) -> None:
    for _ in range(50):
        await browser.authorize("no-such-client")

    names = [record.name async for record in provider.stores.audit_log.records()]
    assert names.count("access.refused") == 3


async def test_no_event_names_a_person_or_a_parameter(provider: Provider, browser: Browser) -> None:
    await browser.signed_in(state="a-secret-state", nonce="a-secret-nonce", login_hint="an@example.vn")
    await browser.authorize("portal", login_hint="001099000001", prompt="none login", state="a-secret-state")

    text = "".join([str(record.payload) async for record in provider.stores.audit_log.records()])
    for personal in ("a-secret", "an@example.vn", "001099000001", "Nguyễn"):
        assert personal not in text


@pytest.mark.parametrize("parameter", ["resource=", "state=", "scope=openid&unknown=&unknown2"])
async def test_a_parameter_without_a_value_counts_as_absent(browser: Browser, parameter: str) -> None:
    await browser.signed_in()

    response = await browser.http.get(
        f"/authorize?client_id=portal&redirect_uri={CALLBACK}&response_type=code&{parameter}"
        + ("" if "scope" in parameter else "&scope=openid")
    )

    assert "code=" in response.headers["location"]
    assert "&state=" not in response.headers["location"]


async def test_resources_may_be_several(browser: Browser) -> None:
    known = "https://api.ministry.example"
    await browser.signed_in()
    query = f"/authorize?client_id=portal&redirect_uri={CALLBACK}&response_type=code&scope=openid&resource={known}"

    assert "code=" in (await browser.http.get(f"{query}&resource={known}")).headers["location"]
    refused = await browser.http.get(f"{query}&resource=https://unknown.example")
    assert "error=invalid_target" in refused.headers["location"]
