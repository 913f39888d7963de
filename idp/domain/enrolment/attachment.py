"""Pages that somebody was proved with, kept by the office that scanned them: known here by address and digest.

Written as OpenID Attachments 1.0 writes an external attachment.
"""

from base64 import b64decode, b64encode
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from idp.domain.people.verification import SHA_256
from idp.domain.refused_value import RefusedValue

MOST_ATTACHMENTS: Final = 8
"""Pages of one case."""

PAGE_KINDS: Final = MappingProxyType(
    {"front": "Mặt trước của thẻ", "back": "Mặt sau của thẻ", "form": "Biểu mẫu đã ký", "other": "Giấy tờ khác"}
)
"""What a page is, and its description: told in the language of the trust framework."""

_LONGEST: Final = 512
_DIGEST_SIZE: Final = 32


class RefusedAttachment(RefusedValue):
    """An address or a digest that is none. `code` is `attachment_url` or `attachment_digest`."""


def attachment(url: str, digest: str, description: str | None = None) -> dict[str, Any]:
    """Return the element of evidence. `digest`: SHA-256 in base64 or hexadecimal digits.

    Raises `RefusedAttachment`. Clients shall fetch attachments by https alone; an address with user, query or fragment
    is refused, since such parts are where names, numbers and keys end up.
    """
    told = {"desc": description} if description else {}
    return {**told, "url": page_address(url), "digest": {"alg": SHA_256, "value": page_digest(digest)}}


def page_address(text: str) -> str:
    """Return the address of a page. Raises `RefusedAttachment`."""
    if len(text) > _LONGEST or not text.isascii() or any(character <= " " for character in text) or not _is_plain(text):
        raise RefusedAttachment("attachment_url", "The address of a page is https, without query and fragment.")
    return text


def _is_plain(text: str) -> bool:
    """Whether an address is https, with a host, and without what does not belong there."""
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_whole = parts.scheme == "https" and bool(parts.hostname) and has_port
    return is_whole and not ("@" in parts.netloc or parts.query or parts.fragment)


def page_digest(text: str) -> str:
    """Return a digest in base64. Raises `RefusedAttachment`."""
    try:
        found = bytes.fromhex(text) if len(text) == 2 * _DIGEST_SIZE else b64decode(text, validate=True)
    except ValueError:
        found = b""
    if len(found) != _DIGEST_SIZE:
        raise RefusedAttachment("attachment_digest", "The digest of a page is SHA-256, in base64 or hexadecimal.")
    return b64encode(found).decode()
