from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from idp.adapters.http.destination import OutboundPolicy, is_public, parse_destination
from idp.ports.http import OutgoingError
from idp.settings import Settings


def policy(allowed: str = "") -> OutboundPolicy:
    return OutboundPolicy(Settings.model_validate({"outbound_allow": allowed}).outbound_allow)


async def choose(url: str, *addresses: str, allowed: str = "") -> str:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return str(await policy(allowed).choose(parse_destination(url), resolve))


def test_an_address_falls_into_its_parts() -> None:
    destination = parse_destination("https://Portal.gov.vn:8443/logout?a=b%20c")
    assert (destination.scheme, destination.host, destination.port) == ("https", "portal.gov.vn", 8443)
    assert (destination.authority, destination.target) == ("portal.gov.vn:8443", b"/logout?a=b%20c")
    assert parse_destination("https://portal.gov.vn.").host == "portal.gov.vn"
    assert parse_destination("http://[::1]:8000/").authority == "[::1]:8000"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/path",
        "//host/path",
        "portal.gov.vn",
        "https://",
        "https:///path",
        "ftp://portal.gov.vn",
        "file:///etc/passwd",
        "gopher://portal.gov.vn",
        "unix:///run/socket",
        "https://user@portal.gov.vn",
        "https://user:password@portal.gov.vn",
        "https://portal.gov.vn@10.0.0.1/",
        "https://portal.gov.vn/#fragment",
        "https://portal.gov.vn#",
        "https://portal.gov.vn\\@10.0.0.1/",
        "https://portal.gov.vn:0",
        "https://portal.gov.vn:99999",
        "https://portal.gov.vn:port",
        "https://portal gov.vn",
        "https://portal.gov.vn/a b",
        "https://portal.gov.vn\r\nHost: x",
        "https://portal.gov.vn/\x00",
        "https://pörtal.vn",
        "https://１２７.0.0.1/",
        "https://portal%2egov.vn",
        "https://.",
        "https://[::1",
        "https://[::1%25eth0]x/",
        "https://portal.gov.vn/" + "a" * 2048,
        "https://" + "a." * 127 + "vn",
    ],
)
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(OutgoingError):
        parse_destination(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "127.0.0.01",
        "127.0.0.0x1",
        "256.1.1.1",
        "1.2.3",
        "1.2.3.4.5",
    ],
)
def test_an_address_in_an_unusual_notation_is_refused(host: str) -> None:
    with pytest.raises(OutgoingError):
        parse_destination(f"https://{host}/")


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "3fff:fff:ffff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
async def test_addresses_that_are_not_public_are_refused_by_number_and_by_name(address: str) -> None:
    assert not is_public(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    for url in (f"https://{host}/", "https://portal.gov.vn/"):
        with pytest.raises(OutgoingError, match="IDP_OUTBOUND_ALLOW"):
            await choose(url, address)


@pytest.mark.parametrize("address", ["1.1.1.1", "203.162.0.1", "2400:cb00::1", "64:ff9b::101:101"])
async def test_public_https_is_reached_and_public_http_is_not(address: str) -> None:
    assert await choose("https://portal.gov.vn/", address) == address
    with pytest.raises(OutgoingError):
        await choose("http://portal.gov.vn/", address)


async def test_a_mapped_address_is_connected_to_as_what_it_is() -> None:
    assert await choose("https://portal.gov.vn/", "::ffff:1.1.1.1") == "1.1.1.1"
    assert await choose("http://[::ffff:10.0.0.1]/", allowed="10.0.0.0/8") == "10.0.0.1"


async def test_of_several_addresses_the_first_that_may_be_reached_is_taken() -> None:
    assert await choose("https://portal.gov.vn/", "127.0.0.1", "fd00::1", "1.1.1.1", "8.8.8.8") == "1.1.1.1"


async def test_a_name_without_an_address_is_refused() -> None:
    with pytest.raises(OutgoingError):
        await choose("https://portal.gov.vn/")
    with pytest.raises(OutgoingError, match="does not resolve"):
        await choose("https://portal.gov.vn/", "garbage")


@pytest.mark.parametrize(
    ("allowed", "url", "address"),
    [
        ("portal.local", "http://portal.local:8001/", "10.0.0.5"),
        ("portal.local:8001", "http://PORTAL.local:8001/", "10.0.0.5"),
        ("localhost:8001", "http://localhost:8001/", "::1"),
        ("10.0.0.5", "http://10.0.0.5/", "10.0.0.5"),
        ("10.0.0.0/8:443", "https://portal.local/", "10.1.2.3"),
        ("[::1]:9000", "http://[::1]:9000/", "::1"),
        ("fd00::/8", "http://portal.local/", "fd00::5"),
        ("1.1.1.1:80", "http://portal.gov.vn/", "1.1.1.1"),
    ],
)
async def test_what_the_operator_allowed_is_reached_plain_http_included(allowed: str, url: str, address: str) -> None:
    assert await choose(url, address, allowed=allowed) == address


@pytest.mark.parametrize(
    ("allowed", "url", "address"),
    [
        ("portal.local:8001", "http://portal.local:8002/", "10.0.0.5"),
        ("portal.local", "http://other.local/", "10.0.0.5"),
        ("portal.local", "http://sub.portal.local/", "10.0.0.5"),
        ("portal.local", "http://10.0.0.5/", "10.0.0.5"),
        ("10.0.0.0/8:443", "https://portal.local:8443/", "10.1.2.3"),
        ("10.0.0.0/8", "http://portal.local/", "11.0.0.1"),
        ("10.0.0.0/8", "https://portal.local/", "192.168.0.1"),
        ("fd00::/8", "http://portal.local/", "10.0.0.1"),
    ],
)
async def test_what_the_operator_did_not_allow_stays_refused(allowed: str, url: str, address: str) -> None:
    with pytest.raises(OutgoingError):
        await choose(url, address, allowed=allowed)
