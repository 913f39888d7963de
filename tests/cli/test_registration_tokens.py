import asyncio
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from idp.cli.opening import open_provider
from idp.domain.clients.client import Client
from idp.domain.clients.registration import Registration
from idp.domain.events import ClientRegistered
from idp.domain.ids import ClientId, TokenHash
from tests.cli.conftest import Idp


def created(idp: Idp, *options: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(idp("client", "token", "create", *options, "--json").stdout)
    return document


def listed(idp: Idp) -> list[dict[str, Any]]:
    tokens: list[dict[str, Any]] = json.loads(idp("client", "token", "list", "--json").stdout)
    return tokens


def test_a_token_is_printed_once_and_kept_as_a_hash(idp: Idp) -> None:
    made = created(idp, "--note", "Bộ Nội vụ")
    issued = made.pop("initial_access_token")
    assert len(issued) == 43
    assert listed(idp) == [made]
    assert (made["uses_left"], made["state"], made["note"]) == (1, "usable", "Bộ Nội vụ")
    assert issued not in idp("client", "token", "list").stdout
    with closing(sqlite3.connect(next(Path.cwd().glob("var/*.db")))) as database:
        ((kept,),) = database.execute("SELECT token_hash FROM initial_access_tokens").fetchall()
    assert kept == hashlib.sha256(issued.encode()).digest()


def test_a_token_says_how_often_and_how_long_it_may_be_used(idp: Idp) -> None:
    assert created(idp, "--uses", "5", "--hours", "48")["uses_left"] == 5
    assert idp("client", "token", "create", "--uses", "0").exit_code == 2
    assert idp("client", "token", "create", "--hours", "2161").exit_code == 2


def test_a_client_that_registered_itself_names_who_vouched_for_it(idp: Idp) -> None:
    async def register(**by: Any) -> None:
        async with open_provider() as provider:
            made = Registration(TokenHash(b"h" * 32), provider.clock.now(), **by)
            client = Client(client_id=ClientId("wallet"), registration=made)
            event = ClientRegistered(origin=provider.origin, client_id=client.client_id)
            await provider.stores.client_registry.save(client, event)

    asyncio.run(register(token_id="token-1"))
    shown = json.loads(idp("client", "show", "wallet", "--json").stdout)
    assert shown["registered_by"] == "initial access token token-1"
    asyncio.run(register(statement_issuer="https://registry.example.vn"))
    shown = json.loads(idp("client", "show", "wallet", "--json").stdout)
    assert shown["registered_by"] == "https://registry.example.vn"


def test_a_client_that_deleted_its_registration_is_not_enabled(idp: Idp) -> None:
    async def delete() -> None:
        async with open_provider() as provider:
            made = Registration(TokenHash(b"h" * 32), provider.clock.now(), deleted=True)
            client = Client(client_id=ClientId("wallet"), registration=made, disabled=True)
            event = ClientRegistered(origin=provider.origin, client_id=client.client_id)
            await provider.stores.client_registry.save(client, event)

    asyncio.run(delete())
    assert str(idp("client", "enable", "wallet").exception).startswith("the client deleted its registration")
    assert json.loads(idp("client", "show", "wallet", "--json").stdout)["state"] == "disabled"


def test_a_token_is_revoked_once(idp: Idp) -> None:
    token_id = created(idp)["token_id"]
    assert "is revoked" in idp("client", "token", "revoke", token_id).stdout
    assert [token["state"] for token in listed(idp)] == ["revoked"]
    refused = idp("client", "token", "revoke", token_id)
    assert refused.exit_code == 1
    assert "no such token" in str(refused.exception)
