"""What commands print: tables for people, one JSON document for programs."""

import json
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
"""The `--json` option that every command has; declare it as `as_json: JsonFlag = False`."""


def print_json(document: object) -> None:
    """Write `document` to standard output as indented JSON, keys in the order given, Vietnamese readable."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a titled table to standard output; cells are shown as text, never cut and never read as markup."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    # As wide as its content: what is copied from a terminal must not carry line breaks.
    endless = Console(width=10_000)
    Console(width=max(endless.measure(table).maximum, len(title))).print(table)
