"""Sample pages in a browser without a provider behind them, under the headers that the provider sends.

`python -m tests.browser.static_preview FOLDER` writes a picture of every page for designers and translators to look at.
"""

import sys
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route

from idp.web.page_policy import page_policy
from idp.web.rendering import Renderer
from idp.web.static_files import StaticFiles
from idp.web.views import LOCALES, Locale, PageView
from tests.browser.chromium import chromium
from tests.browser.page_samples import FRAMED, samples

ORIGIN = "https://id.example"
Scheme = Literal["light", "dark"]
HEIGHT = 900


class StaticPreview:
    """Opens sample pages by name. Nothing leaves the machine: every other address is refused."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._static = StaticFiles()
        self._renderer = Renderer(self._static)

    def open(self, locale: Locale, width: int, scheme: Scheme, *, script: bool = True) -> Page:
        """Return an empty page; go to `ORIGIN/NAME` on it."""
        context = self._browser.new_context(
            viewport={"width": width, "height": HEIGHT}, color_scheme=scheme, java_script_enabled=script
        )
        views = samples(locale)
        page = context.new_page()
        page.route("**/*", lambda route: self._answer(route, views))
        return page

    def _answer(self, route: Route, views: dict[str, PageView]) -> None:
        address = urlsplit(route.request.url)
        view = views.get(address.path.removeprefix("/"))
        file = self._static.find(address.path)
        if f"{address.scheme}://{address.netloc}" == FRAMED:
            route.fulfill(body="", content_type="text/html")
        elif f"{address.scheme}://{address.netloc}" != ORIGIN or (view is None and file is None):
            route.abort()
        elif file is not None:
            route.fulfill(body=file.body, headers=dict(file.headers))
        elif view is not None:
            logo = view.client.logo_uri if view.client else None
            headers = {
                "content-type": "text/html; charset=utf-8",
                "content-security-policy": page_policy(
                    logo_uri=logo, frames=getattr(view, "frames", ()), script=bool(view.scripts)
                ),
            }
            route.fulfill(body=self._renderer.page(view), headers=headers)


def write_pictures(folder: Path) -> None:
    """Write a picture of every page, in both languages, both schemes, on a phone and on a desk."""
    schemes: tuple[Scheme, Scheme] = ("light", "dark")
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        preview = StaticPreview(browser)
        for locale in LOCALES:
            for scheme in schemes:
                for width in (1280, 390):
                    page = preview.open(locale, width, scheme, script=False)
                    for name in samples(locale):
                        page.goto(f"{ORIGIN}/{name}")
                        page.screenshot(path=folder / f"{name}-{locale}-{width}-{scheme}.png", full_page=True)
                    page.context.close()


if __name__ == "__main__":
    write_pictures(Path(sys.argv[1]))
