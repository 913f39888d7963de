"""Forms as they were sent: every field once, text only, with the session's own token."""

import unicodedata
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from clients.relying_party.bearer_values import same
from clients.relying_party.refusals import Refusal
from clients.relying_party.session_store import Session

MAX_FIELDS = 32


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form post, NFC, trimmed, with plain line ends; raises Refusal."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Refusal("invalid_request", "not a form")
    try:
        pairs = parse_qsl(
            (await request.body()).decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError as error:
        raise Refusal("invalid_request", "form is not text or has too many fields") from error
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refusal("invalid_request", "a field is repeated")
    return {name: clean_text(value) for name, value in pairs}


async def read_session_form(request: Request, session: Session) -> Mapping[str, str]:
    """Return the fields of a form that this session was shown; raises Refusal."""
    form = await read_form(request)
    if not same(form.get("csrf_token", ""), session.csrf_token):
        raise Refusal("invalid_form", "csrf_token is not this session's")
    return form


def clean_text(value: str) -> str:
    """Return the text in NFC with plain line ends; raises Refusal on control characters."""
    text = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t" for character in text):
        raise Refusal("invalid_request", "a field has control characters")
    return text
