"""The short-lived store that the settings ask for. Importing this costs nothing; redis-py is imported on opening."""

from typing import TYPE_CHECKING

from idp.ports.clock import Clock
from idp.setting_forms import StateStore
from idp.settings import Settings

if TYPE_CHECKING:
    from idp.adapters.redis.short_lived import RedisShortLivedStore


def open_state(settings: Settings, clock: Clock) -> "RedisShortLivedStore | None":
    """The store of `settings.state_url`, None when the database is to keep short-lived state."""
    place = settings.state_store
    if place is None:
        return None
    return open_short_lived(
        place,
        clock,
        limit=settings.state_pool,
        timeout=settings.state_timeout,
        retries=settings.store_retries,
    )


def open_short_lived(
    place: StateStore, clock: Clock, *, limit: int, timeout: float, retries: int
) -> "RedisShortLivedStore":
    """The store at `place`; nothing is connected before the first request, so that worker processes may fork.

    `limit`, `timeout` (seconds) and `retries` as for `Requests`.
    """
    # Importing redis-py takes a quarter of a second, which an installation without it need not spend.
    from idp.adapters.redis.cluster import Cluster  # noqa: PLC0415 - see above
    from idp.adapters.redis.connecting import Access  # noqa: PLC0415 - see above
    from idp.adapters.redis.requests import Requests  # noqa: PLC0415 - see above
    from idp.adapters.redis.sentinel import WatchedServer  # noqa: PLC0415 - see above
    from idp.adapters.redis.servers import OneServer, Servers  # noqa: PLC0415 - see above
    from idp.adapters.redis.short_lived import RedisShortLivedStore  # noqa: PLC0415 - see above

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
