"""`idp client token`: initial access tokens, by which others register clients (RFC 7591)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idp.cli.output import JsonFlag, print_json, print_table
from idp.domain.clients.initial_access_token import LONGEST_LIFE, MOST_USES

if TYPE_CHECKING:
    from idp.domain.clients.initial_access_token import InitialAccessToken

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Create, list and revoke initial access tokens, by which others register clients.",
)


@app.command()
def create(
    *,
    uses: Annotated[int, typer.Option(min=1, max=MOST_USES, help="How many clients may be registered by it.")] = 1,
    hours: Annotated[int, typer.Option(min=1, max=LONGEST_LIFE // 3600, help="How long it may be used.")] = 24,
    note: Annotated[str, typer.Option(help="For which organisation it is.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Create a token and print it, once. Hand it over as you would a password."""
    from idp.cli.opening import on_provider
    from idp.cli.registration_token_work import create

    token, issued = on_provider(lambda provider: create(provider, uses=uses, hours=hours, note=note))
    if as_json:
        print_json({**_described(token, "usable"), "initial_access_token": issued})
        return
    typer.echo(f"token_id: {token.token_id}\ninitial_access_token: {issued}")
    typer.echo("Note the token now: only a hash of it is kept.", err=True)


@app.command("list")
def list_tokens(*, as_json: JsonFlag = False) -> None:
    """List every token that was ever created; none of them can be shown again."""
    from idp.cli.opening import on_provider
    from idp.cli.registration_token_work import all_tokens

    tokens = on_provider(all_tokens)
    if as_json:
        print_json([_described(token, state) for token, state in tokens])
        return
    rows = [(each.token_id, each.note, str(each.uses_left), _moment(each.expires_at), state) for each, state in tokens]
    print_table("Initial access tokens", ["Identifier", "Note", "Uses left", "Until", "State"], rows)


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="The token's identifier.")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """End a token at once; clients that were registered by it stay."""
    from idp.cli.opening import on_provider
    from idp.cli.registration_token_work import revoke

    on_provider(lambda provider: revoke(provider, token_id))
    if as_json:
        print_json({"token_id": token_id, "state": "revoked"})
    else:
        typer.echo(f"{token_id} is revoked")


def _described(token: "InitialAccessToken", state: str) -> dict[str, Any]:
    return {
        "token_id": token.token_id,
        "note": token.note,
        "created_at": _moment(token.created_at),
        "expires_at": _moment(token.expires_at),
        "uses_left": token.uses_left,
        "state": state,
    }


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
