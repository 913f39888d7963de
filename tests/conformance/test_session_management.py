"""The modules of the OpenID Foundation's Session Management OP plan, each under its own name.

The suite's page frames the provider's in a scripted browser; here the same script runs with the same browser's cookies.
"""

from secrets import token_urlsafe
from urllib.parse import urlsplit

from tests.conformance.suite import Suite
from tests.flows.check_session_frame import Frame
from tests.flows.provider import ISSUER

AFTERWARDS = "https://suite.example/test/a/idp/post_logout_redirect"
ORIGIN = "https://suite.example"


def frame_says(suite: Suite, session_state: str) -> list[str]:
    """What the frame posts back to the suite's."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in suite.browser.http.cookies.jar)
    (answer,) = Frame(cookies, ORIGIN, "idp8000-").asked(f"{suite.client.client_id} {session_state}")
    return list(answer)


async def test_oidcc_session_management_discovery_endpoint_verification(suite: Suite) -> None:
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()

    assert urlsplit(metadata["check_session_iframe"]).netloc == urlsplit(ISSUER).netloc
    assert metadata["end_session_endpoint"] == f"{ISSUER}/logout"


async def test_oidcc_session_management_rp_initiated_logout(suite: Suite) -> None:
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()
    frame = await suite.browser.http.get(metadata["check_session_iframe"])
    assert frame.status_code == 200
    assert "frame-ancestors *" in frame.headers["content-security-policy"]
    signed_in = await suite.sign_in()
    session_state = signed_in.answer["session_state"]
    assert " " not in session_state

    assert frame_says(suite, session_state) == ["unchanged", ORIGIN]

    state = token_urlsafe(8)
    page = await suite.browser.get(
        "/logout", id_token_hint=signed_in.tokens["id_token"], post_logout_redirect_uri=AFTERWARDS, state=state
    )
    assert page.location == f"{AFTERWARDS}?state={state}"
    assert frame_says(suite, session_state) == ["changed", ORIGIN]
