"""The token side on real stores, for the handlers in front of it."""

from tests.protocol.conftest import template, world

__all__ = ["template", "world"]
