"""`idp demo-data`: realistic sample people as JSON lines."""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from idp.cli.output import JsonFlag, print_json
from idp.cli.refusal import Refusal

_LINES_A_WRITE = 2000
_MOST = 100_000_000


def command(
    *,
    people: Annotated[int, typer.Option("--people", min=1, max=_MOST, help="How many people to write.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed writes the same people.")] = 1,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; standard output when absent.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write realistic sample people as JSON lines, for `idp import FILE.jsonl`.

    All of them sign in with the password "mat khau dung thu 2026". They do not exist.
    """
    from idp.cli.sample_people import PASSWORD, sample_lines

    lines = sample_lines(people, seed)
    if out is None:
        _write(lines, sys.stdout.buffer)
        return
    try:
        with out.open("wb") as file:
            _write(lines, file)
    except OSError as error:
        raise Refusal(f"{out}: {error.strerror}", "name a file that can be written") from None
    if as_json:
        print_json({"people": people, "seed": seed, "file": str(out), "password": PASSWORD})
    else:
        typer.echo(f'{people} people in {out}; everyone signs in with "{PASSWORD}". Load them: idp import {out}')


def _write(lines: Iterator[bytes], file: BinaryIO) -> None:
    try:
        while batch := b"".join(islice(lines, _LINES_A_WRITE)):
            file.write(batch)
        file.flush()
    except BrokenPipeError:
        # Whoever reads has enough (`| head`): end quietly, without a second error when the stream is closed.
        sys.stderr.close()
