import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from idp.adapters.sql.sqlite.database import SqliteDatabase
from idp.cli.client_work import find_client, register, renew_secret, rotate_secret, switch
from idp.cli.opening import Provider, open_provider
from idp.cli.refusal import Refusal
from idp.domain.clients.client import Client
from tests.cli.conftest import Idp
from tests.cli.test_import_ import FILE, write


def secret_of(output: str) -> str:
    found = re.search(r"client_secret: (\S+)", output)
    assert found
    return found[1]


@pytest.fixture
def portal(idp: Idp, tmp_path: Path) -> str:
    idp("import", write(tmp_path / "all.yaml", FILE))
    return "portal"


def test_clients_are_listed(idp: Idp, portal: str) -> None:
    assert "portal" in idp("client", "list").stdout
    assert json.loads(idp("client", "list", "--json").stdout) == [
        {
            "client_id": "portal",
            "client_name": {},
            "audience": "both",
            "token_endpoint_auth_method": "client_secret_basic",
            "secrets": 1,
            "state": "enabled",
        }
    ]


def test_a_client_is_shown_without_its_secret(idp: Idp, portal: str) -> None:
    shown = idp("client", "show", portal, "--json").stdout
    assert json.loads(shown)["metadata"] == {"redirect_uris": ["https://portal.example/callback"]}
    assert "0123456789abcdef" not in shown
    assert "https://portal.example/callback" in idp("client", "show", portal).stdout


def test_a_client_is_registered_and_its_secret_told_once(idp: Idp) -> None:
    added = idp("client", "add", "new", "--name", "Mới", "--redirect-uri", "https://new.example/callback")
    assert len(secret_of(added.stdout)) == 43
    shown = idp("client", "show", "new", "--json").stdout
    assert json.loads(shown)["client_name"] == {"": "Mới"}
    assert secret_of(added.stdout) not in shown


def test_a_public_client_has_no_secret(idp: Idp) -> None:
    added = idp("client", "add", "app", "--public", "--redirect-uri", "https://app.example/callback", "--json")
    assert json.loads(added.stdout) == {"client_id": "app", "client_secret": None}
    assert "no secret" in idp("client", "add", "app2", "--public").stdout
    assert "does not sign in with a secret" in str(idp("client", "secret", "app").exception)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["portal"], "a client of this identifier is registered"),
        (["a b"], "client_id: must be"),
        (["x", "--redirect-uri", "http://x.example/"], "redirect_uris[0]: An address is https"),
        (["x", "--audience", "all"], "audience: must be"),
        (["x", "--grant-type", "password"], "grant_types[0]: must be"),
    ],
)
def test_a_registration_that_breaks_a_rule_is_refused(idp: Idp, portal: str, arguments: list[str], reason: str) -> None:
    assert str(idp("client", "add", *arguments).exception).startswith(reason)


def test_a_client_is_disabled_and_enabled_and_an_import_does_not_undo_it(idp: Idp, portal: str, tmp_path: Path) -> None:
    assert "portal is disabled" in idp("client", "disable", portal).stdout
    idp("import", tmp_path / "all.yaml")
    assert json.loads(idp("client", "show", portal, "--json").stdout)["state"] == "disabled"
    assert json.loads(idp("client", "enable", portal, "--json").stdout)["state"] == "enabled"


def test_a_new_secret_ends_the_old_one_unless_it_is_kept(idp: Idp, portal: str) -> None:
    first = secret_of(idp("client", "secret", portal).stdout)
    assert json.loads(idp("client", "show", portal, "--json").stdout)["secrets"] == 1
    second = json.loads(idp("client", "secret", portal, "--keep", "--json").stdout)["client_secret"]
    assert json.loads(idp("client", "show", portal, "--json").stdout)["secrets"] == 2
    assert first != second


def test_a_secret_is_rotated_with_an_overlap_after_which_the_old_one_ends(idp: Idp, portal: str) -> None:
    secret_of(idp("client", "rotate-secret", portal, "--overlap", "3").stdout)
    shown = json.loads(idp("client", "show", portal, "--json").stdout)
    (ends,) = shown["retiring_secrets_end"]
    left = datetime.fromisoformat(ends) - datetime.now(UTC)
    assert shown["secrets"] == 1
    assert timedelta(days=2.9) < left <= timedelta(days=3)
    secret_of(idp("client", "rotate-secret", portal, "--overlap", "0").stdout)
    assert json.loads(idp("client", "show", portal, "--json").stdout)["retiring_secrets_end"] == []


def test_a_client_that_signs_with_its_secret_gets_another_and_keeps_none_without_an_end(
    idp: Idp, tmp_path: Path
) -> None:
    entry = "{client_id: signing, token_endpoint_auth_method: client_secret_jwt, client_secret: "
    idp("import", write(tmp_path / "signing.yaml", f"clients: [{entry}{'x' * 32}}}]"))
    assert len(secret_of(idp("client", "rotate-secret", "signing").stdout)) == 43
    assert "not kept without an end" in str(idp("client", "secret", "signing", "--keep").exception)


@pytest.mark.parametrize("command", ["show", "disable", "enable", "secret", "rotate-secret"])
def test_an_unknown_client_is_refused(idp: Idp, command: str) -> None:
    assert "there is no such client" in str(idp("client", command, "\x00x").exception)


Command = Callable[[Provider], Awaitable[object]]


def at_once(command: Command, *others: Command) -> Client:
    """Run a command, another one each time between what it read and what it writes; return the client `portal`."""
    write, waiting = SqliteDatabase.write, list(others)

    async def run() -> Client:
        async with open_provider() as provider:

            async def write_after_another(self: SqliteDatabase, *arguments: Any) -> object:
                if waiting:
                    other, *later = waiting
                    waiting.clear()
                    await other(provider)
                    waiting.extend(later)
                return await write(self, *arguments)

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(SqliteDatabase, "write", write_after_another)
                await command(provider)
            return await find_client(provider, "portal")

    return asyncio.run(run())


@pytest.mark.parametrize(
    "command",
    [
        lambda provider: renew_secret(provider, "portal", keep=False),
        lambda provider: rotate_secret(provider, "portal", overlap=0),
    ],
)
def test_a_new_secret_does_not_enable_a_client_that_is_disabled_at_the_same_moment(
    idp: Idp, portal: str, command: Command
) -> None:
    before = json.loads(idp("client", "show", portal, "--json").stdout)
    after = at_once(command, lambda provider: switch(provider, portal, disabled=True))
    assert before["state"] == "enabled"
    assert after.disabled


def test_a_client_that_is_disabled_at_the_same_moment_keeps_its_new_secret(idp: Idp, portal: str) -> None:
    hashes: list[bytes] = []

    async def renew(provider: Provider) -> None:
        await renew_secret(provider, portal, keep=False)
        hashes.extend((await find_client(provider, portal)).secret_hashes)

    after = at_once(lambda provider: switch(provider, portal, disabled=True), renew)
    assert after.disabled
    assert list(after.secret_hashes) == hashes


def test_a_client_that_changes_again_and_again_is_left_to_whoever_changes_it(idp: Idp, portal: str) -> None:
    others = [lambda provider, to=to: switch(provider, portal, disabled=to) for to in (True, False)]
    with pytest.raises(Refusal, match=r"changed at the same moment: .*try again"):
        at_once(lambda provider: rotate_secret(provider, portal, overlap=0), *others)


def test_a_client_that_is_registered_at_the_same_moment_is_not_replaced(idp: Idp, portal: str) -> None:
    values = {"client_id": "new", "token_endpoint_auth_method": "none"}
    with pytest.raises(Refusal, match="a client of this identifier"):
        at_once(
            lambda provider: register(provider, {"client_id": "new"}, public=False),
            lambda provider: register(provider, values, public=True),
        )
    registered = json.loads(idp("client", "show", "new", "--json").stdout)
    assert registered["token_endpoint_auth_method"] == "none"
