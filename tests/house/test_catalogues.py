"""The words of pages and messages: extracted as `make messages` does, compared with the Vietnamese catalogue."""

import re
import unicodedata
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from idp.web.catalogues import catalogue_path
from tests.house.source import ROOT

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
MARKUP = re.compile(r"<[^>]+>")


def extracted() -> Catalog:
    with (ROOT / "idp/locale/babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    keywords = {**DEFAULT_KEYWORDS, "marked": None}
    catalogue = Catalog()
    for folder in ("idp", "templates"):
        found = extract_from_dir(ROOT / folder, methods, options, keywords)
        for name, line, message, _, context in found:
            catalogue.add(message, None, [(f"{folder}/{name}", line)], context=context)
    return catalogue


def vietnamese() -> Catalog:
    with catalogue_path("vi").open("rb") as file:
        return read_po(file, locale="vi", abort_invalid=True)


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def texts(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ("",))


def test_every_sentence_has_its_vietnamese_and_no_other_is_kept() -> None:
    wanted = {message.id for message in messages(extracted())}
    spoken = {message.id for message in messages(vietnamese())}
    assert wanted - spoken == set()
    assert spoken - wanted == set()


def test_no_translation_is_empty_doubtful_or_left_over() -> None:
    catalogue = vietnamese()
    assert [message.id for message in messages(catalogue) if message.fuzzy or not all(texts(message.string))] == []
    assert list(catalogue.obsolete) == []


def test_a_translation_keeps_the_placeholders_and_markup_of_its_sentence() -> None:
    for message in messages(vietnamese()):
        original = texts(message.id)[-1]
        for text in texts(message.string):
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(original)), original
            assert MARKUP.findall(text) == MARKUP.findall(original), original


def test_vietnamese_is_written_in_composed_characters_and_plain_quotes_stay_out() -> None:
    for message in messages(vietnamese()):
        for text in texts(message.string):
            assert unicodedata.is_normalized("NFC", text), text
            assert '"' not in MARKUP.sub("", text), text


def test_no_page_speaks_outside_the_catalogue() -> None:
    allowed = {"·", ":", "For developers:"}
    spoken = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if path.parent.name in {"pages", "parts", "information"} or path.parent == ROOT / "templates":
            spoken += [(path.name, text) for text in _bare_text(path) if text not in allowed]
    assert spoken == []


def _bare_text(path: Path) -> list[str]:
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{% block main_attributes %\}.*?\{% endblock %\}", "", source)
    source = re.sub(r"\{% macro described.*?endmacro %\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)
    return [text.strip() for text in re.split(r"<[^>]*>", source) if text.strip()]
