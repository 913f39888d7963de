"""Names of browsers and systems, as people know them: the same in every language."""

from types import MappingProxyType
from typing import Final

from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System

FAMILIES: Final = MappingProxyType(
    {
        BrowserFamily.CHROME: "Chrome",
        BrowserFamily.COC_COC: "Cốc Cốc",
        BrowserFamily.EDGE: "Edge",
        BrowserFamily.FIREFOX: "Firefox",
        BrowserFamily.OPERA: "Opera",
        BrowserFamily.SAFARI: "Safari",
        BrowserFamily.SAMSUNG: "Samsung Internet",
    }
)
SYSTEMS: Final = MappingProxyType(
    {
        System.ANDROID: "Android",
        System.IOS: "iOS",
        System.LINUX: "Linux",
        System.MACOS: "macOS",
        System.WINDOWS: "Windows",
    }
)


def browser_name(kind: BrowserKind) -> str:
    """Return `Chrome, Windows`, as much of it as is known; nothing when neither is."""
    return ", ".join(name for name in (FAMILIES.get(kind.family), SYSTEMS.get(kind.system)) if name)
