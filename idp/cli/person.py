"""`idp person`: look a person up, lock, unlock, hand out an activation code, record a guardian."""

from typing import TYPE_CHECKING, Annotated

import typer

from idp.cli.cells import cell
from idp.cli.output import JsonFlag, print_json, print_table
from idp.domain.accounts.account_lock import LockGround
from idp.domain.representation.guardianship import GuardianshipKind

if TYPE_CHECKING:
    from idp.cli.person_work import Summary

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Show, lock and unlock an account, hand out an activation code."
)

Identifier = Annotated[
    str,
    typer.Argument(
        metavar="IDENTIFIER", help="Personal number, verified phone or e-mail of a citizen; username of an officer."
    ),
]


Reason = Annotated[LockGround, typer.Option("--reason", help="On what ground; it is written into the audit record.")]
Ended = Annotated[
    LockGround | None,
    typer.Option("--reason", help="End the locks on this ground; without it those that were opened by hand."),
]


@app.command()
def show(identifier: Identifier, *, as_json: JsonFlag = False) -> None:
    """Show an account and whose it is."""
    from idp.cli.opening import on_provider
    from idp.cli.person_work import summary

    _print(on_provider(lambda provider: summary(provider, identifier)), as_json=as_json)


@app.command()
def lock(identifier: Identifier, *, reason: Reason = LockGround.OPERATOR, as_json: JsonFlag = False) -> None:
    """Lock an account: nobody signs in, its sessions and tokens end, its relying parties are told."""
    from idp.cli.opening import on_provider
    from idp.cli.person_work import set_locked

    _print(on_provider(lambda provider: set_locked(provider, identifier, reason, locked=True)), as_json=as_json)


@app.command()
def unlock(identifier: Identifier, *, reason: Ended = None, as_json: JsonFlag = False) -> None:
    """Unlock an account; it stays locked while it is on a ground that does not end by hand, such as a death."""
    from idp.cli.opening import on_provider
    from idp.cli.person_work import set_locked

    _print(on_provider(lambda provider: set_locked(provider, identifier, reason, locked=False)), as_json=as_json)


@app.command("activation-code")
def activation_code(identifier: Identifier, *, as_json: JsonFlag = False) -> None:
    """Make a code to hand over at the counter, once the person has proved who he or she is.

    It lets a first second factor be enrolled without a verified contact. An earlier code stops working.
    """
    from idp.cli.opening import on_provider
    from idp.cli.person_work import activation_code as issue

    code, hours = on_provider(lambda provider: issue(provider, identifier))
    if as_json:
        print_json({"code": code, "valid_hours": hours})
        return
    typer.echo(code)
    typer.echo(f"Valid for {hours} hours, once.", err=True)


@app.command()
def guardian(
    ward: Annotated[str, typer.Argument(metavar="WARD", help="Personal number of the child or ward.")],
    of: Annotated[str, typer.Argument(metavar="GUARDIAN", help="Personal number of the guardian, proved at level 2.")],
    *,
    kind: Annotated[GuardianshipKind, typer.Option("--kind", help="A minor grows up at 14, a ward does not.")] = (
        GuardianshipKind.MINOR
    ),
    as_json: JsonFlag = False,
) -> None:
    """Record a guardianship that an office confirmed on paper; one that is there already is left as it is."""
    from idp.cli.guardian_work import record_guardianship
    from idp.cli.opening import on_provider

    reference = on_provider(lambda provider: record_guardianship(provider, ward, of, kind))
    if as_json:
        print_json({"guardianship_id": reference})
    else:
        typer.echo(reference)


def _print(found: "Summary", *, as_json: bool) -> None:
    if as_json:
        print_json(found.document())
        return
    rows = [(name.replace("_", " "), cell(value)) for name, value in found.document().items()]
    print_table("Account", ["", ""], rows)
