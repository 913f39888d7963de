"""Vietnamese and English: sentences are written in English and looked up in the catalogue of each package."""

from collections.abc import Sequence
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("vi", "en")
DEFAULT_LANGUAGE = "vi"


def marked(sentence: str) -> str:
    """Return the sentence unchanged; marks it for the catalogue where it is translated later."""
    return sentence


def read_catalogue(packages: Sequence[Path]) -> dict[str, str]:
    """Return every translated sentence of `locale/vi.po` in these packages; a later package wins."""
    sentences: dict[str, str] = {}
    for package in packages:
        with (package / "locale" / "vi.po").open("rb") as file:
            sentences |= {
                str(message.id): str(message.string) for message in read_po(file) if message.id and message.string
            }
    return sentences


class Translator:
    """Looks sentences up for one language; what is missing stays English."""

    def __init__(self, sentences: dict[str, str]) -> None:
        self._sentences = sentences

    def gettext(self, sentence: str) -> str:
        return self._sentences.get(sentence, sentence)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)
