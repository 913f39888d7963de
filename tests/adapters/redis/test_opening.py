import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

from docker.cluster.ports import free_port
from idp.adapters.redis.opening import open_state
from idp.adapters.redis.places import open_short_lived
from idp.domain.ids import Seconds
from idp.ports.errors import StoreUnavailableError
from idp.setting_forms import parse_state_url
from idp.settings import Settings
from tests.adapters.certificates import make_tls_pair
from tests.adapters.redis.conftest import Opener
from tests.adapters.redis.muted_server import MutedServer
from tests.adapters.turned_clock import START, TurnedClock
from tests.valkey import ValkeyServer

now = Seconds(START)
SOON = Seconds(START + 60)


def test_without_the_setting_nothing_is_opened_and_redis_py_not_even_imported() -> None:
    code = (
        "import sys\nfrom idp.adapters.crypto.system import SystemClock\n"
        "from idp.adapters.redis.opening import open_state\nfrom idp.settings import Settings\n"
        "assert open_state(Settings(), SystemClock()) is None\n"
        "sys.exit('redis' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:{}", "redis+sentinel://127.0.0.1:{}/idp", "redis+cluster://127.0.0.1:{}"]
)
async def test_nothing_is_connected_before_it_is_used(url: str, clock: TurnedClock) -> None:
    store = open_state(Settings(state_url=url.format(free_port()), state_timeout=0.2), clock)
    assert store is not None
    with pytest.raises(StoreUnavailableError):
        await store.get("code:1", now)
    await store.close()


async def test_the_settings_limit_connections_time_and_repetitions(valkey: ValkeyServer, clock: TurnedClock) -> None:
    settings = Settings(state_url=valkey.url, state_pool=3, state_timeout=1.25, store_retries=0)
    store = open_state(settings, clock)
    assert store is not None
    await store.put("code:1", b"value", SOON)
    assert await store.get("code:1", now) == b"value"
    requests = store._requests
    assert (requests._turns._value, requests._timeout, requests._retries) == (3, 1.25, 0)
    await store.close()


def test_a_store_opened_before_a_fork_serves_the_child(valkey: ValkeyServer, clock: TurnedClock) -> None:
    place = parse_state_url(valkey.url)
    assert place is not None
    store = open_short_lived(place, clock, limit=4, timeout=5, retries=0)
    child = multiprocessing.get_context("fork").Process(target=_use, args=(store,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert valkey.admin().exists("idp1:{code:child}")


def _use(store: object) -> None:
    import asyncio

    from idp.adapters.redis.short_lived import RedisShortLivedStore

    assert isinstance(store, RedisShortLivedStore)

    async def use() -> None:
        await store.put("code:child", b"value", SOON)
        await store.close()

    asyncio.run(use())


async def test_tls_is_spoken_to_a_server_of_a_trusted_name_only(
    opened: Opener, valkey: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = make_tls_pair(tmp_path, "127.0.0.1").server
    async with MutedServer(valkey.port, tls) as server:
        assert server.url.startswith("rediss:")
        with pytest.raises(StoreUnavailableError):  # nobody trusts this authority yet
            await opened(server.url, timeout=5, retries=0).get("code:1", now)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        store = opened(server.url, timeout=5)
        await store.put("code:1", b"value", SOON)
        assert await store.get("code:1", now) == b"value"
        with pytest.raises(StoreUnavailableError):  # the certificate is not made out to this name
            await opened(server.url.replace("127.0.0.1", "localhost"), timeout=5, retries=0).get("code:1", now)
        with pytest.raises(StoreUnavailableError):
            await opened(server.url.replace("rediss", "redis"), retries=0).get("code:1", now)
        await store.close()
