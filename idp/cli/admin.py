"""`idp admin`: make administrators, and links by which they take their accounts over."""

from typing import Annotated

import typer

from idp.cli.output import JsonFlag, print_json
from idp.domain.offices.administration import WITHIN_AN_AGENCY, Role

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Create an administrator, or another activation link."
)

Username = Annotated[
    str,
    typer.Argument(metavar="USERNAME", help="E-mail address, or 3 to 64 letters, digits, dots and dashes."),
]


@app.command()
def create(
    username: Username,
    *,
    role: Annotated[list[Role], typer.Option("--role", help="What the administrator may do; may be given again.")],
    agency: Annotated[
        str, typer.Option("--agency", metavar="CODE", help="The agency of the post; roles within an agency need one.")
    ] = "",
    as_json: JsonFlag = False,
) -> None:
    """Create an administrator and print a link that works once: hand it over as you would a password.

    Behind it a password is chosen and one-time codes are set up. The account has no personal number.
    """
    from idp.cli.admin_work import create
    from idp.cli.opening import on_provider

    if not agency and not WITHIN_AN_AGENCY.isdisjoint(role):
        raise typer.BadParameter("proofing_officer and agency_admin are roles within an agency: give --agency too")
    made = on_provider(lambda provider: create(provider, username, tuple(role), agency))
    _print(made, as_json=as_json)


@app.command()
def link(username: Username, *, as_json: JsonFlag = False) -> None:
    """Print another activation link of an officer; earlier ones stop working.

    Whoever uses it chooses another password and sets up one-time codes anew; until then nothing changes.
    """
    from idp.cli.admin_work import link
    from idp.cli.opening import on_provider

    _print(on_provider(lambda provider: link(provider, username)), as_json=as_json)


def _print(made: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    typer.echo(made["activation_link"])
    typer.echo(f"Valid for {made['valid_hours']} hours, once.", err=True)
