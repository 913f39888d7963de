import pytest

from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System
from idp.web.edge.browser_kind import browser_kind

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "family", "system"),
    [
        (f"{_WINDOWS} Chrome/130.0.0.0 Safari/537.36", "chrome", "windows"),
        (f"{_WINDOWS} coc_coc_browser/130.0 Chrome/124.0 Safari/537.36", "coc_coc", "windows"),
        (f"{_WINDOWS} Chrome/130.0.0.0 Safari/537.36 Edg/130.0", "edge", "windows"),
        (f"{_WINDOWS} Chrome/130.0.0.0 Safari/537.36 OPR/114.0", "opera", "windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "firefox", "linux"),
        (f"{_ANDROID} SamsungBrowser/27.0 Chrome/125.0 Mobile Safari/537.36", "samsung", "android"),
        (f"{_ANDROID} Chrome/130.0 Mobile Safari/537.36", "chrome", "android"),
        (f"{_IPHONE} Version/18.0 Mobile/15E148 Safari/604.1", "safari", "ios"),
        (f"{_IPHONE} CriOS/130.0 Mobile/15E148 Safari/604.1", "chrome", "ios"),
        (f"{_MAC} Version/18.0 Safari/605.1.15", "safari", "macos"),
        ("curl/8.5", "other", "other"),
        ("", "other", "other"),
    ],
)
def test_a_browser_is_told_by_family_and_system(agent: str, family: str, system: str) -> None:
    scope = {"type": "http", "headers": [(b"user-agent", agent.encode())]}
    assert browser_kind(scope) == BrowserKind(BrowserFamily(family), System(system))
