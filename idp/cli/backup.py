"""`idp backup`: database, keystore and audit checkpoints, while the provider serves."""

from pathlib import Path
from typing import Annotated

import typer

from idp.cli.output import JsonFlag, print_json


def command(
    target: Annotated[Path, typer.Argument(help="The folder to make; nothing may be there yet.")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Back up database, keystore and audit checkpoints into a new folder, while the provider serves.

    The secret file is not part of it: whoever has both can read everything. Keep it in another place.
    """
    from idp.cli.backup_work import made_backup, refuse_what_cannot_be_backed_up
    from idp.cli.opening import on_provider, told_as_refusals

    with told_as_refusals():
        backup = on_provider(lambda provider: made_backup(provider, target), refuse_what_cannot_be_backed_up)
    if as_json:
        print_json(backup.document())
        return
    for line in backup.lines():
        print(line)
