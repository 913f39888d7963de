"""`idp client`: registered relying parties."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idp.cli import registration_tokens
from idp.cli.cells import cell
from idp.cli.output import JsonFlag, print_json, print_table

if TYPE_CHECKING:
    from idp.domain.clients.client import Client

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="List, show, add, enable and disable clients, and give them secrets.",
)

app.add_typer(registration_tokens.app, name="token")

_DAY = 24 * 3600

ClientId = Annotated[str, typer.Argument(metavar="CLIENT_ID", help="The client's identifier.")]


@app.command("list")
def list_clients(*, as_json: JsonFlag = False) -> None:
    """List every client."""
    from idp.cli.client_work import all_clients
    from idp.cli.opening import on_provider

    rows = on_provider(all_clients)
    if as_json:
        print_json([_summary(client) for client in rows])
        return
    print_table(
        "Clients",
        ["Identifier", "Name", "For", "Authentication", "State"],
        [
            (each.client_id, each.name_in("vi"), each.audience, each.token_endpoint_auth_method, _state(each))
            for each in rows
        ],
    )


@app.command()
def show(client_id: ClientId, *, as_json: JsonFlag = False) -> None:
    """Show what is registered of a client, its secrets left out."""
    from idp.cli.client_work import find_client
    from idp.cli.opening import on_provider

    client = on_provider(lambda provider: find_client(provider, client_id))
    told = {**_summary(client), **_retiring(client), **_registration(client)}
    if as_json:
        print_json({**told, "metadata": client.metadata})
        return
    document = {**client.metadata, **told}
    print_table(client_id, ["", ""], [(name, cell(value)) for name, value in sorted(document.items())])


@app.command()
def add(  # noqa: PLR0913 - one option for each kind of metadata
    client_id: ClientId,
    *,
    name: Annotated[str | None, typer.Option(help="The name that people read.")] = None,
    redirect_uri: Annotated[list[str] | None, typer.Option(help="Where people are sent back to; repeatable.")] = None,
    post_logout_redirect_uri: Annotated[list[str] | None, typer.Option(help="The same after sign-out.")] = None,
    backchannel_logout_uri: Annotated[str | None, typer.Option(help="Where sign-outs are told.")] = None,
    scope: Annotated[str, typer.Option(help="What it may ask for.")] = "openid",
    grant_type: Annotated[list[str] | None, typer.Option(help="authorization_code when absent; repeatable.")] = None,
    audience: Annotated[str, typer.Option(help="citizen, officer or both.")] = "both",
    minimum_acr: Annotated[str, typer.Option(help="The level that every sign-in needs.")] = "urn:vn:loa:1",
    public: Annotated[bool, typer.Option("--public", help="It cannot keep a secret: PKCE instead.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Register a client and print its secret, once. For everything else use `idp import`."""
    from idp.cli.client_work import register
    from idp.cli.opening import on_provider

    told = {
        "client_id": client_id,
        "client_name": name,
        "redirect_uris": redirect_uri,
        "post_logout_redirect_uris": post_logout_redirect_uri,
        "backchannel_logout_uri": backchannel_logout_uri,
        "scope": scope,
        "grant_types": grant_type,
        "audience": audience,
        "minimum_acr": minimum_acr,
        "token_endpoint_auth_method": "none" if public else "client_secret_basic",
    }
    values = {key: value for key, value in told.items() if value}
    issued = on_provider(lambda provider: register(provider, values, public=public))
    _print_secret(client_id, issued, as_json=as_json)


@app.command()
def disable(client_id: ClientId, *, as_json: JsonFlag = False) -> None:
    """Refuse everything that a client asks, from now on."""
    _switch(client_id, disabled=True, as_json=as_json)


@app.command()
def enable(client_id: ClientId, *, as_json: JsonFlag = False) -> None:
    """Answer a disabled client again."""
    _switch(client_id, disabled=False, as_json=as_json)


@app.command()
def secret(
    client_id: ClientId,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Let the newest secret so far live on beside it.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Give a client a new secret and print it, once; older ones end."""
    from idp.cli.client_work import renew_secret
    from idp.cli.opening import on_provider

    issued = on_provider(lambda provider: renew_secret(provider, client_id, keep=keep))
    _print_secret(client_id, issued, as_json=as_json)


@app.command("rotate-secret")
def rotate_secret(
    client_id: ClientId,
    *,
    overlap: Annotated[int, typer.Option(min=0, max=365, help="Days for which older secrets stay good.")] = 7,
    as_json: JsonFlag = False,
) -> None:
    """Give a client a new secret and print it, once; older ones end when the overlap does."""
    from idp.cli.client_work import rotate_secret as rotate
    from idp.cli.opening import on_provider

    issued = on_provider(lambda provider: rotate(provider, client_id, overlap=overlap * _DAY))
    _print_secret(client_id, issued, as_json=as_json)


def _switch(client_id: str, *, disabled: bool, as_json: bool) -> None:
    from idp.cli.client_work import switch
    from idp.cli.opening import on_provider

    client = on_provider(lambda provider: switch(provider, client_id, disabled=disabled))
    if as_json:
        print_json(_summary(client))
    else:
        typer.echo(f"{client.client_id} is {_state(client)}")


def _print_secret(client_id: str, issued: str | None, *, as_json: bool) -> None:
    if as_json:
        print_json({"client_id": client_id, "client_secret": issued})
    elif issued is None:
        typer.echo(f"{client_id} is registered; it is public and has no secret")
    else:
        typer.echo(f"client_id: {client_id}\nclient_secret: {issued}")
        typer.echo("Note the secret now: only a hash of it is kept.", err=True)


def _summary(client: "Client") -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "client_name": dict(client.names),
        "audience": client.audience.value,
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        "secrets": len(client.secret_hashes),
        "state": _state(client),
    }


def _retiring(client: "Client") -> dict[str, Any]:
    ends = [datetime.fromtimestamp(each.expires_at, UTC) for each in client.retiring_secrets]
    return {"retiring_secrets_end": [end.strftime("%Y-%m-%dT%H:%M:%SZ") for end in ends]}


def _registration(client: "Client") -> dict[str, Any]:
    """Say who vouched for a client that registered itself."""
    made = client.registration
    if made is None:
        return {}
    return {"registered_by": made.statement_issuer or f"initial access token {made.token_id}"}


def _state(client: "Client") -> str:
    return "disabled" if client.disabled else "enabled"
