"""From a parsed `IDP_STATE_URL` to the store that lies there."""

from idp.adapters.redis.cluster import Cluster
from idp.adapters.redis.connecting import Access
from idp.adapters.redis.requests import Requests
from idp.adapters.redis.sentinel import WatchedServer
from idp.adapters.redis.servers import OneServer, Servers
from idp.adapters.redis.short_lived import RedisShortLivedStore
from idp.ports.clock import Clock
from idp.setting_forms import StateStore


def open_short_lived(
    place: StateStore, clock: Clock, *, limit: int, timeout: float, retries: int
) -> RedisShortLivedStore:
    """The store at `place`; nothing is connected before the first request, so that worker processes may fork.

    `limit`, `timeout` (seconds) and `retries` as for `Requests`.
    """
    access = Access(place.username, place.password, tls=place.tls, database=place.database, timeout=timeout)
    servers: Servers
    match place.kind:
        case "single":
            servers = OneServer(access, place.nodes[0], clock)
        case "sentinel":
            servers = WatchedServer(access, place.nodes, place.service, clock)
        case "cluster":
            servers = Cluster(access, place.nodes, clock)
    requests = Requests(servers, limit=limit, timeout=timeout, retries=retries)
    return RedisShortLivedStore(servers, requests, clock, spread=place.kind == "cluster")
