"""What the pages of the administrators' console show."""

from idp.web.views.console.common import ConsoleHead, ConsolePage, Problem, RoomLink

__all__ = ["ConsoleHead", "ConsolePage", "Problem", "RoomLink"]
