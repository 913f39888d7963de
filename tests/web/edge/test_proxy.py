from ipaddress import ip_network

import pytest

from idp.web.edge.proxy import UNKNOWN, TrustedProxies, network_of
from tests.web.edge.asgi import scope_of

PROXIES = TrustedProxies([ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48")])
Fields = list[tuple[bytes, bytes]]


def _client(headers: Fields, peer: str = "10.0.0.1") -> str:
    return PROXIES.client_address(scope_of(headers=headers, client=(peer, 1)))


def test_a_stranger_is_not_believed_about_where_he_comes_from() -> None:
    headers = [
        (b"x-forwarded-for", b"198.51.100.7"),
        (b"forwarded", b"for=198.51.100.8"),
    ]
    assert _client(headers, "192.0.2.1") == "192.0.2.1"
    assert TrustedProxies().client_address(scope_of(headers=headers)) == "192.0.2.1"
    assert not TrustedProxies().trusts(scope_of())


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], "10.0.0.1"),
        ([(b"x-forwarded-for", b"198.51.100.7")], "198.51.100.7"),
        ([(b"x-forwarded-for", b"6.6.6.6, 198.51.100.7, 10.2.2.2")], "198.51.100.7"),
        ([(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"198.51.100.7:4711")], "198.51.100.7"),
        ([(b"forwarded", b'for=6.6.6.6, for="[2001:db8::17]:4711";proto=https')], "2001:db8::17"),
        ([(b"forwarded", b"For=198.51.100.9;By=10.0.0.1"), (b"x-forwarded-for", b"198.51.100.9")], "198.51.100.9"),
        ([(b"forwarded", b"for=_hidden")], UNKNOWN),
        ([(b"x-forwarded-for", b"not an address")], UNKNOWN),
        ([(b"x-forwarded-for", b"fe80::1%eth0")], UNKNOWN),
        ([(b"x-forwarded-for", b"::ffff:198.51.100.7")], "198.51.100.7"),
        ([(b"x-forwarded-for", b"10.3.3.3")], "10.3.3.3"),
    ],
)
def test_the_first_address_from_our_end_that_is_no_proxy_is_the_caller(headers: Fields, expected: str) -> None:
    assert _client(headers) == expected


@pytest.mark.parametrize(
    ("forwarded", "listed"),
    [
        (b"for=6.6.6.6", b"198.51.100.7"),
        (b"for=_hidden", b"198.51.100.7"),
        (b"for=198.51.100.7", b"6.6.6.6, 198.51.100.8"),
        (b"for=6.6.6.6", b"10.2.2.2"),
    ],
)
def test_of_two_headers_that_name_two_callers_neither_is_believed(forwarded: bytes, listed: bytes) -> None:
    headers = [(b"forwarded", forwarded), (b"x-forwarded-for", listed)]
    assert _client(headers) == _client(headers[::-1]) == "10.0.0.1"


@pytest.mark.parametrize(
    ("headers", "peer", "source"),
    [
        ([], "192.0.2.7", "192.0.2.7"),
        ([], "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ([], "::ffff:192.0.2.7", "192.0.2.7"),
        ([(b"x-forwarded-for", b"2001:db8:1:2::7")], "10.0.0.1", "2001:db8:1:2::/64"),
        ([(b"x-forwarded-for", b"not an address")], "10.0.0.1", UNKNOWN),
    ],
)
def test_a_source_is_an_address_or_the_network_of_one_subscriber(headers: Fields, peer: str, source: str) -> None:
    assert PROXIES.source(scope_of(headers=headers, client=(peer, 1))) == source


def test_an_endless_chain_is_not_followed() -> None:
    assert _client([(b"x-forwarded-for", b"6.6.6.6," + b"10.0.0.2," * 500 + b"10.0.0.2")]) == "10.0.0.2"


def test_a_caller_without_address_is_unknown() -> None:
    assert PROXIES.client_address(scope_of(client=None)) == UNKNOWN


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        (UNKNOWN, UNKNOWN),
        ("testclient", "testclient"),
    ],
)
def test_neighbours_have_one_network(source: str, network: str) -> None:
    assert network_of(source) == network
