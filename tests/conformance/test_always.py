"""What holds in every plan, whatever the module."""

from collections import Counter
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.conformance.suite import DESCRIPTION, Suite, checked_tokens, is_error_page

MODES = ["query", "form_post"]


@pytest.fixture(params=MODES)
def either(request: pytest.FixtureRequest, suite: Suite) -> Suite:
    """The suite in each response mode."""
    suite.response_mode = request.param
    return suite


@pytest.mark.parametrize("state", ["s" * 128, "s" * 1024, "s" * 4096, "%+&=# é\"<>'", "Trần Bình", "\U0001f511"])
async def test_a_state_comes_back_unchanged(either: Suite, state: str) -> None:
    either.error(await either.request(prompt="none", state=state))
    assert either.state == state
    await either.sign_in(state=state)


async def test_a_request_without_state_gets_none_back(either: Suite) -> None:
    assert "state" not in either.error(await either.request(prompt="none", state=None))
    assert "state" not in (await either.sign_in(state=None)).answer


async def test_an_empty_state_counts_as_none(either: Suite) -> None:
    page = await either.request(prompt="none", state="")
    either.state = None

    assert "state" not in either.error(page)


async def test_a_nonce_of_384_characters_comes_back(suite: Suite) -> None:
    assert (await suite.sign_in(nonce="n" * 384)).id_token["nonce"] == "n" * 384


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "code code"}, "unsupported_response_type"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "unknown"}, "invalid_scope"),
        ({"scope": 'a"b'}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "nonsense"}, "invalid_request"),
        ({"max_age": "x"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "9" * 11}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "a" * 43}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"nonce": "n" * 1025}, "invalid_request"),
        ({"claims": "nonsense"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"id_token_hint": "nonsense"}, "invalid_request"),
        ({"resource": "https://unknown.example"}, "invalid_target"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"request": "x"}, "invalid_request_object"),
        ({"request_uri": "urn:x"}, "request_uri_not_supported"),
        (
            {"claims": '{"id_token": {"acr": {"essential": true, "values": ["urn:vn:loa:4"]}}}'},
            "unmet_authentication_requirements",
        ),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_a_refusal_goes_back_with_its_code_and_nothing_else(
    either: Suite, changes: dict[str, str | None], error: str
) -> None:
    assert either.error(await either.request(**changes))["error"] == error


@pytest.mark.parametrize("mode", ["web_message", "web_message.jwt", "x"])
async def test_an_unknown_response_mode_is_refused_by_query(suite: Suite, mode: str) -> None:
    assert suite.error(await suite.request(response_mode=mode))["error"] == "invalid_request"


@pytest.mark.parametrize("response_type", ["token", "id_token", "id_token token", "code id_token", "code token"])
async def test_a_response_type_that_is_off_is_refused_where_its_answer_would_go(
    suite: Suite, response_type: str
) -> None:
    page = await suite.request(response_type=response_type)
    assert not urlsplit(page.location).query
    answer = dict(parse_qsl(urlsplit(page.location).fragment))
    assert (answer["error"], answer["state"]) == ("unsupported_response_type", suite.state)


async def test_a_state_nobody_needs_is_refused_and_not_echoed(suite: Suite) -> None:
    page = await suite.request(state="s" * 4097)
    suite.state = None

    assert suite.error(page)["error"] == "invalid_request"


@pytest.mark.parametrize("client_id", [None, "", "unknown", "suite ", "SUITE", "a" * 5000, "suite\u200b"])
async def test_a_client_nobody_knows_is_never_redirected_to(suite: Suite, client_id: str | None) -> None:
    assert is_error_page(await suite.request(client_id=client_id))


async def test_codes_never_repeat(suite: Suite) -> None:
    codes = [suite.code(await suite.interact(await suite.request())) for _ in range(20)]

    assert max(Counter(codes).values()) == 1
    assert len({code[:8] for code in codes}) == 20


async def test_a_code_older_than_a_minute_is_refused(suite: Suite) -> None:
    code = suite.code(await suite.interact(await suite.request()))
    suite.provider.clock.advance(60)

    assert (await suite.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_code_of_another_client_or_redirect_uri_is_refused(suite: Suite) -> None:
    code = suite.code(await suite.interact(await suite.request()))

    response = await suite.token(
        grant_type="authorization_code", code=code, redirect_uri=f"{suite.client.redirect_uri}/x"
    )

    assert response.json()["error"] == "invalid_grant"
    assert (await suite.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_token_in_the_query_is_refused(suite: Suite) -> None:
    signed_in = await suite.sign_in()

    response = await suite.browser.http.get("/userinfo", params={"access_token": signed_in.access_token})

    assert response.status_code in {400, 401}


async def test_a_refused_token_request_says_so_as_the_rfc_does(suite: Suite) -> None:
    for fields in ({}, {"grant_type": "x"}, {"grant_type": "authorization_code"}, {"grant_type": "password"}):
        response = await suite.token(**fields)
        assert response.status_code == 400
        assert response.headers["cache-control"] == "no-store"
        assert response.json().keys() <= {"error", "error_description", "error_uri"}
        assert DESCRIPTION.fullmatch(response.json()["error_description"])


async def test_the_wrong_secret_is_answered_with_a_challenge(suite: Suite) -> None:
    code = suite.code(await suite.interact(await suite.request()))
    response = await suite.browser.http.post(
        "/token",
        data={"grant_type": "authorization_code", "code": code, "redirect_uri": suite.client.redirect_uri},
        auth=("suite", "wrong"),
    )

    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"
    assert response.headers["www-authenticate"].startswith("Basic")
    checked_tokens(await suite.redeem(code))


async def test_pages_name_what_is_wrong_for_machines_too(suite: Suite) -> None:
    page = await suite.request(redirect_uri="https://evil.example")

    assert page.error_code == "invalid_request"
    assert "https://evil.example" not in page.text
    assert page.response.headers["cache-control"] == "no-store"
