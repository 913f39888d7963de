from ipaddress import ip_network

import pytest

from idp.web.edge.metrics import CONTENT_TYPE, MetricsEndpoint
from idp.web.edge.proxy import TrustedProxies
from tests.web.edge.asgi import ask, scope_of


async def _exposition() -> bytes:
    return b"idp_requests_total 1\n"


ENDPOINT = MetricsEndpoint(_exposition, TrustedProxies([ip_network("10.0.0.0/8")]), ((b"cache-control", b"no-store"),))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3"])
async def test_loopback_and_trusted_networks_read_the_numbers(address: str) -> None:
    answer = await ask(ENDPOINT, scope_of(client=(address, 1)))
    assert (answer.status, answer.body) == (200, b"idp_requests_total 1\n")
    assert answer.headers["content-type"] == CONTENT_TYPE.decode()


@pytest.mark.parametrize("client", [("192.0.2.1", 1), ("unix", 0), None])
async def test_strangers_find_nothing(client: tuple[str, int] | None) -> None:
    assert (await ask(ENDPOINT, scope_of(client=client))).status == 404


@pytest.mark.parametrize("header", [b"x-forwarded-for", b"forwarded", b"via", b"x-real-ip"])
async def test_a_forwarded_request_is_the_outside_world_even_from_loopback(header: bytes) -> None:
    answer = await ask(ENDPOINT, scope_of(client=("127.0.0.1", 1), headers=[(header, b"127.0.0.1")]))
    assert answer.status == 404
