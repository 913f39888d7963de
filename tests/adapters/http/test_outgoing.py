import asyncio
import gzip
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import httpcore
import pytest

from idp.adapters.http.bounded_stream import MOST_INFORMATIONAL, MOST_READS, BoundedStream
from idp.adapters.http.outgoing import LARGEST_BODY, MOST_EACH, MOST_PIECES, GuardedHttp
from idp.ports.http import Answer, OutgoingError
from idp.settings import Settings
from tests.adapters.certificates import TlsPair, make_tls_pair

Respond = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Peer:
    """A server on loopback that keeps what it was asked and answers as it is told."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.requests: list[tuple[list[str], bytes]] = []
        self.connections = 0
        self.respond: Respond = self.accept

    async def accept(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=b; Path=/\r\n\r\nok")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
            lengths = [int(line[15:]) for line in head if line.lower().startswith("content-length:")]
            length = sum(lengths)
            self.requests.append((head, await reader.readexactly(length)))
            await self.respond(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


Start = Callable[..., Awaitable[Peer]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    servers: list[asyncio.Server] = []

    async def start(tls: ssl.SSLContext | None = None) -> Peer:
        peer = Peer(0)
        server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, ssl=tls)
        peer.port = server.sockets[0].getsockname()[1]
        servers.append(server)
        return peer

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsPair:
    return make_tls_pair(tmp_path_factory.mktemp("tls"), "portal.gov.vn")


def answering(body: bytes) -> Respond:
    async def respond(writer: asyncio.StreamWriter) -> None:
        writer.write(body)

    return respond


class Resolver:
    """Answers what it is told and remembers what it was asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = answers
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers


Make = Callable[..., GuardedHttp]


@pytest.fixture
async def make(tls: TlsPair) -> AsyncIterator[Make]:
    made: list[GuardedHttp] = []

    def make(allowed: str = "127.0.0.0/8", resolver: Resolver | None = None, seconds: float = 5) -> GuardedHttp:
        rules = Settings.model_validate({"outbound_allow": allowed}).outbound_allow
        made.append(GuardedHttp(rules, tls=tls.client, resolve=resolver, total_seconds=seconds))
        return made[-1]

    yield make
    for client in made:
        await client.close()


async def test_a_form_is_posted_to_the_checked_address_under_the_name_that_was_asked_for(
    start: Start, make: Make
) -> None:
    peer, resolver = await start(), Resolver("127.0.0.1")
    url = f"http://portal.gov.vn:{peer.port}/logout?a=b%20c"
    answer = await make("127.0.0.1", resolver).post_form(url, {"logout_token": "a.b-c_d", "tên": "Nguyễn &="})
    assert answer == Answer(200, b"ok")
    assert resolver.asked == [("portal.gov.vn", peer.port)]
    head, body = peer.requests[0]
    assert head[0] == "POST /logout?a=b%20c HTTP/1.1"
    assert f"Host: portal.gov.vn:{peer.port}" in head
    assert "Content-Type: application/x-www-form-urlencoded" in head
    assert body == b"logout_token=a.b-c_d&t%C3%AAn=Nguy%E1%BB%85n+%26%3D"


async def test_over_tls_the_certificate_has_to_be_for_the_name(start: Start, make: Make, tls: TlsPair) -> None:
    peer = await start(tls.server)
    client = make("127.0.0.1", Resolver("127.0.0.1"))
    assert (await client.post_form(f"https://portal.gov.vn:{peer.port}/", {})).status == 200
    for host in ("other.gov.vn", "127.0.0.1"):
        with pytest.raises(OutgoingError, match="ConnectError"):
            await client.post_form(f"https://{host}:{peer.port}/", {})
    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    ("newest", "spoken"), [(ssl.TLSVersion.TLSv1_3, "TLSv1.3"), (ssl.TLSVersion.TLSv1_2, "TLSv1.2")]
)
async def test_the_newest_tls_that_the_other_side_offers_is_spoken(
    start: Start, tmp_path: Path, newest: ssl.TLSVersion, spoken: str
) -> None:
    """Back-Channel Logout over TLS 1.3 where the relying party offers it."""
    pair = make_tls_pair(tmp_path, "portal.gov.vn")
    pair.server.maximum_version = newest
    peer, versions = await start(pair.server), list[str]()

    async def respond(writer: asyncio.StreamWriter) -> None:
        versions.append(writer.get_extra_info("ssl_object").version())
        await peer.accept(writer)

    peer.respond = respond
    rules = Settings.model_validate({"outbound_allow": "127.0.0.1"}).outbound_allow
    client = GuardedHttp(rules, tls=pair.client, resolve=Resolver("127.0.0.1"))
    assert (await client.post_form(f"https://portal.gov.vn:{peer.port}/", {})).status == 200
    await client.close()

    assert versions == [spoken]


async def test_a_json_document_goes_under_its_bearer_token(start: Start, make: Make) -> None:
    peer = await start()
    url = f"http://127.0.0.1:{peer.port}/notify"
    answer = await make().post_json(url, {"auth_req_id": "1c2"}, bearer="token-1")
    assert answer.status == 200
    head, body = peer.requests[0]
    assert head[0] == "POST /notify HTTP/1.1"
    assert "Authorization: Bearer token-1" in head
    assert "Content-Type: application/json" in head
    assert json.loads(body) == {"auth_req_id": "1c2"}


async def test_a_document_is_fetched_without_a_body(start: Start, make: Make) -> None:
    peer = await start()
    answer = await make().get(f"http://127.0.0.1:{peer.port}/jwks.json?v=1")
    assert (answer.status, answer.body) == (200, b"ok")
    head, body = peer.requests[0]
    assert (head[0], body) == ("GET /jwks.json?v=1 HTTP/1.1", b"")


async def test_a_certificate_of_a_stranger_is_refused(start: Start, make: Make, tmp_path: Path) -> None:
    peer = await start(make_tls_pair(tmp_path, "portal.gov.vn").server)
    with pytest.raises(OutgoingError, match="ConnectError"):
        await make("127.0.0.1", Resolver("127.0.0.1")).post_form(f"https://portal.gov.vn:{peer.port}/", {})
    assert peer.requests == []


async def test_nothing_private_is_connected_to_unless_allowed(start: Start, make: Make) -> None:
    peer = await start()
    client = make("", Resolver("127.0.0.1", "10.0.0.1", "::1"))
    for url in (
        f"http://127.0.0.1:{peer.port}/",
        f"https://127.0.0.1:{peer.port}/",
        f"https://portal.gov.vn:{peer.port}/",
        f"http://2130706433:{peer.port}/",
        f"http://[::ffff:127.0.0.1]:{peer.port}/",
        f"http://user@127.0.0.1:{peer.port}/",
    ):
        with pytest.raises(OutgoingError):
            await client.post_form(url, {})
    assert peer.connections == 0


async def test_a_name_is_resolved_once_so_that_it_cannot_answer_differently_a_moment_later(
    start: Start, make: Make
) -> None:
    peer = await start()

    class Rebinding(Resolver):
        async def __call__(self, host: str, port: int) -> Sequence[str]:
            await super().__call__(host, port)
            return ["127.0.0.1"] if len(self.asked) == 1 else ["127.0.0.2"]

    resolver = Rebinding()
    await make("127.0.0.1", resolver).post_form(f"http://portal.gov.vn:{peer.port}/", {})
    assert len(resolver.asked) == 1
    assert len(peer.requests) == 1


async def test_the_system_resolves_names(start: Start, make: Make) -> None:
    peer = await start()
    assert (await make("localhost").post_form(f"http://localhost:{peer.port}/", {})).status == 200
    with pytest.raises(OutgoingError, match="does not resolve"):
        await make("nowhere.invalid").post_form("http://nowhere.invalid/", {})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(start: Start, make: Make, status: int) -> None:
    peer, other = await start(), await start()
    location = f"http://127.0.0.1:{other.port}/"
    peer.respond = answering(f"HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
    answer = await make().post_form(f"http://127.0.0.1:{peer.port}/", {})
    assert answer.status == status
    assert other.connections == 0
    assert len(peer.requests) == 1


async def test_no_cookie_is_kept_and_no_connection_either(start: Start, make: Make) -> None:
    peer = await start()
    client = make()
    for _ in range(2):
        await client.post_form(f"http://127.0.0.1:{peer.port}/", {})
    assert peer.connections == 2
    assert not any(line.lower().startswith("cookie") for head, _ in peer.requests for line in head)


async def test_proxies_of_the_environment_are_not_used(
    start: Start, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer, proxy = await start(), await start()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    await make().post_form(f"http://127.0.0.1:{peer.port}/", {})
    assert (len(peer.requests), proxy.connections) == (1, 0)


async def test_an_answer_of_64_kib_is_read_and_one_byte_more_is_refused(start: Start, make: Make) -> None:
    peer = await start()
    url = f"http://127.0.0.1:{peer.port}/"
    for length in (LARGEST_BODY, LARGEST_BODY + 1):
        body = b"x" * length
        for headers in (f"Content-Length: {length}\r\n", "Connection: close\r\n"):
            peer.respond = answering(f"HTTP/1.1 200 OK\r\n{headers}\r\n".encode() + body)
            if length > LARGEST_BODY:
                with pytest.raises(OutgoingError, match="64 KiB"):
                    await make().post_form(url, {})
            else:
                assert (await make().post_form(url, {})).body == body


async def test_an_endless_answer_is_cut(start: Start, make: Make) -> None:
    peer = await start()

    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            await writer.drain()

    peer.respond = flood
    with pytest.raises(OutgoingError, match="64 KiB"):
        await make().post_form(f"http://127.0.0.1:{peer.port}/", {})


async def test_a_compressed_answer_is_refused_before_it_unfolds(start: Start, make: Make) -> None:
    peer = await start()
    bomb = gzip.compress(bytes(10_000_000))
    peer.respond = answering(
        f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode() + bomb
    )
    with pytest.raises(OutgoingError, match="compressed"):
        await make().post_form(f"http://127.0.0.1:{peer.port}/", {})
    assert "Accept-Encoding: identity" in peer.requests[0][0]


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
async def test_an_answer_that_takes_too_long_is_given_up_wherever_it_stops(
    start: Start, make: Make, sent: bytes
) -> None:
    peer = await start()
    gone = asyncio.Event()

    async def stall(writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()
        await gone.wait()

    peer.respond = stall
    with pytest.raises(OutgoingError, match="in time"):
        await make(seconds=0.05).post_form(f"http://127.0.0.1:{peer.port}/", {})
    gone.set()


@pytest.mark.parametrize("line", [b"HTTP/1.1 100 Continue", b"HTTP/1.1 103 Early Hints\r\nLink: </x>"])
async def test_an_answer_that_never_stops_beginning_is_cut(start: Start, make: Make, line: bytes) -> None:
    peer = await start()

    async def announce(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write((line + b"\r\n\r\n") * 100)
            await writer.drain()

    peer.respond = announce
    with pytest.raises(OutgoingError, match="RemoteProtocolError"):
        await make().post_form(f"http://127.0.0.1:{peer.port}/", {})


async def test_a_few_informational_answers_before_the_last_do_no_harm(start: Start, make: Make, tls: TlsPair) -> None:
    peer = await start(tls.server)
    informational = b"HTTP/1.1 100 Continue\r\n\r\n" * MOST_INFORMATIONAL
    peer.respond = answering(
        informational + b"HTTP/1.1 200 OK\r\nContent-Length: 31\r\n\r\n" + b"HTTP/1.1 100 Continue\r\n\r\n12345\n"
    )
    client, url = make("127.0.0.1", Resolver("127.0.0.1")), f"https://portal.gov.vn:{peer.port}/"
    assert (await client.post_form(url, {})).status == 200
    peer.respond = answering(informational + b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
    with pytest.raises(OutgoingError, match="RemoteProtocolError"):
        await client.post_form(url, {})


async def test_a_body_in_crumbs_is_cut_before_it_is_read(start: Start, make: Make) -> None:
    peer = await start()
    crumbs = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * (MOST_PIECES + 1)
    peer.respond = answering(crumbs + b"0\r\n\r\n")
    with pytest.raises(OutgoingError, match="pieces"):
        await make().post_form(f"http://127.0.0.1:{peer.port}/", {})


@pytest.mark.parametrize("filling", [b"1;" + b"x" * 4000 + b"\r\ny\r\n", b"0\r\n" + b"a: b\r\n" * 100])
async def test_what_frames_a_body_is_bounded_as_well(start: Start, make: Make, filling: bytes) -> None:
    peer = await start()
    peer.respond = answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + filling * 400)
    with pytest.raises(OutgoingError, match="RemoteProtocolError"):
        await make().post_form(f"http://127.0.0.1:{peer.port}/", {})


async def test_an_answer_that_comes_byte_by_byte_is_cut() -> None:
    class Dripping(httpcore.AsyncMockStream):
        async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 -- httpcore's
            return b"x"

    stream = BoundedStream(Dripping([]))
    for _ in range(MOST_READS):
        assert await stream.read(65536) == b"x"
    with pytest.raises(httpcore.RemoteProtocolError):
        await stream.read(65536)


async def test_a_resolver_that_hangs_is_given_up(make: Make) -> None:
    class Hanging(Resolver):
        async def __call__(self, host: str, port: int) -> Sequence[str]:
            await asyncio.Event().wait()
            return []

    with pytest.raises(OutgoingError, match="in time"):
        await make("", Hanging(), 0.05).post_form("https://portal.gov.vn/", {})


@pytest.mark.parametrize(
    "garbage", [b"", b"\0" * 100, b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
)
async def test_what_is_not_http_is_told_as_a_failed_call(start: Start, make: Make, garbage: bytes) -> None:
    peer = await start()
    peer.respond = answering(garbage)
    with pytest.raises(OutgoingError, match="the call failed"):
        await make().post_form(f"http://127.0.0.1:{peer.port}/", {})


async def test_nobody_listening_is_told_as_a_failed_call(make: Make, unused_port: int) -> None:
    with pytest.raises(OutgoingError, match="ConnectError"):
        await make().post_form(f"http://127.0.0.1:{unused_port}/", {})


@pytest.fixture
def unused_port() -> Iterator[int]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


async def test_many_calls_share_a_bounded_number_of_connections(start: Start, make: Make) -> None:
    peer = await start()
    open_now = most = 0
    release = asyncio.Event()

    async def hold(writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        if open_now == 32:
            release.set()
        await release.wait()
        await peer.accept(writer)
        open_now -= 1

    peer.respond = hold
    client = make(resolver=Resolver("127.0.0.1"))
    urls = [f"http://{number}.portal.gov.vn:{peer.port}/" for number in range(100)]
    answers = await asyncio.gather(*(client.post_form(url, {}) for url in urls))
    assert [answer.status for answer in answers] == [200] * 100
    assert most == 32


async def test_a_host_that_hangs_has_four_calls_and_leaves_the_others_their_places(start: Start, make: Make) -> None:
    peer, other = await start(), await start()
    called, release = asyncio.Semaphore(0), asyncio.Event()

    async def hold(writer: asyncio.StreamWriter) -> None:
        called.release()
        await release.wait()
        await peer.accept(writer)

    peer.respond = hold
    client = make(resolver=Resolver("127.0.0.1"))
    url = f"http://silent.gov.vn:{peer.port}/"
    calls = [asyncio.create_task(client.get(f"{url}{number}")) for number in range(MOST_EACH)]
    for _ in calls:
        await called.acquire()
    with pytest.raises(OutgoingError, match="that host"):
        await client.get(url.replace("silent", "SILENT"))
    assert (await client.get(f"http://portal.gov.vn:{other.port}/")).status == 200
    release.set()
    assert {answer.status for answer in await asyncio.gather(*calls)} == {200}
    assert (await client.get(url)).status == 200


async def test_a_failure_repeats_neither_address_nor_fields(make: Make, unused_port: int) -> None:
    with pytest.raises(OutgoingError) as failed:
        await make().post_form(f"http://127.0.0.1:{unused_port}/secret-path", {"logout_token": "secret-token"})
    assert "secret" not in str(failed.value)
