import asyncio
import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from idp.adapters.key_trail import Key, KeyTrail
from idp.adapters.sql.rewrapping import Rewrapping, WrappedKey
from idp.cli.opening import open_provider
from idp.domain.events import Origin
from idp.protocol.clients.client_secrets import ClientSecrets
from tests.cli.conftest import Idp


def listed(idp: Idp) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = json.loads(idp("keys", "list", "--json").stdout)
    return keys


def kid(idp: Idp, state: str, algorithm: str = "ES256") -> str:
    return next(str(key["kid"]) for key in listed(idp) if (key["alg"], key["state"]) == (algorithm, state))


def key_events() -> list[tuple[str, str]]:
    async def read() -> list[tuple[str, str]]:
        async with open_provider() as provider:
            events = [record async for record in provider.stores.audit_log.records()]
        found = [json.loads(record.payload)["event"] for record in events if record.name == "signing_key.changed"]
        return [(event["key_id"], event["state"]) for event in found]

    return asyncio.run(read())


def test_keys_are_listed_with_what_may_be_known_of_them(idp: Idp) -> None:
    keys = listed(idp)
    assert sorted((key["alg"], key["state"]) for key in keys) == [
        ("ES256", "next"),
        ("ES256", "signing"),
        ("RS256", "next"),
        ("RS256", "signing"),
    ]
    assert {name for key in keys for name in key} == {"kid", "alg", "state", "since", "created_at", "rotates_at"}
    assert {key["state"] for key in keys if "rotates_at" in key} == {"signing"}
    assert all(key["since"].endswith("Z") for key in keys)
    table = idp("keys", "list").stdout
    assert all(key["kid"] in table and key["since"] in table for key in keys)


def test_rotation_of_one_algorithm_leaves_the_others_alone(idp: Idp) -> None:
    former, upcoming = kid(idp, "signing"), kid(idp, "next")
    changed = json.loads(idp("keys", "rotate", "--alg", "ES256", "--json").stdout)
    states = {key["kid"]: key["state"] for key in changed}
    assert states == {upcoming: "signing", former: "published", kid(idp, "next"): "next"}
    assert sum(key["alg"] == "RS256" for key in listed(idp)) == 2
    assert sorted(key_events()) == sorted(states.items())


def test_rotation_without_an_algorithm_is_of_all_in_use(idp: Idp) -> None:
    table = idp("keys", "rotate").stdout
    assert table.count("published") == 2
    assert {key["alg"] for key in listed(idp) if key["state"] == "published"} == {"ES256", "RS256"}
    assert len(key_events()) == 6


@pytest.mark.parametrize("algorithm", ["PS256", "EdDSA"])
def test_an_algorithm_that_was_not_used_gets_its_first_keys(idp: Idp, algorithm: str) -> None:
    idp("keys", "rotate", "--alg", algorithm)
    assert sorted(key["state"] for key in listed(idp) if key["alg"] == algorithm) == ["next", "signing"]


def test_keys_that_clients_encrypt_to_are_listed_and_rotated(idp: Idp) -> None:
    def encryption_keys() -> list[dict[str, Any]]:
        keys: list[dict[str, Any]] = json.loads(idp("keys", "list", "--encryption", "--json").stdout)
        return keys

    before = encryption_keys()
    assert sorted((key["kty"], key["state"]) for key in before) == [("EC", "current"), ("RSA", "current")]
    assert all(key["kid"] in idp("keys", "list").stdout for key in before)
    changed = json.loads(idp("keys", "rotate", "--encryption", "--json").stdout)
    assert sorted(key["kty"] for key in changed) == ["EC", "RSA"]
    states = {key["kid"]: key["state"] for key in encryption_keys()}
    assert sorted(states.values()) == ["current", "current", "former", "former"]
    assert len(listed(idp)) == 4, "the keys that sign stay as they are"


def test_a_published_key_is_retired(idp: Idp) -> None:
    former = kid(idp, "signing")
    idp("keys", "rotate", "--alg", "ES256")
    retired = json.loads(idp("keys", "retire", former, "--json").stdout)
    assert [(key["kid"], key["state"]) for key in retired] == [(former, "gone")]
    before = key_events()
    assert before[-1] == (former, "gone")
    assert former in idp("keys", "retire", former).stdout
    assert key_events() == before, "nothing changed the second time"


@pytest.mark.parametrize("state", ["signing", "next"])
def test_a_key_in_use_is_not_retired(idp: Idp, state: str) -> None:
    refused = idp("keys", "retire", kid(idp, state))
    assert refused.exit_code == 1
    assert "rotate first" in str(refused.exception)
    assert key_events() == []


@pytest.mark.parametrize("unknown", ["nobody", "", "\x00", "../secret", "a" * 5000])
def test_an_unknown_key_is_not_retired(idp: Idp, unknown: str) -> None:
    assert "there is no signing key" in str(idp("keys", "retire", unknown).exception)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "", "\x00"])
def test_an_algorithm_that_is_not_ours_is_refused(idp: Idp, algorithm: str) -> None:
    assert "use one of RS256, ES256, PS256, EdDSA" in str(idp("keys", "rotate", "--alg", algorithm).exception)
    assert key_events() == []


def test_a_damaged_keystore_is_refused_by_file(idp: Idp, tmp_path: Path) -> None:
    damaged = next((tmp_path / "keys").glob("signing-*"))
    damaged.write_text("{}")
    assert f"{damaged.name} does not open" in str(idp("keys", "list").exception)


@pytest.fixture
def people(idp: Idp, tmp_path: Path) -> int:
    """How many people there are."""
    assert idp("demo-data", "--people", 300, "--out", tmp_path / "people.jsonl").exit_code == 0
    assert idp("import", tmp_path / "people.jsonl").exit_code == 0
    return 300


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else reads this keystore, so nobody has to be waited for."""
    monkeypatch.setattr("idp.cli.rewrap_work.ANNOUNCED_FOR", 0.0)


def wrapping(idp: Idp) -> list[tuple[int, str]]:
    return [(key["version"], key["state"]) for key in json.loads(idp("keys", "list", "--wrapping", "--json").stdout)]


def everybody(idp: Idp) -> str:
    exported = idp("export")
    assert exported.exit_code == 0
    return exported.stdout


@pytest.mark.usefixtures("hurried")
def test_every_data_key_moves_to_a_new_wrapping_key(idp: Idp, people: int) -> None:
    before = everybody(idp)
    told = json.loads(idp("keys", "rewrap", "--json").stdout)
    assert (told["version"], told["rewrapped"], told["unopened"]) == (2, 2 * people, 0)
    assert told["data_keys"] == {"2": 2 * people}
    assert wrapping(idp) == [(1, "former"), (2, "wrapping")]
    assert everybody(idp) == before
    assert "version 3" in idp("keys", "rewrap").stdout
    assert wrapping(idp) == [(1, "former"), (2, "former"), (3, "wrapping")]
    assert "Wrapping keys" in idp("keys", "list").stdout


@pytest.mark.usefixtures("hurried")
def test_the_sealed_secrets_of_clients_move_too(idp: Idp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = f"{{client_id: signing, token_endpoint_auth_method: client_secret_jwt, client_secret: {'x' * 32}}}"
    (tmp_path / "client.yaml").write_text(f"clients: [{entry}]")
    assert idp("import", tmp_path / "client.yaml").exit_code == 0
    idp("client", "rotate-secret", "signing")

    async def secrets() -> tuple[bytes, ...]:
        async with open_provider() as provider:
            client = await provider.stores.clients.get("signing")
            assert client is not None
            return ClientSecrets(provider.keystore.vault()).in_force(client, provider.clock.now())

    before = asyncio.run(secrets())
    assert before[1] == b"x" * 32
    assert json.loads(idp("keys", "rewrap", "--json").stdout)["data_keys"] == {"2": 2}
    monkeypatch.setattr("idp.adapters.crypto.wrapping_keys.KEPT_FOR", 0)
    idp("keys", "rewrap", "--finish")
    assert wrapping(idp) == [(1, "gone"), (2, "wrapping")]
    assert asyncio.run(secrets()) == before


@pytest.mark.usefixtures("hurried", "people")
def test_finishing_makes_no_new_key_and_destroys_what_nothing_used_for_a_day(
    idp: Idp, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "destroys it a day later" in idp("keys", "rewrap").stdout
    idp("keys", "rewrap", "--finish")
    assert wrapping(idp) == [(1, "former"), (2, "wrapping")]
    monkeypatch.setattr("idp.adapters.crypto.wrapping_keys.KEPT_FOR", 0)
    idp("keys", "rewrap", "--finish")
    assert wrapping(idp) == [(1, "gone"), (2, "wrapping")]
    assert everybody(idp)
    assert [event["state"] for event in wrapping_events()] == ["next", "wrapping", "former", "gone"]


def wrapping_events() -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        async with open_provider() as provider:
            records = [record async for record in provider.stores.audit_log.records()]
        return [json.loads(record.payload)["event"] for record in records if record.name == "wrapping_key.changed"]

    return asyncio.run(read())


@pytest.mark.usefixtures("hurried")
def test_a_run_that_died_is_gone_on_with(idp: Idp, people: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Died(BaseException):
        pass

    left = 1
    replace = Rewrapping.replace

    async def replace_until_death(rewrapping: Rewrapping, keys: Mapping[WrappedKey, bytes]) -> None:
        nonlocal left
        if not left:
            raise Died
        left -= 1
        await replace(rewrapping, keys)

    before = everybody(idp)
    with monkeypatch.context() as patched:
        patched.setattr(Rewrapping, "replace", replace_until_death)
        with pytest.raises(Died):
            idp("keys", "rewrap")
    assert everybody(idp) == before, "some lie under the one, some under the other"
    told = json.loads(idp("keys", "rewrap", "--json").stdout)
    assert told["version"] == 2, "what was begun is completed before anything new is begun"
    assert 0 < told["rewrapped"] < 2 * people
    assert told["data_keys"] == {"2": 2 * people}
    assert everybody(idp) == before


@pytest.mark.usefixtures("hurried", "people")
def test_a_run_that_died_after_announcing_is_gone_on_with(idp: Idp) -> None:
    async def announce() -> None:
        async with open_provider() as provider:
            provider.keystore.wrapping_keys.announce()

    asyncio.run(announce())
    assert wrapping(idp) == [(1, "wrapping"), (2, "next")]
    idp("keys", "rewrap", "--finish")
    assert wrapping(idp) == [(1, "former"), (2, "wrapping")]


@pytest.mark.usefixtures("hurried")
def test_a_data_key_that_does_not_open_is_counted_and_keeps_its_version(idp: Idp, people: int, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "var" / "idp.db")) as database:
        database.execute(
            "UPDATE persons SET record_key = ? WHERE person_id = (SELECT min(person_id) FROM persons)",
            (b"\1" + bytes(61),),
        )
        database.commit()
    refused = idp("keys", "rewrap", "--json")
    assert "1 data keys do not open" in str(refused.exception)
    assert json.loads(refused.stdout)["data_keys"] == {"1": 1, "2": 2 * people - 1}
    assert all("unused_since" not in key for key in json.loads(refused.stdout)["wrapping_keys"])


@pytest.mark.usefixtures("hurried")
def test_somebody_who_keeps_on_sealing_with_the_former_key_is_told_of(
    idp: Idp, people: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def replace_nothing(_rewrapping: Rewrapping, _keys: Mapping[WrappedKey, bytes]) -> None:
        """As if each key were written anew at once."""

    monkeypatch.setattr(Rewrapping, "replace", replace_nothing)
    assert "still come in under a former wrapping key" in str(idp("keys", "rewrap").exception)
    assert wrapping(idp) == [(1, "former"), (2, "wrapping")]


def test_what_a_command_changed_before_it_was_killed_is_told_by_a_later_one(
    idp: Idp, monkeypatch: pytest.MonkeyPatch
) -> None:
    idp("keys", "rotate", "--alg", "ES256")
    before = key_events()

    class Killed(KeyTrail):
        async def record(self, changed: Iterable[Key], origin: Origin) -> None:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("idp.cli.key_work.KeyTrail", Killed)
        idp("keys", "rotate", "--alg", "RS256")
    assert key_events() == before
    left = {(str(key["kid"]), str(key["state"])) for key in listed(idp) if key["alg"] == "RS256"}
    assert len(left) == 3

    monkeypatch.setattr("idp.adapters.key_trail.LEFT_AFTER", -1)
    idp("keys", "rotate", "--alg", "ES256")
    told = set(key_events()) - set(before)
    assert left <= told
    assert len(told) == 6
