import pytest

from idp.protocol.authorize.registered_address import with_fragment, with_query

CODE = (("code", "a b&c"),)


@pytest.mark.parametrize(("registered", "location"), [
    ("https://portal.example/cb", "https://portal.example/cb?code=a+b%26c"),
    ("https://portal.example/cb?of=portal", "https://portal.example/cb?of=portal&code=a+b%26c"),
    ("https://portal.example/cb?", "https://portal.example/cb?code=a+b%26c"),
    ("https://portal.example/cb?of=portal&", "https://portal.example/cb?of=portal&code=a+b%26c"),
    ("https://portal.example/cb?of=a%20b+c&of", "https://portal.example/cb?of=a%20b+c&of&code=a+b%26c"),
    ("https://portal.example/cb#part", "https://portal.example/cb?code=a+b%26c"),
    ("https://portal.example", "https://portal.example?code=a+b%26c"),
    ("HTTPS://Portal.example/cb/../x", "HTTPS://Portal.example/cb/../x?code=a+b%26c"),
    ("com.example.app:/cb", "com.example.app:/cb?code=a+b%26c"),
    ("com.example.app:///cb", "com.example.app:///cb?code=a+b%26c"),
    ("com.example.app:////cb", "com.example.app:////cb?code=a+b%26c"),
])  # fmt: skip
def test_an_address_keeps_its_form_and_its_own_query(registered: str, location: str) -> None:
    assert with_query(registered, CODE) == location


@pytest.mark.parametrize("registered", ["https://portal.example/cb?of=portal", "com.example.app:///cb"])
def test_a_fragment_is_put_behind_what_was_registered(registered: str) -> None:
    assert with_fragment(registered, CODE) == f"{registered}#code=a+b%26c"
