"""Tables that a phone shows row by row: each cell carries the heading of its column."""

import re
from typing import Final

from markupsafe import Markup, escape

_TABLE: Final = re.compile(r'<table class="grid">.*?</table>', re.DOTALL)
_HEADING: Final = re.compile(r'<th scope="col"[^>]*>(.*?)</th>', re.DOTALL)
_ROW: Final = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_CELL: Final = re.compile(r"<t([dh])(?=[\s>])")


def labelled(page: str) -> Markup:
    """Return a page of the console whose lists name in `data-label` what stands in a cell; the first one names itself.

    What it takes are pages of our own templates, escaped already.
    """
    return Markup(_TABLE.sub(lambda found: _labelled_table(found[0]), page))  # noqa: S704 -- escaped by the templates


def _labelled_table(table: str) -> str:
    head, end, body = table.partition("</thead>")
    headings = [Markup(text).striptags() for text in _HEADING.findall(head)]  # noqa: S704 -- escaped by the templates
    return head + end + _ROW.sub(lambda row: _labelled_row(row[0], headings), body)


def _labelled_row(row: str, headings: list[str]) -> str:
    columns = iter(headings)

    def label(cell: re.Match[str]) -> str:
        heading = next(columns, "")
        return f'<td data-label="{escape(heading)}"' if heading and cell[1] == "d" else cell[0]

    return _CELL.sub(label, row)
