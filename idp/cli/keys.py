"""`idp keys`: the keys that sign and decrypt tokens, and those that wrap data keys; none ever leaves the keystore."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idp.cli.output import JsonFlag, print_json, print_table
from idp.cli.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from idp.adapters.crypto.encryption_keys import EncryptionKey
    from idp.adapters.crypto.signing_keys import SigningKey
    from idp.adapters.crypto.wrapping_keys import WrappingKey
    from idp.cli.rewrap_work import Outcome, Progress

app = typer.Typer(no_args_is_help=True, add_completion=False, help="List, rotate and retire keys.")

Algorithm = Annotated[
    str | None,
    typer.Option(
        "--alg", help="RS256, ES256, PS256 or EdDSA; makes the first keys of one not used yet. All in use when absent."
    ),
]


@app.command("list")
def list_keys(
    *,
    encryption: Annotated[bool, typer.Option("--encryption", help="Only the keys that clients encrypt to.")] = False,
    wrapping: Annotated[
        bool, typer.Option("--wrapping", help="Only the keys that data keys of persons are wrapped with.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """List every signing key, oldest first: next ones are published already, gone ones are believed no more.

    A key that signs shows when the schedule rotates it. The keys that clients encrypt to and the versions of the
    wrapping key follow; in JSON they are asked for with --encryption and --wrapping.
    """
    from idp.cli.key_work import all_keys
    from idp.cli.opening import on_provider

    listed = on_provider(all_keys)
    everything = not encryption and not wrapping
    if everything:
        _print("Signing keys", listed.signing, listed.rotates_at, as_json=as_json)
    if encryption or (everything and not as_json):
        _print_encryption("Encryption keys", listed.encryption, as_json=as_json)
    if wrapping or (everything and not as_json):
        _print_wrapping(listed.wrapping, as_json=as_json)


@app.command()
def rotate(
    *,
    algorithm: Algorithm = None,
    encryption: Annotated[
        bool, typer.Option("--encryption", help="New keys for clients to encrypt to, instead; former ones still open.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Put the next key of each algorithm to work, and publish a new next one. Former keys stay published."""
    from idp.cli.key_work import rotate, rotate_encryption
    from idp.cli.opening import on_provider

    if encryption:
        _print_encryption("Changed", on_provider(rotate_encryption), as_json=as_json)
        return
    changed = on_provider(lambda provider: rotate(provider, algorithm))
    _print("Changed", changed, as_json=as_json)


@app.command()
def retire(
    kid: Annotated[str, typer.Argument(metavar="KID", help="The key's identifier.")], *, as_json: JsonFlag = False
) -> None:
    """Stop believing a published key at once; every token that it signed ends."""
    from idp.cli.key_work import retire
    from idp.cli.opening import on_provider

    changed = on_provider(lambda provider: retire(provider, kid))
    _print("Changed", [changed], as_json=as_json)


@app.command()
def rewrap(
    *,
    finish: Annotated[
        bool,
        typer.Option("--finish", help="Make no new key: complete what was begun, destroy what nothing uses."),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make a new wrapping key and move the data key of every person under it, while the provider serves.

    May be stopped at any moment: the next run goes on. A former key is destroyed by the first run that finds nothing
    under it a day or more after another found the same.
    """
    import asyncio

    from idp.cli.opening import on_provider
    from idp.cli.rewrap_work import rewrap

    with _progress() as progress:
        outcome = on_provider(lambda provider: rewrap(provider, finish=finish, pause=asyncio.sleep, progress=progress))
    _tell(outcome, as_json=as_json)
    if outcome.unopened:
        raise Refusal(
            f"{outcome.unopened} data keys do not open under any wrapping key",
            "restore what they belong to from backup",
        )


def _print(
    title: str, keys: "Iterable[SigningKey]", moments: "Mapping[str, int] | None" = None, *, as_json: bool
) -> None:
    """Print what may be known of keys; what is secret is not even looked at."""
    moments = moments or {}
    if as_json:
        print_json(
            [
                {
                    "kid": key.kid,
                    "alg": key.algorithm,
                    "state": key.state.value,
                    "since": _moment(key.state_since),
                    "created_at": _moment(key.created_at),
                    **({"rotates_at": _moment(moments[key.kid])} if key.kid in moments else {}),
                }
                for key in keys
            ]
        )
        return
    rows = [
        (key.kid, key.algorithm, key.state.value, _moment(key.state_since), _moment(moments.get(key.kid)))
        for key in keys
    ]
    print_table(title, ["Identifier", "Algorithm", "State", "Since", "Rotates"], rows)


def _print_encryption(title: str, keys: "Iterable[EncryptionKey]", *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "kid": key.kid,
                    "kty": key.kind,
                    "state": key.state.value,
                    "since": _moment(key.state_since),
                    "created_at": _moment(key.created_at),
                }
                for key in keys
            ]
        )
        return
    rows = [(key.kid, key.kind, key.state.value, _moment(key.state_since)) for key in keys]
    print_table(title, ["Identifier", "Type", "State", "Since"], rows)


def _print_wrapping(keys: "Iterable[WrappingKey]", *, as_json: bool) -> None:
    if as_json:
        print_json([_described(key) for key in keys])
        return
    rows = [(key.version, key.state.value, _moment(key.state_since), _moment(key.unused_since)) for key in keys]
    print_table("Wrapping keys", ["Version", "State", "Since", "Unused since"], rows)


def _described(key: "WrappingKey") -> dict[str, Any]:
    unused = {} if key.unused_since is None else {"unused_since": _moment(key.unused_since)}
    return {
        "version": key.version,
        "state": key.state.value,
        "since": _moment(key.state_since),
        "created_at": _moment(key.created_at),
        **unused,
    }


def _tell(outcome: "Outcome", *, as_json: bool) -> None:
    """Say what was moved, what the last count found, and when a former key can go."""
    if as_json:
        print_json(
            {
                "version": outcome.version,
                "rewrapped": outcome.moved,
                "unopened": outcome.unopened,
                "data_keys": {str(version): count for version, count in sorted(outcome.versions.items())},
                "wrapping_keys": [_described(key) for key in outcome.keys],
            }
        )
        return
    elsewhere = f" but {outcome.unopened}" if outcome.unopened else ""
    typer.echo(
        f"{outcome.moved} data keys moved; of {sum(outcome.versions.values())} counted, all{elsewhere} "
        f"lie under version {outcome.version}."
    )
    for key in outcome.keys:
        if key.unused_since is not None and key.secret:
            typer.echo(
                f"Nothing uses version {key.version} since {_moment(key.unused_since)}: "
                "idp keys rewrap --finish destroys it a day later."
            )
    _print_wrapping(outcome.keys, as_json=False)


@contextmanager
def _progress() -> "Iterator[Progress]":
    """Show how many persons were walked past, on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("Persons", total=None)
        yield lambda passed, total: bar.update(task, completed=passed, total=total)


def _moment(seconds: int | None) -> str:
    if seconds is None:
        return "–"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
