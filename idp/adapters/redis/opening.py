"""The short-lived store that the settings ask for. Importing this costs nothing; redis-py is imported on opening."""

from typing import TYPE_CHECKING

from idp.ports.clock import Clock
from idp.settings import Settings

if TYPE_CHECKING:
    from idp.adapters.redis.short_lived import RedisShortLivedStore


def open_state(settings: Settings, clock: Clock) -> "RedisShortLivedStore | None":
    """The store of `settings.state_url`, None when the database is to keep short-lived state."""
    place = settings.state_store
    if place is None:
        return None
    from idp.adapters.redis.places import open_short_lived  # noqa: PLC0415 - redis-py takes a quarter of a second

    return open_short_lived(
        place, clock, limit=settings.state_pool, timeout=settings.state_timeout, retries=settings.store_retries
    )
