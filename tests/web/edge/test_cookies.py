import pytest

from idp.web.edge.cookies import Cookies
from tests.web.edge.asgi import scope_of

HTTPS = Cookies("https://id.example.vn")
LOCAL = Cookies("http://localhost:8000")


def test_on_https_a_cookie_has_the_host_prefix_and_is_secure() -> None:
    assert HTTPS.set("session", "abc") == (
        b"set-cookie",
        b"__Host-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure",
    )


def test_on_loopback_the_name_carries_the_port_so_that_applications_do_not_clash() -> None:
    assert LOCAL.set("session", "abc", max_age=60) == (
        b"set-cookie",
        b"idp8000-session=abc; Max-Age=60; Path=/; HttpOnly; SameSite=Lax",
    )
    assert LOCAL.name("session") != Cookies("http://localhost:9000").name("session")
    assert Cookies("http://localhost").name("session") == "idp80-session"


def test_what_a_frame_on_another_site_reads_is_marked_so_and_nothing_else_is() -> None:
    assert HTTPS.set_readable("browser_state", "abc", max_age=60) == (
        b"set-cookie",
        b"__Host-browser_state=abc; Max-Age=60; Path=/; SameSite=None; Secure",
    )
    assert LOCAL.clear_readable("browser_state") == (
        b"set-cookie",
        b"idp8000-browser_state=; Max-Age=0; Path=/; SameSite=Lax",
    )
    with pytest.raises(ValueError, match="plain characters"):
        HTTPS.set_readable("browser_state", "a;b", max_age=60)


def test_only_cookies_of_ours_are_read_by_short_name() -> None:
    scope = scope_of(headers=[(b"cookie", b"idp8000-session=abc; other=1; idp8000-locale=vi"), (b"cookie", b"flag")])
    assert LOCAL.read(scope) == {"session": "abc", "locale": "vi"}
    assert HTTPS.read(scope) == {}


def test_cookies_split_over_two_headers_are_read_as_http_2_sends_them() -> None:
    scope = scope_of(headers=[(b"cookie", b"idp8000-session=abc"), (b"cookie", b"idp8000-locale=vi")])
    assert LOCAL.read(scope) == {"session": "abc", "locale": "vi"}


def test_a_cookie_planted_beside_the_real_one_makes_both_void() -> None:
    scope = scope_of(headers=[(b"cookie", b"idp8000-session=abc; idp8000-session=evil; idp8000-locale=vi")])
    assert LOCAL.read(scope) == {"locale": "vi"}


def test_the_same_cookie_twice_is_one_cookie() -> None:
    assert LOCAL.read(scope_of(headers=[(b"cookie", b"idp8000-session=abc; idp8000-session=abc")])) == {
        "session": "abc"
    }


def test_an_absurd_cookie_header_is_not_read() -> None:
    assert LOCAL.read(scope_of(headers=[(b"cookie", b"idp8000-session=" + b"x" * 20_000)])) == {}
    assert LOCAL.read(scope_of(headers=[(b"cookie", b"\xff\x00;=;;idp8000-session")])) == {}


def test_a_cookie_is_removed_with_the_attributes_it_was_set_with() -> None:
    assert HTTPS.clear("session")[1] == b"__Host-session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure"


@pytest.mark.parametrize(("name", "value"), [("session", "a;b"), ("session", "a\r\nb"), ("Session", "a"), ("", "a")])
def test_nothing_that_would_need_quoting_becomes_a_cookie(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="plain"):
        LOCAL.set(name, value)
