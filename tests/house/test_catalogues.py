import re
import unicodedata

import pytest
from babel.messages.catalog import Message

from tests.house.catalogues import Source, sources
from tests.house.source import ROOT, name

SOURCES = list(sources())
each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: name(source.catalogue))

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
MARKUP = re.compile(r"<[^>]+>")
SPOKEN_WITHOUT_TRANSLATION = {"For developers:", "ISO/IEC 29115", "eIDAS", "NIST SP 800-63-4"}


def forms(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ("",))


def messages(source: Source) -> list[Message]:
    return [message for message in source.translations() if message.id]


@each_source
def test_every_text_has_its_vietnamese_and_nothing_else_is_kept(source: Source) -> None:
    known = {forms(message.id) for message in messages(source)}
    said = {forms(message.id) for message in source.messages() if message.id}
    assert sorted(said - known) == [], "run make messages and translate"
    assert sorted(known - said) == [], "run make messages"
    assert [message.id for message in messages(source) if not all(forms(message.string))] == []
    assert list(source.translations().obsolete) == []


@each_source
def test_no_translation_is_a_guess_and_each_keeps_its_placeholders_and_markup(source: Source) -> None:
    for message in messages(source):
        original = forms(message.id)[-1]
        assert not message.fuzzy, original
        for text in forms(message.string):
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(original)), original
            assert MARKUP.findall(text) == MARKUP.findall(original), original


@each_source
def test_vietnamese_is_written_in_composed_characters(source: Source) -> None:
    texts = [text for message in messages(source) for text in forms(message.string)]
    assert [text for text in texts if not unicodedata.is_normalized("NFC", text)] == []


def test_no_page_speaks_outside_the_catalogue() -> None:
    spoken = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        bare = bare_text(path.read_text(encoding="utf-8"))
        words = (text for text in bare if any(character.isalpha() for character in text))
        spoken += [f"{name(path)}: {text}" for text in words if text not in SPOKEN_WITHOUT_TRANSLATION]
    assert spoken == []


def bare_text(template: str) -> list[str]:
    """Return the text of a template that is no expression: comments, statements, attributes and tags taken away."""
    for pattern in (
        r"\{#.*?#\}",
        r"\{% block main_attributes %\}.*?\{% endblock %\}",
        r"\{% macro described.*?endmacro %\}",
        r"\{%-?\s*trans\b.*?endtrans\s*-?%\}",
        r"\{%.*?%\}|\{\{.*?\}\}",
    ):
        template = re.sub(pattern, "", template, flags=re.DOTALL)
    return [text.strip() for text in re.split(r"<[^>]*>", template) if text.strip()]
