"""Pages: Jinja templates of the application over the shared layout, in the visitor's language."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from clients.relying_party.cookies import Cookies
from clients.relying_party.language import DEFAULT_LANGUAGE, LANGUAGES, Translator, read_catalogue
from clients.relying_party.session_store import Session

VIETNAM = timezone(timedelta(hours=7))  # one time zone, no summer time
SHARED = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders templates; everything in them is escaped."""

    environments: Mapping[str, Environment]
    cookies: Cookies
    style: bytes
    icon: bytes
    style_url: str

    @classmethod
    def of(cls, package: Path, cookies: Cookies, links: Mapping[str, str]) -> "Pages":
        """Read templates, catalogue and style of this package over the shared ones; `links` are peers' addresses."""
        style = (SHARED / "style.css").read_bytes() + (package / "style.css").read_bytes()
        sentences = read_catalogue([SHARED, package])
        loader = ChoiceLoader([FileSystemLoader(package / "templates"), FileSystemLoader(SHARED / "templates")])
        environments = {
            language: _environment(loader, Translator(sentences if language == "vi" else {}), language, links)
            for language in LANGUAGES
        }
        style_url = f"/style.css?v={hashlib.sha256(style).hexdigest()[:12]}"
        icon = (package / "icon.svg").read_bytes()
        return cls(environments=environments, cookies=cookies, style=style, icon=icon, style_url=style_url)

    def language(self, request: Request) -> str:
        """Return the language asked for in the address, else the one chosen before, else Vietnamese."""
        for language in (request.query_params.get("lang"), self.cookies.read_language(request)):
            if language in LANGUAGES:
                return str(language)
        return DEFAULT_LANGUAGE

    def render(
        self, request: Request, template: str, session: Session | None, *, status: int = 200, **context: object
    ) -> HTMLResponse:
        language = self.language(request)
        html = (
            self.environments[language]
            .get_template(template)
            .render(
                session=session,
                style_url=self.style_url,
                language_urls={name: _in_language(request, name) for name in LANGUAGES},
                here=quote(_here(request), safe=""),
                **context,
            )
        )
        response = HTMLResponse(html, status_code=status)
        if request.query_params.get("lang") == language:
            self.cookies.set_language(response, language)
        return response


def _here(request: Request) -> str:
    """Return the path to come back to; a callback or sign-out is no place to come back to."""
    is_page = request.method == "GET" and request.url.path not in {"/callback", "/signed-out"}
    return request.url.path if is_page else "/"


def _in_language(request: Request, language: str) -> str:
    is_passing = request.url.path in {"/callback", "/sign-in", "/sign-out", "/signed-out"}
    return f"{'/' if is_passing else quote(request.url.path)}?lang={language}"


def _environment(loader: ChoiceLoader, translator: Translator, language: str, links: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        translator.gettext, translator.ngettext, newstyle=True
    )
    # Each application remembers a language of its own: links between them carry one that is not the usual.
    in_language = "" if language == DEFAULT_LANGUAGE else f"?lang={language}"
    environment.globals |= {"language": language, "links": links, "in_language": in_language}
    environment.filters |= {
        "money": money,
        "moment": lambda moment: _moment(moment, language),
        "iso": lambda moment: datetime.fromtimestamp(moment, UTC).isoformat(),
    }
    return environment


def money(amount: int) -> str:
    """Return dong as they are written in Viet Nam, in every language: people compare them with the page that approves.

    Dong have no fractions.
    """
    return f"{amount:,}".replace(",", ".") + "\u00a0₫"


def _moment(moment: int, language: str) -> str:
    local = datetime.fromtimestamp(moment, VIETNAM)
    return local.strftime("%H:%M, %d/%m/%Y") if language == "vi" else local.strftime("%-d %B %Y, %H:%M")
