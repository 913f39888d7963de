from ipaddress import ip_network

import pytest

from idp.web.edge.proxy import TrustedProxies
from idp.web.edge.request_id import HEADER, RequestIds
from tests.web.edge.asgi import scope_of


class Numbered:
    def token(self, size: int = 32) -> str:
        raise NotImplementedError

    def identifier(self) -> str:
        return "made-here"

    def digits(self, length: int) -> str:
        raise NotImplementedError


IDS = RequestIds(Numbered(), TrustedProxies([ip_network("10.0.0.0/8")]))
PROXY = ("10.0.0.1", 1)


def test_a_well_formed_identifier_of_a_trusted_proxy_is_kept() -> None:
    assert IDS.assign(scope_of(headers=[(HEADER, b"0190a1b2-c3d4")], client=PROXY)) == "0190a1b2-c3d4"


def test_a_strangers_identifier_is_replaced() -> None:
    assert IDS.assign(scope_of(headers=[(HEADER, b"0190a1b2-c3d4")])) == "made-here"


@pytest.mark.parametrize(
    "sent", [[], [b"short"], [b"x" * 129], [b"line\nbreak-here"], [b"\xff" * 20], [b"12345678"] * 2]
)
def test_an_odd_identifier_is_replaced(sent: list[bytes]) -> None:
    assert IDS.assign(scope_of(headers=[(HEADER, value) for value in sent], client=PROXY)) == "made-here"
