import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from idp.cli.opening import open_provider
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
