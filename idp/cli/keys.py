"""`idp keys`: the keys that sign tokens; private parts never leave the keystore."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from idp.cli.output import JsonFlag, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp.adapters.crypto.signing_keys import SigningKey

app = typer.Typer(no_args_is_help=True, add_completion=False, help="List, rotate and retire signing keys.")

Algorithm = Annotated[
    str | None,
    typer.Option(
        "--alg", help="RS256, ES256, PS256 or EdDSA; makes the first keys of one not used yet. All in use when absent."
    ),
]


@app.command("list")
def list_keys(*, as_json: JsonFlag = False) -> None:
    """List every signing key, oldest first: next ones are published already, gone ones are believed no more."""
    from idp.cli.key_work import all_keys
    from idp.cli.opening import on_provider

    _print("Signing keys", on_provider(all_keys), as_json=as_json)


@app.command()
def rotate(*, algorithm: Algorithm = None, as_json: JsonFlag = False) -> None:
    """Put the next key of each algorithm to work, and publish a new next one. Former keys stay published."""
    from idp.cli.key_work import rotate
    from idp.cli.opening import on_provider

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


def _print(title: str, keys: "Iterable[SigningKey]", *, as_json: bool) -> None:
    """Print what may be known of keys; what is secret is not even looked at."""
    if as_json:
        print_json(
            [
                {
                    "kid": key.kid,
                    "alg": key.algorithm,
                    "state": key.state.value,
                    "since": _moment(key.state_since),
                    "created_at": _moment(key.created_at),
                }
                for key in keys
            ]
        )
        return
    rows = [(key.kid, key.algorithm, key.state.value, _moment(key.state_since)) for key in keys]
    print_table(title, ["Identifier", "Algorithm", "State", "Since"], rows)


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
