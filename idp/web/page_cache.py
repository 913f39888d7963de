"""Pages that are the same for many, but for a few values of each visit: drawn once, then only filled in.

A view names such fields in `filled_in`; all its other fields decide which page it is. Drawing the page where everybody
signs in costs as much as all checks of the request behind it.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from secrets import token_hex
from typing import Any, Final

from markupsafe import escape

from idp.domain.values import dataclass
from idp.web.views.common import PageView

MOST_PAGES: Final = 256
"""Drawn pages that are kept, least recently shown out first: services times languages, about 6 KiB each."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A page in pieces: its beginning, then the name of a field that stands there and the text up to the next one."""

    beginning: str
    rest: tuple[tuple[str, str], ...]


class PageCache:
    """Draws pages with `draw`, each once. A field that is None is no place to fill in: that is another page."""

    def __init__(self, draw: Callable[[PageView], str], most: int = MOST_PAGES) -> None:
        self._draw = draw
        self._most = most
        self._pages: OrderedDict[PageView, _Drawn] = OrderedDict()
        # Not to be guessed: whoever wrote it into the name of a service would have values appear there.
        self._place = f"place-{token_hex(16)}-"

    def page(self, view: PageView) -> str:
        """Return the page as HTML, its values escaped as the template would."""
        values = {name: value for name in view.filled_in if (value := getattr(view, name)) is not None}
        places: dict[str, Any] = {name: f"{self._place}{name}." for name in values}
        drawn = self._drawn(replace(view, **places))
        escaped = {name: str(escape(value)) for name, value in values.items()}
        return "".join([drawn.beginning, *(part for name, text in drawn.rest for part in (escaped[name], text))])

    def _drawn(self, view: PageView) -> _Drawn:
        drawn = self._pages.get(view)
        if drawn is not None:
            self._pages.move_to_end(view)
            return drawn
        beginning, *rest = self._draw(view).split(self._place)
        pairs = (part.partition(".") for part in rest)
        drawn = self._pages[view] = _Drawn(beginning, tuple((name, text) for name, _, text in pairs))
        if len(self._pages) > self._most:
            self._pages.popitem(last=False)
        return drawn
