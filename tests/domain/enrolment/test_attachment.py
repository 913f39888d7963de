from base64 import b64encode
from hashlib import sha256

import pytest

from idp.domain.enrolment.attachment import RefusedAttachment, attachment

PAGE = sha256(b"a scanned page")
URL = "https://archive.hanoi.example.vn/pages/7f1e"


def test_a_page_is_known_by_its_address_and_its_digest() -> None:
    expected = {"url": URL, "digest": {"alg": "sha-256", "value": b64encode(PAGE.digest()).decode()}}

    assert attachment(URL, PAGE.hexdigest()) == expected
    assert attachment(URL, PAGE.hexdigest().upper()) == expected
    assert attachment(URL, expected["digest"]["value"], "front") == {"desc": "front", **expected}  # type: ignore[index]


@pytest.mark.parametrize(
    "url",
    [
        *("", "http://archive.example.vn/1", "archive/1", "https://", "https:///1", "https://a@archive.example.vn/1"),
        *("https://archive.example.vn/1?name=x", "https://archive.example.vn/1#x", "https://archive.example.vn/a b"),
        *("https://archive.example.vn/" + "x" * 500, "https://archive.example.vn/\n", "https://archive.example.vn:x/1"),
        "https://archive.example.vn/Nguyễn",
    ],
)
def test_an_address_that_others_cannot_fetch_or_that_may_tell_something_must_be_refused(url: str) -> None:
    with pytest.raises(RefusedAttachment) as refused:
        attachment(url, PAGE.hexdigest())

    assert refused.value.code == "attachment_url"
    assert not url or url not in str(refused.value)


@pytest.mark.parametrize("digest", ["", "x", PAGE.hexdigest()[:-2], "g" * 64, b64encode(b"short").decode(), "é" * 44])
def test_what_is_no_sha_256_must_be_refused(digest: str) -> None:
    with pytest.raises(RefusedAttachment) as refused:
        attachment(URL, digest)

    assert refused.value.code == "attachment_digest"
