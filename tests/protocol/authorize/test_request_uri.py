from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from idp.ports.http import Answer, OutgoingError
from idp.protocol.authorize.request_uri import RequestReferences
from idp.protocol.errors import InvalidRequestUriError, RequestUriNotSupportedError
from tests.protocol.world import PORTAL

ADDRESS = "https://portal.example/request.jwt"
CONTENT = b"header.payload.signature"
HASH = urlsafe_b64encode(sha256(CONTENT).digest()).rstrip(b"=").decode()
CLIENT = replace(PORTAL, metadata={"request_uris": [ADDRESS]})


class Served:
    """Another site, as the guarded client reaches it."""

    def __init__(self, body: bytes = CONTENT, status: int = 200) -> None:
        self.body = body
        self.status = status
        self.asked: list[str] = []

    async def get(self, url: str) -> Answer:
        self.asked.append(url)
        if self.status == 0:
            raise OutgoingError("refused")
        return Answer(self.status, self.body)

    async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
        raise OutgoingError(url)

    async def post_json(self, url: str, document: Mapping[str, Any], *, bearer: str) -> Answer:
        raise OutgoingError(url)


async def test_a_registered_address_is_fetched() -> None:
    served = Served(CONTENT + b"\n")
    assert await RequestReferences(served).fetch(CLIENT, ADDRESS) == CONTENT.decode()
    assert served.asked == [ADDRESS]


@pytest.mark.parametrize("address", [
    ADDRESS + "?x", ADDRESS.upper(), "https://evil.example/request.jwt", "urn:x", "file:///etc/passwd", "", "#",
])  # fmt: skip
async def test_another_address_is_not_even_asked(address: str) -> None:
    served = Served()
    with pytest.raises(InvalidRequestUriError):
        await RequestReferences(served).fetch(CLIENT, address)
    assert served.asked == []


async def test_who_registered_none_has_none() -> None:
    with pytest.raises(RequestUriNotSupportedError):
        await RequestReferences(Served()).fetch(PORTAL, ADDRESS)


async def test_a_hash_of_the_content_must_be_right() -> None:
    served = Served()
    assert await RequestReferences(served).fetch(CLIENT, f"{ADDRESS}#{HASH}")
    assert served.asked == [ADDRESS]
    with pytest.raises(InvalidRequestUriError):
        await RequestReferences(Served(b"other")).fetch(CLIENT, f"{ADDRESS}#{HASH}")


async def test_a_registered_hash_holds_although_the_request_leaves_it_out() -> None:
    client = replace(PORTAL, metadata={"request_uris": [f"{ADDRESS}#{HASH}"]})
    assert await RequestReferences(Served()).fetch(client, ADDRESS)
    with pytest.raises(InvalidRequestUriError):
        await RequestReferences(Served(b"other")).fetch(client, ADDRESS)


async def test_a_fragment_that_is_no_hash_says_nothing() -> None:
    assert await RequestReferences(Served()).fetch(CLIENT, f"{ADDRESS}#v2")


@pytest.mark.parametrize(("status", "body"), [(0, b""), (404, CONTENT), (302, CONTENT), (204, b""), (200, b"\xff")])
async def test_what_cannot_be_had_is_refused(status: int, body: bytes) -> None:
    with pytest.raises(InvalidRequestUriError):
        await RequestReferences(Served(body, status)).fetch(CLIENT, ADDRESS)
