"""The page of OpenID Connect Session Management 1.0 section 3.2: one script, for the frames of whoever asks."""

from typing import Final

from idp.web.edge.answers import FixedAnswer
from idp.web.edge.cookies import Cookies
from idp.web.pages.answer import HTML
from idp.web.pages.sessions.browser_state import STATE, VISITED
from idp.web.static_files import StaticFiles

SCRIPT: Final = "check_session.js"

_HEADERS: Final = (
    # The one page that anybody may frame: it shows nothing, and there is nothing to press.
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; frame-ancestors *; base-uri 'none'; form-action 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"cache-control", b"public, max-age=300"),
)


def check_session_page(static_files: StaticFiles, cookies: Cookies) -> FixedAnswer:
    """Return the page, the same for everybody: who asks and who is signed in is seen in the browser alone."""
    page = (
        '<!doctype html>\n<html lang="vi">\n<head><meta charset="utf-8"><title>Session</title></head>\n'
        f'<body data-state="{cookies.name(STATE)}" data-visited="{cookies.name(VISITED)}">\n'
        f'<script src="{static_files.href(SCRIPT)}"></script>\n</body>\n</html>\n'
    )
    return FixedAnswer(200, _HEADERS, page.encode(), HTML)
