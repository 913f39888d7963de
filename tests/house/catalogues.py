"""The message catalogues and the sources they translate; run as a module it brings every catalogue up to date."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from tests.house.source import ROOT, name

KEYWORDS = {**DEFAULT_KEYWORDS, "marked": None}
SHARED = "relying_party"
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
OPTIONS = {
    pattern: {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"} for pattern in ("**.html", "**.txt")
}


@dataclass(frozen=True, slots=True)
class Source:
    """One catalogue and the folders whose texts it translates.

    `shared` is looked into as well; `borrowers` are the folders whose applications look into this one.
    """

    catalogue: Path
    folders: tuple[Path, ...]
    shared: "Source | None" = None
    borrowers: tuple[Path, ...] = ()

    def messages(self) -> Catalog:
        """Return the texts that this catalogue has to hold now."""
        found = extracted(self.folders)
        for message in self.shared.translations() if self.shared else ():
            found.delete(message.id)
        translated = self.translations() if self.borrowers else Catalog()
        for message in extracted(self.borrowers):
            if message.id and message.id in translated and message.id not in found:
                found[message.id] = message
        return found

    def translations(self) -> Catalog:
        """Return the catalogue as it is on disk; raises on a malformed file."""
        with self.catalogue.open("rb") as file:
            return read_po(file, locale="vi", abort_invalid=True)


def extracted(folders: tuple[Path, ...]) -> Catalog:
    """Return every text below the folders."""
    found = Catalog()
    for folder in folders:
        for _, _, text, comments, context in extract_from_dir(
            folder, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        ):
            single = text[0] if isinstance(text, tuple) and len(text) == 1 else text
            found.add(single, auto_comments=comments, context=context)
    return found


def sources() -> Iterator[Source]:
    """Yield the provider's catalogue and each relying party's."""
    yield Source(ROOT / "idp/locale/vi/LC_MESSAGES/idp.po", (ROOT / "idp/web", ROOT / "templates"))
    clients = ROOT / "clients"
    applications = tuple(sorted(path.parent for path in clients.glob("*/templates") if path.parent.name != SHARED))
    shared = Source(clients / SHARED / "locale/vi.po", (clients / SHARED,), borrowers=applications)
    yield shared
    for application in applications:
        yield Source(application / "locale/vi.po", (application,), shared)


def update(source: Source) -> int:
    """Add new texts to the catalogue and drop the ones that are gone; return how many await translation."""
    catalogue = source.translations()
    before = {message.id for message in catalogue}
    catalogue.update(source.messages(), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    if {message.id for message in catalogue} == before:
        # Written anew, only the header would differ: every call would be a change to commit.
        return sum(1 for message in catalogue if message.id and not _complete(message.string))
    draft = BytesIO()
    write_po(draft, catalogue, width=0, no_location=True, omit_header=False, ignore_obsolete=True)
    source.catalogue.write_bytes(draft.getvalue())
    return sum(1 for message in catalogue if message.id and not _complete(message.string))


def _complete(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    for each in sources():
        print(f"{name(each.catalogue)}: {update(each)} to translate")
