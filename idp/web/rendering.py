"""Turns views into pages and messages: templates and catalogues are read at start, each is compiled when first used.

Compiling all of them took a second of each start. What is read later is not what was installed: an upgrade in place
would mix two releases.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal
from jinja2 import Environment, FunctionLoader, StrictUndefined, Template, select_autoescape

from idp.domain.country_time import COUNTRY_TIME
from idp.web.catalogues import load_catalogues
from idp.web.page_cache import PageCache
from idp.web.page_policy import FORM_POST_SCRIPT
from idp.web.qr import qr_svg
from idp.web.static_files import StaticFiles
from idp.web.table_labels import labelled
from idp.web.views.common import LOCALES, Locale, PageView
from idp.web.views.mail import MailView
from idp.web.wording import (
    ACCOUNT_NOTICES,
    AUTHENTICATOR_KINDS,
    METHODS,
    REFUSALS,
    SECURITY_NOTICES,
    SIGN_IN_REASONS,
    acting_words,
    alert_headline,
    basis_words,
    browser_name,
    console_words,
    error_words,
    happened_words,
    item_words,
    look_words,
    means_words,
    proof_words,
    recovery_words,
    value_words,
)

_SAID_IN_MINUTES: Final = 120
_BABEL_LOCALES: Final[dict[Locale, str]] = {"vi": "vi", "en": "en_GB"}
_PACKAGE = Path(__file__).parent.parent


def template_folder(package: Path = _PACKAGE) -> Path:
    """Return where the templates are: inside an installed package, or beside it in the repository."""
    packed = package / "_templates"
    return packed if packed.is_dir() else package.parent / "templates"


class Renderer:
    """Renders every page and message in every language. Holds nothing of a visit."""

    def __init__(self, static_files: StaticFiles, *, templates: Path | None = None) -> None:
        """Read templates and catalogues; raises when one cannot be read."""
        sources = _Sources(template_folder() if templates is None else templates)
        translations = load_catalogues()
        self._kept = PageCache(self._draw)
        self._environments: dict[Locale, Environment] = {}
        for locale in LOCALES:
            environment = self._environments[locale] = _environment(sources, locale, static_files)
            # The extension adds the method, so the type does not have it.
            environment.install_gettext_translations(translations[locale], newstyle=True)  # type: ignore[attr-defined]

    def page(self, view: PageView) -> bytes:
        """Return the page as UTF-8 HTML."""
        return (self._kept.page(view) if view.filled_in else self._draw(view)).encode()

    def _draw(self, view: PageView) -> str:
        return self._template(view.locale, f"{view.folder}/{view.template}").render(view=view)

    def mail(self, view: MailView) -> tuple[str, str]:
        """Return subject and plain text of the message."""
        text = self._template(view.locale, f"mail/{view.template}").render(view=view)
        subject, _, body = text.partition("\n")
        return subject.strip(), body.strip() + "\n"

    def _template(self, locale: Locale, name: str) -> Template:
        return self._environments[locale].get_template(name)


class _Sources:
    """The texts of all templates, as they were when the provider started."""

    def __init__(self, folder: Path) -> None:
        files = (path for path in folder.rglob("*") if path.is_file())
        self._texts = {path.relative_to(folder).as_posix(): (path.read_text("utf-8"), str(path)) for path in files}

    def load(self, name: str) -> tuple[str, str, None] | None:
        """Return text, file name for tracebacks, and that nothing changes it, as `FunctionLoader` asks for them."""
        found = self._texts.get(name)
        return (*found, None) if found else None


def _environment(sources: _Sources, locale: Locale, static_files: StaticFiles) -> Environment:
    environment = Environment(
        loader=FunctionLoader(sources.load),
        cache_size=-1,
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters.update(_filters(locale))
    environment.globals.update(
        asset=static_files.href,
        form_post_script=FORM_POST_SCRIPT,
        refusals=REFUSALS,
        sign_in_reasons=SIGN_IN_REASONS,
        account_notices=ACCOUNT_NOTICES,
        security_notices=SECURITY_NOTICES,
        authenticator_kinds=AUTHENTICATOR_KINDS,
        alert_headline=alert_headline,
        happened_words=happened_words,
        means_words=means_words,
        methods=METHODS,
        acting_words=acting_words,
        console_words=console_words,
        error_words=error_words,
        item_words=item_words,
        look_words=look_words,
        proof_words=proof_words,
        recovery_words=recovery_words,
        basis_words=basis_words,
        browser_name=browser_name,
        value_words=value_words,
        qr_svg=qr_svg,
    )
    return environment


def _filters(locale: Locale) -> dict[str, Any]:
    spoken = _BABEL_LOCALES[locale]

    def day(moment: datetime) -> str:
        return format_date(moment.astimezone(COUNTRY_TIME).date(), "long", locale=spoken)

    def moment(value: datetime) -> str:
        local = value.astimezone(COUNTRY_TIME)
        return f"{format_time(local.timetz(), 'short', locale=spoken)}, {day(value)}"

    def instant(value: datetime) -> str:
        return value.astimezone(COUNTRY_TIME).isoformat(sep=" ", timespec="milliseconds").removesuffix("+07:00")

    def birthday(value: str) -> str:
        # OpenID Connect Core 1.0, section 5.1: the year may be omitted (0000), or stand alone.
        try:
            return format_date(date.fromisoformat(value), "long", locale=spoken)
        except ValueError:
            return value

    def duration(seconds: int) -> str:
        # Rounded up: who comes back at the told time must not be too early.
        unit = 60 if seconds >= _SAID_IN_MINUTES else 1
        return format_timedelta(timedelta(seconds=-(-seconds // unit) * unit), threshold=2, locale=spoken)

    def grouped(secret: str) -> list[str]:
        return [secret[start : start + 4] for start in range(0, len(secret), 4)]

    return {
        "birthday": birthday,
        "day": day,
        "moment": moment,
        "instant": instant,
        "count": lambda value: format_decimal(value, locale=spoken),
        "decimal": lambda value: format_decimal(value, format="0.0", locale=spoken),
        "duration": duration,
        "grouped": grouped,
        "labelled": labelled,
    }
