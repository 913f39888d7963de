import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.clients.client_uris import (
    check_browser_uri,
    check_frontchannel_logout_uri,
    check_origin,
    check_outgoing_uri,
    check_redirect_uri,
    is_loopback,
    origin_of,
    sector_hosts,
)
from idp.domain.refused_value import RefusedIdentifier


@pytest.mark.parametrize(
    "uri",
    [
        "https://portal.example/callback",
        "https://portal.example:8443/callback?tenant=1",
        "HTTPS://Portal.Example/a/../callback",
        "https://portal.example",
        "http://localhost:8001/callback",
        "http://127.0.0.1/cb",
        "http://[::1]:9000/cb",
        "http://127.0.0.2/cb",
        "http://portal.localhost:8001/cb",
    ],
)
def test_a_redirection_address_is_kept_exactly_as_given(uri: str) -> None:
    assert check_redirect_uri(uri) == uri


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("", "uri_characters"),
        ("/callback", "uri_absolute"),
        ("//portal.example/callback", "uri_absolute"),
        ("https://portal.example/callback#part", "uri_fragment"),
        ("https://portal.example/callback#", "uri_fragment"),
        ("http://portal.example/callback", "uri_https"),
        ("http://localhost.example.com/callback", "uri_https"),
        ("http://evillocalhost/callback", "uri_https"),
        ("http://127.0.0.1.example/callback", "uri_https"),
        ("http://10.0.0.1/callback", "uri_https"),
        ("javascript:alert(1)", "uri_scheme"),
        ("data:text/html,x", "uri_scheme"),
        ("ftp://portal.example/", "uri_scheme"),
        ("myapp://callback", "uri_scheme"),
        ("https:///callback", "uri_host"),
        ("https://*.portal.example/callback", "uri_host"),
        ("https://user@portal.example/callback", "uri_user"),
        ("https://portal.example\\@evil.example/", "uri_characters"),
        ("https://portal.example/a b", "uri_characters"),
        ("https://portal.example/\x00", "uri_characters"),
        ("https://portal.example/\n", "uri_characters"),
        ("https://cổng.example/", "uri_characters"),
        ("https://portal.example:99999/", "uri_form"),
        ("https://portal.example:0/", "uri_form"),
        ("http://localhost:0/callback", "uri_form"),
        ("https://[portal/", "uri_form"),
        ("https://portal.example/" + "a" * 2048, "uri_length"),
        ("vn.gov.app:/callback", "uri_native_only"),
    ],
)
def test_an_unsafe_redirection_address_is_refused_with_its_reason(uri: str, code: str) -> None:
    with pytest.raises(RefusedIdentifier) as refusal:
        check_redirect_uri(uri)
    assert refusal.value.code == code


def test_a_native_application_may_use_a_scheme_with_a_dot_but_none_without() -> None:
    assert check_redirect_uri("vn.gov.app:/callback", native=True) == "vn.gov.app:/callback"
    with pytest.raises(RefusedIdentifier):
        check_redirect_uri("app:/callback", native=True)


@pytest.mark.parametrize(
    "uri", ["https://a.example/logo.svg", "http://localhost:8001/logo.svg", "https://a.example/x#y"]
)
def test_browsers_load_from_https_or_loopback(uri: str) -> None:
    assert check_browser_uri(uri) == uri


@pytest.mark.parametrize("uri", ["http://a.example/logo.svg", "data:image/png;base64,AA", "vn.gov.app:/logo"])
def test_browsers_load_from_nowhere_else(uri: str) -> None:
    with pytest.raises(RefusedIdentifier):
        check_browser_uri(uri)


def test_an_address_that_the_provider_calls_may_be_plain_http_and_has_no_fragment() -> None:
    assert check_outgoing_uri("http://portal.internal/logout") == "http://portal.internal/logout"
    for uri in ("https://portal.example/logout#x", "ftp://portal.example/", "https://u@portal.example/"):
        with pytest.raises(RefusedIdentifier):
            check_outgoing_uri(uri)


def test_the_sector_is_the_host_and_on_loopback_the_port_belongs_to_it() -> None:
    assert sector_hosts(["https://A.example/x", "https://a.example:8443/y"]) == {"a.example"}
    assert sector_hosts(["http://localhost:8001/x", "http://localhost:8002/x"]) == {"localhost:8001", "localhost:8002"}
    assert sector_hosts(["vn.gov.app:/callback"]) == frozenset()
    assert is_loopback("::1")


def test_a_private_scheme_beside_a_web_address_is_another_host() -> None:
    assert sector_hosts(["https://a.example/x", "vn.gov.app:/callback"]) == {"a.example", "vn.gov.app:"}
    assert sector_hosts(["http://localhost:8001/x", "vn.gov.app:/callback"]) == {"localhost:8001", "vn.gov.app:"}
    assert sector_hosts(["vn.gov.app:/callback", "vn.gov.other:/callback"]) == frozenset()


@given(st.text(max_size=80) | st.from_regex(r"\A[a-z]{1,8}:/{0,3}[ -~]{0,40}\Z"))
def test_arbitrary_text_is_kept_or_refused(uri: str) -> None:
    for check in (check_redirect_uri, check_browser_uri, check_outgoing_uri):
        try:
            assert check(uri) == uri
        except RefusedIdentifier:
            continue
    try:
        check_redirect_uri(uri)
    except RefusedIdentifier:
        return
    assert sector_hosts([uri])


@pytest.mark.parametrize(
    "uri", ["https://portal.example/out?tenant=1", "https://portal.example:443/out", "http://localhost:8001/out"]
)
def test_the_address_of_a_front_channel_logout_is_of_a_redirection_addresss_origin(uri: str) -> None:
    redirects = ("https://portal.example/callback", "http://localhost:8001/callback")
    assert check_frontchannel_logout_uri(uri, redirects) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "https://other.example/out",
        "https://portal.example:8443/out",
        "http://portal.example/out",
        "https://portal.example.evil/out",
        "http://localhost:8002/out",
    ],
)
def test_a_front_channel_logout_at_another_origin_is_refused(uri: str) -> None:
    with pytest.raises(RefusedIdentifier) as refused:
        check_frontchannel_logout_uri(uri, ("https://portal.example/callback", "http://localhost:8001/callback"))
    assert refused.value.code == "uri_origin"


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://Portal.example:443/callback?x=1", "https://portal.example"),
        ("HTTPS://PORTAL.example/x#y", "https://portal.example"),
        ("https://portal.example:80/x", "https://portal.example:80"),
        ("urn:ietf:wg:oauth:2.0:oob", None),
        ("https:///callback", None),
        ("https://portal.example:8443/", "https://portal.example:8443"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("vn.example.app:/callback", None),
    ],
)
def test_an_origin_is_written_as_browsers_do(uri: str, origin: str | None) -> None:
    assert origin_of(uri) == origin


@pytest.mark.parametrize("origin", ["https://app.example", "https://app.example:8443", "http://localhost:3000"])
def test_an_origin_is_taken_as_given(origin: str) -> None:
    assert check_origin(origin) == origin


@pytest.mark.parametrize(
    "refused",
    [
        *("https://app.example/", "https://app.example/x", "https://app.example?x", "https://App.example", "null", "*"),
        *("http://app.example", "https://app.example:443", "https://*.example", "vn.example.app:/", ""),
    ],
)
def test_what_is_more_or_less_than_an_origin_is_refused(refused: str) -> None:
    with pytest.raises(RefusedIdentifier):
        check_origin(refused)
