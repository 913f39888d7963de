"""`idp`: one table of commands, each imported only when it runs.

The libraries behind the commands take seconds to import together, and `idp --help` must answer at once: so the table
below carries every command's name and one-line help, and its module is imported when the command is called.
"""

import errno
import importlib
import io
import re
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Final, NamedTuple, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from idp.cli.refusal import Refusal

DISTRIBUTION = "national-identity-provider"


_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""What Python makes of a byte that is no UTF-8."""


class Registration(NamedTuple):
    """Where a command lives and the line that `idp --help` shows for it."""

    module: str
    summary: str


# One line per command. The module has either a function `command` (its parameters are the options) or, when the
# command has sub-commands, a Typer `app`. Raise `idp.cli.refusal.Refusal(problem, remedy)` for exit code 1 and take
# `as_json: JsonFlag` from `idp.cli.output` for `--json`.
COMMANDS: Mapping[str, Registration] = {
    "demo": Registration("idp.cli.demo", "Run the provider and its relying parties, with sample people."),
    "serve": Registration("idp.cli.serve", "Serve the provider, as configured."),
    "migrate": Registration("idp.cli.migrate", "Bring the database to the current schema."),
    "import": Registration("idp.cli.import_", "Load people, officers, agencies, clients and resources."),
    "export": Registration("idp.cli.export", "Write what `import` reads, secrets left out."),
    "keys": Registration("idp.cli.keys", "List, rotate and retire signing keys."),
    "client": Registration("idp.cli.client", "List, show, add, enable and disable clients."),
    "person": Registration("idp.cli.person", "Show, lock and unlock an account, hand out an activation code."),
    "admin": Registration("idp.cli.admin", "Create an administrator, or another activation link."),
    "audit": Registration("idp.cli.audit", "Verify and export the audit record."),
    "backup": Registration("idp.cli.backup", "Back up database, keystore and audit checkpoints."),
    "restore": Registration("idp.cli.restore", "Restore a backup into an empty place."),
    "doctor": Registration("idp.cli.doctor", "Check the configuration and everything the provider depends on."),
    "demo-data": Registration("idp.cli.demo_data", "Write realistic sample people as JSON lines."),
}


class DeferredCommand(TyperCommand):
    """Stands in for a command in listings; parsing its arguments imports the real one."""

    def __init__(self, name: str, registration: Registration) -> None:
        super().__init__(name, help=registration.summary)
        self._registration = registration

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: Any = None,  # noqa: ANN401 - the type is private to typer
        **extra: Any,  # noqa: ANN401 - handed through untouched
    ) -> Any:  # noqa: ANN401 - the type is private to typer
        """Return the context of the real command, whose `command` the group then invokes."""
        real = load(self.name or "", self._registration)
        return real.make_context(info_name, args, parent=parent, **extra)


class DeferredGroup(TyperGroup):
    """The top-level group: knows every name from the table and imports nothing to list them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the type is private to typer
        """Read the arguments; one that is no text, in no command's, is wrong usage: nothing can be named so."""
        if any(_SURROGATE.search(each) for each in args):
            typer.echo("idp: an argument is not UTF-8: type it anew, or set the terminal to UTF-8", err=True)
            raise typer.Exit(2)
        read: list[str] = super().parse_args(ctx, args)
        return read

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - the signature is typer's
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002 - the signature is typer's
        """Return a stand-in for the command, or None for an unknown name."""
        registration = COMMANDS.get(cmd_name)
        return DeferredCommand(cmd_name, registration) if registration else None


def load(name: str, registration: Registration) -> Any:  # noqa: ANN401 - the type is private to typer
    """Import the module of a command and return what typer makes of its `app` or `command`."""
    module = importlib.import_module(registration.module)
    commands = getattr(module, "app", None)
    if commands is None:
        commands = typer.Typer(add_completion=False)
        commands.command(name, help=module.command.__doc__ or registration.summary)(module.command)
    else:
        commands.info.help = commands.info.help or registration.summary
    return get_command(commands)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version(DISTRIBUTION))
        raise typer.Exit


# Without markup typer does not import rich for its help, which takes longer than everything else together.
app = typer.Typer(cls=DeferredGroup, add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback(help="OpenID Connect provider for verified citizen and officer identities.")
def options(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options that stand before the command."""


def main() -> NoReturn:
    """Run `idp`; exits with 0 when done, 1 when refused (one line on standard error), 2 on wrong usage."""
    _write_every_letter()
    try:
        get_command(app).main(prog_name="idp")
    except Exception as error:
        refusal = known_refusal(error)
        if refusal is None:
            raise
        tell(refusal)
        raise SystemExit(1) from None
    raise SystemExit(0)


def _write_every_letter() -> None:
    """Let names be printed wherever the locale knows no Vietnamese.

    A file or another program gets UTF-8, which `idp import` reads; a terminal gets marks for what it cannot show.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8")


def tell(refusal: Refusal) -> None:
    """Print a refusal as its one line."""
    print(" ".join(f"idp: {refusal}".split()), file=sys.stderr)


def known_refusal(error: Exception) -> Refusal | None:
    """Return what to tell the reader about an error that he or she can act on, None for any other."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, OSError):
        remedy = "make room" if error.errno in _NO_ROOM else "check the path and its permissions"
        return Refusal(f"{error.filename or 'system'}: {error.strerror or error}", remedy)
    from idp.settings import SettingsError

    return Refusal(error.problem, error.remedy) if isinstance(error, SettingsError) else None
