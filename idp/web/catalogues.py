"""Translations: gettext catalogues read from their .po files at start, kept in memory, never compiled to disk."""

from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from idp.web.views.common import LOCALES, Locale

LOCALE_FOLDER = Path(__file__).parent.parent / "locale"
DOMAIN = "idp"


def catalogue_path(locale: Locale, folder: Path) -> Path:
    """Return where the catalogue of `locale` is, if it has one: English is what the sources say."""
    return folder / locale / "LC_MESSAGES" / f"{DOMAIN}.po"


def load_catalogues(folder: Path = LOCALE_FOLDER) -> dict[Locale, NullTranslations]:
    """Return the translations of every language that the pages speak."""
    return {locale: _load(locale, folder) for locale in LOCALES}


def _load(locale: Locale, folder: Path) -> NullTranslations:
    path = catalogue_path(locale, folder)
    if locale == "en":
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale, domain=DOMAIN, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)
