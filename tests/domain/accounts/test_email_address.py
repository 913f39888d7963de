import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.accounts.email_address import (
    EmailAddress,
    comparable_email_address,
    delivery_address,
    goes_astray,
    is_beyond_ascii,
    parse_email_address,
)
from idp.domain.refused_value import RefusedIdentifier


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("a@example.vn", "a@example.vn"),
        (" A.B+c@Example.VN ", "A.B+c@example.vn"),
        ("an@Tiếng-Việt.vn", "an@tiếng-việt.vn"),
        ("nguyễn@example.vn", "nguyễn@example.vn"),
        (unicodedata.normalize("NFD", "nguyễn@example.vn"), unicodedata.normalize("NFC", "nguyễn@example.vn")),
    ],
)
def test_an_address_keeps_its_local_part_and_has_its_domain_in_lower_case(text: str, address: str) -> None:
    assert parse_email_address(text) == address


def test_spellings_of_one_mailbox_compare_equal() -> None:
    ascii_form = "an@" + "tiếng-việt.vn".encode("idna").decode()
    spellings = ["An@Tiếng-Việt.vn", unicodedata.normalize("NFD", "AN@TIẾNG-VIỆT.VN"), ascii_form.upper()]

    assert {comparable_email_address(parse_email_address(text)) for text in spellings} == {ascii_form}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@",
        "a@",
        "@example.vn",
        "a@example",
        "a@b@example.vn",
        "a b@example.vn",
        ".a@example.vn",
        "a.@example.vn",
        "a..b@example.vn",
        '"a"@example.vn',
        "a@-example.vn",
        "a@example-.vn",
        "a@exam ple.vn",
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@example..vn",
        "a@\u202eexample.vn",
        "a\u200b@example.vn",
        "a\u3164@example.vn",
        "a\u2800@example.vn",
        "a\ufe0f@example.vn",
        "a@exa\u034fmple.vn",
        "a\x00@example.vn",
        "a\r\nBcc: b@example.vn",
        "a\ud800@example.vn",
        "a@\ud800.vn",
        "a" * 65 + "@example.vn",
        "ế" * 22 + "@example.vn",
        "a@" + "b" * 64 + ".vn",
        "a@" + "b." * 130 + "vn",
        "a" * 10_000_000,
        "a@" + ("ế" * 40 + ".") * 3 + "vn",
        "a@" + "ế" * 250,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RefusedIdentifier) as refusal:
        parse_email_address(text)
    assert refusal.value.code == "email_address_form"


@pytest.mark.parametrize(
    ("address", "delivered", "beyond_ascii"),
    [
        ("A.B+c@example.vn", "A.B+c@example.vn", False),
        ("an@tiếng-việt.vn", "an@xn--ting-vit-e50d7c.vn", False),
        ("é@tiếng-việt.vn", "é@xn--ting-vit-e50d7c.vn", True),
    ],
)
def test_a_domain_is_handed_over_by_its_a_labels(address: str, delivered: str, beyond_ascii: bool) -> None:
    assert delivery_address(address) == delivered
    assert is_beyond_ascii(address) is beyond_ascii


@pytest.mark.parametrize("domain", ["faß.de", "ς.gr", "ｅｘａｍｐｌｅ.vn", "ⓔxample.vn", "tiếng。vn", "xn--a.tiếng.vn"])
def test_no_address_is_kept_whose_messages_would_go_to_another_domain_than_it_says(domain: str) -> None:
    with pytest.raises(RefusedIdentifier):
        parse_email_address(f"an@{domain}")


@pytest.mark.parametrize("domain", ["faß.de", "ς.gr", "ｅｘａｍｐｌｅ.vn", "ế" * 250])
def test_what_was_kept_all_the_same_is_handed_over_nowhere(domain: str) -> None:
    assert goes_astray(f"an@{domain}")
    with pytest.raises(RefusedIdentifier):
        delivery_address(f"an@{domain}")


@pytest.mark.parametrize("domain", ["fass.de", "Example.VN", "Tiếng-Việt.vn", "xn--ting-vit-e50d7c.vn", "localhost"])
def test_what_goes_where_it_says_does_not_go_astray(domain: str) -> None:
    assert not goes_astray(f"an@{domain}")


@given(st.emails() | st.text(max_size=60))
def test_arbitrary_text_is_parsed_or_refused(text: str) -> None:
    try:
        address = parse_email_address(text)
    except RefusedIdentifier:
        return
    assert parse_email_address(address) == address
    comparable = comparable_email_address(address)
    assert comparable_email_address(EmailAddress(comparable)) == comparable
