"""What a browser says of itself, as coarsely as a person needs to recognise the own one."""

from enum import StrEnum

from idp.domain.values import dataclass


class BrowserFamily(StrEnum):
    """Browsers that people know by name."""

    CHROME = "chrome"
    COC_COC = "coc_coc"
    EDGE = "edge"
    FIREFOX = "firefox"
    OPERA = "opera"
    SAFARI = "safari"
    SAMSUNG = "samsung"
    OTHER = "other"


class System(StrEnum):
    """What machines run."""

    ANDROID = "android"
    IOS = "ios"
    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BrowserKind:
    """A family and a system; no version and nothing else by which one browser could be told from another."""

    family: BrowserFamily = BrowserFamily.OTHER
    system: System = System.OTHER
