"""Which browser on which system a request comes from, as its `User-Agent` says: shown to its owner, never relied on."""

from typing import Final

from starlette.types import Scope

from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System
from idp.web.edge.body import list_header

# The first word that is found decides: most browsers name others that they are like.
_FAMILIES: Final = (
    ("coc_coc_browser", BrowserFamily.COC_COC),
    ("SamsungBrowser/", BrowserFamily.SAMSUNG),
    ("Edg", BrowserFamily.EDGE),
    ("OPR/", BrowserFamily.OPERA),
    ("Firefox/", BrowserFamily.FIREFOX),
    ("FxiOS/", BrowserFamily.FIREFOX),
    ("Chrome/", BrowserFamily.CHROME),
    ("CriOS/", BrowserFamily.CHROME),
    ("Safari/", BrowserFamily.SAFARI),
)
_SYSTEMS: Final = (
    ("Android", System.ANDROID),
    ("iPhone", System.IOS),
    ("iPad", System.IOS),
    ("Windows", System.WINDOWS),
    ("Mac OS X", System.MACOS),
    ("Linux", System.LINUX),
)


def browser_kind(scope: Scope) -> BrowserKind:
    """Return what the request says; `OTHER` for what it does not."""
    agent = list_header(scope, b"user-agent")
    family = next((family for word, family in _FAMILIES if word in agent), BrowserFamily.OTHER)
    system = next((system for word, system in _SYSTEMS if word in agent), System.OTHER)
    return BrowserKind(family, system)
