import pytest

from tests.house.catalogues import Source, sources
from tests.house.source import ROOT, name

SOURCES = list(sources())


def texts(source: Source) -> set[str]:
    return {
        str(message.id if isinstance(message.id, str) else message.id[0]) for message in source.messages() if message.id
    }


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: name(source.catalogue))
def test_every_text_has_its_vietnamese_and_nothing_else_is_kept(source: Source) -> None:
    catalogue = source.translations()
    untranslated = [message.id for message in catalogue if message.id and not message.string]
    known = {str(message.id if isinstance(message.id, str) else message.id[0]) for message in catalogue if message.id}
    assert untranslated == []
    assert sorted(texts(source) - known) == [], "run make messages and translate"
    assert sorted(known - texts(source)) == [], "run make messages"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: name(source.catalogue))
def test_no_translation_is_a_guess_and_each_keeps_its_placeholders(source: Source) -> None:
    messages = [message for message in source.translations() if message.id]
    # Vietnamese has one form where English has two; Babel calls that an error of its own kind.
    wrong = [m.id for m in messages if m.fuzzy or any("plural" not in str(error) for error in m.check())]
    assert wrong == []


def test_every_application_that_speaks_has_a_catalogue() -> None:
    speaking = {path.parent.name for path in ROOT.glob("clients/*/templates")}
    assert speaking == {path.parents[1].name for path in ROOT.glob("clients/*/locale/vi.po")}
