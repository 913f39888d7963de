"""`idp export`: the reverse of `idp import`, secrets left out."""

import sys
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from idp.cli.output import JsonFlag

if TYPE_CHECKING:
    from idp.cli.opening import Provider
    from idp.domain.records import Records


def command(
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write; *.jsonl writes people only, one a line.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write what `idp import` reads; passwords, one-time-code secrets and client secrets are left out.

    YAML on standard output unless told otherwise. Disabled clients are left out, so that importing elsewhere does not
    enable them. Of each officer there is one post, the last one; how many others that are not over are left out is said
    on standard error. A file holds personal data in clear, and is made for its owner alone (0600).
    """
    from idp.cli.opening import on_provider, told_as_refusals

    with told_as_refusals():
        written = on_provider(lambda provider: _export(provider, out, as_json=as_json))
    if out is not None:
        typer.echo(f"{written} records in {out}", err=True)


async def _export(provider: "Provider", out: Path | None, *, as_json: bool) -> int:
    from idp.adapters.backup.export_file import appearing_file
    from idp.cli.export_writers import write_json, write_json_lines, write_yaml

    write = write_json_lines if out and out.suffix == ".jsonl" else write_json if as_json else write_yaml
    pieces = _Pieces(provider.stores.records.export())
    with appearing_file(out) if out else nullcontext(sys.stdout) as stream:
        written = await write(pieces.told(), stream)
    if pieces.untold and write is not write_json_lines:
        note = "a file tells the last post of each officer (docs/import-file.md); not over, and left out"
        typer.echo(f"{note}: {pieces.untold}", err=True)
    return written


class _Pieces:
    """Records on their way into a file; `untold` counts the posts that a file does not hold."""

    def __init__(self, pieces: AsyncIterator["Records"]) -> None:
        self._pieces = pieces
        self.untold = 0

    async def told(self) -> AsyncIterator["Records"]:
        async for piece in self._pieces:
            self.untold += sum(officer.untold for officer in piece.officers)
            yield piece
