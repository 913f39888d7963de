"""`idp restore`: a backup put back, into an empty place."""

from pathlib import Path
from typing import Annotated

import typer

from idp.cli.output import JsonFlag, print_json
from idp.cli.refusal import Refusal


def command(
    source: Annotated[Path, typer.Argument(help="The folder that idp backup made.")],
    *,
    keep_grants: Annotated[
        bool,
        typer.Option("--keep-grants", help="Nothing was served since the backup: services keep their refresh tokens."),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Restore a backup into an empty database, keystore and checkpoint file; nothing is overwritten.

    Everybody signs in again, and refresh tokens end: what was revoked after the backup is not known to it.
    """
    from idp.cli.opening import stores_told_as_refusals, told_as_refusals
    from idp.cli.restore_work import restored

    with told_as_refusals(), stores_told_as_refusals():
        result = restored(source, keep_grants=keep_grants)
    if as_json:
        print_json(result.document())
    else:
        for line in result.lines():
            print(line)
    if result.findings:
        raise Refusal(
            f"the backup was restored, but its audit record does not hold: {len(result.findings)} findings",
            "run idp audit verify, and compare with an older backup",
        )
