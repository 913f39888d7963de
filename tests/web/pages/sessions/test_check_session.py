"""The script of the frame, run by Node.js as the browser would run it, against an independent SHA-256."""

import re
from hashlib import sha256

import pytest

from tests.flows.check_session_frame import ORIGIN, SCRIPT, Frame
from tests.flows.provider import Browser


def message(state: str, client_id: str = "portal", origin: str = ORIGIN, salt: str = "sa_lt-9") -> str:
    """What a relying party posts: its identifier and the session state that it was given."""
    return f"{client_id} {sha256(f'{client_id} {origin} {state} {salt}'.encode()).hexdigest()}.{salt}"


def test_the_same_state_is_unchanged_and_another_is_changed() -> None:
    frame = Frame("other=1; browser_state=abc; visited=1")

    assert frame.asked(message("abc"), message("abd"), message("")) == [
        ["unchanged", ORIGIN],
        ["changed", ORIGIN],
        ["changed", ORIGIN],
    ]


def test_whoever_signed_out_or_was_away_too_long_has_changed() -> None:
    assert Frame("visited=1").asked(message("abc"), message("")) == [["changed", ORIGIN], ["unchanged", ORIGIN]]


def test_a_browser_that_keeps_its_cookies_from_frames_is_an_error_and_not_a_sign_out() -> None:
    assert Frame("").asked(message("abc"), message("")) == [["error", ORIGIN], ["error", ORIGIN]]


def test_the_state_is_bound_to_client_and_origin() -> None:
    frame = Frame("browser_state=abc; visited=1")

    assert frame.asked(message("abc", origin="https://evil.example")) == [["changed", ORIGIN]]
    stolen = message("abc").replace("portal ", "another ")
    assert frame.asked(stolen) == [["changed", ORIGIN]]


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "portal", "portal ", "portal x.y", f"portal {'0' * 64}", f"portal {'0' * 64}.", f"{'0' * 64}.salt"),
        *(f"portal  {'0' * 64}.salt", f"portal {'0' * 64}.sa lt", f"portal {'0' * 63}g.salt", f"x {'0' * 64}.s x"),
        *(f"portal {'0' * 64}.{'s' * 200}", None, 1, True, ["portal"], {"client_id": "portal"}),
        f"\ud800 {'0' * 64}.salt",
    ],
)
def test_what_is_no_message_is_an_error(text: object) -> None:
    # Section 3.2: "If the received postMessage is syntactically invalid [...] the postMessage error MUST be sent back".
    assert Frame("browser_state=abc; visited=1").asked(text) == [["error", ORIGIN]]


def test_nobody_without_an_origin_is_answered() -> None:
    assert Frame("browser_state=abc; visited=1", origin="null").asked(message("abc", origin="null")) == [None]


@pytest.mark.parametrize("length", [*range(32), 55, 56, 57, 63, 64, 65, 118, 119, 120, 127, 128])
def test_the_hash_is_sha_256_at_every_length_of_padding(length: int) -> None:
    state = "x" * length

    assert Frame(f"browser_state={state}; visited=1").asked(message(state)) == [["unchanged", ORIGIN]]


def test_a_name_in_any_script_is_hashed_as_utf_8() -> None:
    assert Frame("browser_state=abc; visited=1").asked(message("abc", client_id="cổng-👍")) == [["unchanged", ORIGIN]]


def test_the_script_is_ecmascript_5_without_web_crypto() -> None:
    code = re.sub(r"/\*.*?\*/", "", SCRIPT.read_text(encoding="utf-8"), flags=re.DOTALL)

    for later in (
        r"=>",
        r"\b(let|const|class|async|await|Promise|Map|Set|Symbol|crypto|subtle|TextEncoder)\b",
        r"`",
        r"\.\.\.",
    ):
        assert not re.search(later, code), later


async def test_the_page_may_be_framed_by_anybody_and_sets_nothing(browser: Browser) -> None:
    response = await browser.http.get("/check-session")

    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "script-src 'self'" in policy
    assert "x-frame-options" not in response.headers
    assert "set-cookie" not in response.headers
    assert 'data-state="idp8000-browser_state" data-visited="idp8000-visited"' in response.text
    (script,) = re.findall(r'<script src="([^"]*)"></script>', response.text)
    served = await browser.http.get(script)
    assert served.headers["content-type"] == "text/javascript; charset=utf-8"
    assert served.text == SCRIPT.read_text(encoding="utf-8")


async def test_the_page_is_read_and_nothing_else(browser: Browser) -> None:
    head = await browser.http.head("/check-session")
    assert head.status_code == 200
    assert head.content == b""
    assert (await browser.http.post("/check-session")).status_code == 405


@pytest.mark.parametrize("path", ["/account", "/help", "/logout", "/nowhere"])
async def test_no_other_page_may_be_framed(browser: Browser, path: str) -> None:
    page = await browser.get(path)

    assert "frame-ancestors 'none'" in page.response.headers["content-security-policy"]
    assert page.response.headers["x-frame-options"] == "DENY"
