import asyncio
import http.client
import json
import ssl
from collections.abc import AsyncIterator

import pytest
from jose import jwt

from bench.connection import Connection
from bench.visitor import Visitor, query_of
from docker.cluster import Cluster
from docker.cluster.demonstration import relying_parties, seed
from docker.cluster.nodes import Node
from idp.cli.demo_processes import Processes, StopRequest
from tests.relying_party import (
    OPEN,
    SignedIn,
    ask,
    authorize_url,
    connect,
    hang_up,
    is_active,
    read_json,
    refresh,
    sign_in,
)
from tests.server import PORTAL, ProviderProcess


@pytest.fixture(autouse=True)
async def connections() -> AsyncIterator[None]:
    yield
    await hang_up()


def at(node: Node) -> ProviderProcess:
    """The node itself, past the proxy, as the relying party's functions take it."""
    return ProviderProcess(node.log.parent, port=node.port)


async def browser(cluster: Cluster) -> Visitor:
    trust = ssl.create_default_context(cafile=cluster.authority.path)
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "localhost", cluster.proxy.port, ssl=trust)
    OPEN.append(connection)
    return Visitor(connection, cluster.issuer)


async def signed_in(cluster: Cluster) -> SignedIn:
    return await sign_in(at(cluster.nodes[0]), browser=await browser(cluster))


async def test_what_one_node_issues_another_verifies_and_a_third_renews(cluster: Cluster) -> None:
    first, second, third = cluster.nodes
    citizen = await signed_in(cluster)
    tokens = read_json(await citizen.redeem(at(first)))

    published = read_json(await ask(at(second), "GET", "/jwks"))["keys"]
    name = jwt.get_unverified_header(tokens["id_token"])["kid"]
    key = next(each for each in published if each["kid"] == name)
    claims = jwt.decode(
        tokens["id_token"], key, algorithms=["ES256"], audience=PORTAL[0], issuer=cluster.issuer,
        access_token=tokens["access_token"],
    )  # fmt: skip
    assert claims["sub"]

    assert await is_active(at(third), tokens["access_token"])
    renewed = read_json(await refresh(at(third), tokens["refresh_token"]))
    assert await is_active(at(second), renewed["access_token"])


async def test_a_code_is_good_once_whichever_nodes_are_asked(cluster: Cluster) -> None:
    citizen = await signed_in(cluster)
    answers = await asyncio.gather(*(citizen.redeem(at(node)) for node in cluster.nodes))
    assert sorted(answer.status for answer in answers) == [200, 400, 400]


async def test_every_node_knows_the_session_that_one_of_them_began(cluster: Cluster) -> None:
    citizen = await signed_in(cluster)
    for node in cluster.nodes:
        elsewhere = Visitor(await connect(at(node)), cluster.issuer, dict(citizen.browser.cookies))
        assert "code" in query_of(await elsewhere.get(authorize_url()))


async def test_a_node_that_dies_is_left_out_until_it_is_back(cluster: Cluster) -> None:
    victim = cluster.nodes[1]
    everybody = frozenset(node.name for node in cluster.nodes)
    victim.kill()
    for _ in range(6):
        assert (await (await browser(cluster)).get("/.well-known/openid-configuration")).status == 200
    cluster.proxy.await_nodes(everybody - {victim.name})
    assert (await (await signed_in(cluster)).redeem(at(cluster.nodes[0]))).status == 200
    victim.start()
    cluster.proxy.await_nodes(everybody)


async def test_a_node_that_is_stopping_says_so_while_it_still_answers(cluster: Cluster) -> None:
    leaving = cluster.nodes[2]
    others = frozenset(node.name for node in cluster.nodes) - {leaving.name}
    leaving.ask_to_stop()
    cluster.proxy.await_nodes(others)
    assert (await ask(at(leaving), "GET", "/jwks")).status == 200
    leaving.await_end()
    leaving.start()


def test_relying_parties_trust_the_provider_behind_the_proxy(cluster: Cluster) -> None:
    portal = relying_parties(cluster, seed(cluster))[0]
    with StopRequest() as stop, Processes(cluster.folder / "log", stop) as processes:
        processes.start(portal)
        assert processes.wait_until_ready()
        connection = http.client.HTTPConnection("localhost", portal.port, timeout=20)
        connection.request("GET", "/sign-in")
        answer = connection.getresponse()
        connection.close()
    assert answer.status in {302, 303}
    assert str(answer.getheader("location")).startswith(f"{cluster.issuer}/authorize?")


def test_commands_see_the_cluster(cluster: Cluster) -> None:
    findings = json.loads(cluster.idp("doctor", "--json"))
    assert findings["healthy"]


async def test_what_comes_behind_a_body_is_believed_by_nobody(cluster: Cluster) -> None:
    """Proxies take headers away that only they may say, and pass on trailers of the same names."""
    trust = ssl.create_default_context(cafile=cluster.authority.path)
    chosen = b"x-request-id: chosen-by-somebody\r\n"
    body = b"1\r\nx\r\n0\r\nclient-cert: :AAAA:\r\nx-forwarded-for: 203.0.113.9\r\n" + chosen + b"\r\n"
    head = b"POST /token HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n%bconnection: close\r\n\r\n"
    for more in (b"", chosen):
        reader, writer = await asyncio.open_connection("localhost", cluster.proxy.port, ssl=trust)
        writer.write(head % more + body)
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"x-request-id: " in answer
        assert b"chosen-by-somebody" not in answer
