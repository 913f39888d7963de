import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.crypto.base64url import decode_base64url, encode_base64url, encode_base64url_bytes


@given(st.binary(max_size=200))
def test_what_was_encoded_decodes_to_itself_and_has_no_padding(value: bytes) -> None:
    text = encode_base64url(value)
    assert text == base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    assert encode_base64url_bytes(value).decode() == text
    assert decode_base64url(text) == value


@pytest.mark.parametrize("text", ["QQ==", "QR", "Q", "Q Q", "QQ\n", "+w", "/w", "QUJD=", "ệ", "\ud800", "QQ.", "A" * 5])
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which rule was broken is nobody's business
        decode_base64url(text)


@given(st.text(alphabet="AQgw-_+/=. \n", max_size=12))
def test_every_text_that_decodes_is_the_only_spelling_of_its_bytes(text: str) -> None:
    try:
        value = decode_base64url(text)
    except ValueError:
        return
    assert encode_base64url(value) == text
