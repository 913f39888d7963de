"""Content Security Policy Level 3 of the pages: our style sheet, no frame, forms to us or on to a service.

Script only on a page that names files of ours (`PageView.scripts`): each of them works without.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

FORM_POST_SCRIPT = "document.forms[0].submit()"
"""The one script of the pages: it sends the form of the Form Post Response Mode."""

FORM_POST_SCRIPT_SOURCE = f"'sha256-{base64.b64encode(hashlib.sha256(FORM_POST_SCRIPT.encode()).digest()).decode()}'"
"""The source expression that allows `FORM_POST_SCRIPT` and nothing else."""

_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_NEVER_A_SOURCE = frozenset({"javascript", "data", "blob", "filesystem"})


def page_policy(
    *,
    logo_uri: str | None = None,
    redirect_uri: str | None = None,
    form_post: bool = False,
    frames: Iterable[str] = (),
    script: bool = False,
) -> str:
    """Return the value of the header `Content-Security-Policy` for one page.

    `logo_uri` is the logo of the client shown; `redirect_uri` the validated address that a form of the page may lead
    to. Chromium holds every redirect behind a form against `form-action`, those of the service too, which may send
    people on to another host: so forms may lead to whatever has the scheme of that address. `frames` are what the page
    loads in frames; with `script` it may run our own script files, which may ask us, and no other. An address whose
    origin cannot be written as a source is left out, so nothing of it reaches the header.
    """
    return _policy(logo_uri, redirect_uri, tuple(frames), form_post=form_post, script=script)


@lru_cache(1024)
def _policy(
    logo_uri: str | None, redirect_uri: str | None, frames: tuple[str, ...], *, form_post: bool, script: bool
) -> str:
    sources = {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *_sources(logo_uri)],
        "form-action": ["'self'", *(f"{source.partition(':')[0]}:" for source in _sources(redirect_uri))],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
    if framed := dict.fromkeys(source for address in frames for source in _sources(address)):
        sources["frame-src"] = [*framed]
    if form_post or script:
        sources["script-src"] = [*(["'self'"] if script else []), *([FORM_POST_SCRIPT_SOURCE] if form_post else [])]
    if script:
        sources["connect-src"] = ["'self'"]
    return "; ".join(f"{name} {' '.join(values)}" for name, values in sources.items())


def _sources(address: str | None) -> list[str]:
    """Return the origin of `address` as a source expression, its scheme alone where it has no host, or nothing."""
    if address is None:
        return []
    try:
        parts = urlsplit(address)
    except ValueError:
        return []
    if not _SCHEME.fullmatch(parts.scheme) or parts.scheme in _NEVER_A_SOURCE:
        return []
    if parts.scheme not in {"http", "https"}:
        return [f"{parts.scheme}:"]
    host = parts.netloc.rpartition("@")[2]
    return [f"{parts.scheme}://{host}"] if _HOST.fullmatch(host) else []
