import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from idp.ports.http import Answer
from idp.protocol.errors import (
    InvalidClientError,
    InvalidClientMetadataError,
    InvalidTokenError,
    OAuthError,
    TemporarilyUnavailableError,
)
from idp.protocol.registration.register import TooManyRegistrationsError
from tests.ports.samples import EVENT
from tests.protocol.registration.registrar import REDIRECT, Registrar, statement
from tests.protocol.world import World

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
NOT_SENT = ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at")


def sendable(members: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What a client sends back of what it was told."""
    return {name: value for name, value in members.items() if name not in NOT_SENT} | changes


async def test_a_client_reads_what_it_registered(registrar: Registrar) -> None:
    members = await registrar.register(client_name="Cổng", initiate_login_uri="https://rp.example.vn/login")
    read = await registrar.read(members["client_id"], members["registration_access_token"])
    unsaid = {"client_secret", "client_secret_expires_at"}
    assert read == {name: value for name, value in members.items() if name not in unsaid}


async def test_a_wrong_token_and_an_unknown_client_are_refused_alike(registrar: Registrar) -> None:
    members, other = await registrar.register(), await registrar.register()
    told = set()
    for client_id, token in (
        (members["client_id"], "x" * 43),
        (members["client_id"], other["registration_access_token"]),
        ("nobody", members["registration_access_token"]),
        ("portal", members["registration_access_token"]),
        ("", members["registration_access_token"]),
    ):
        for ask in (registrar.read, registrar.delete):
            with pytest.raises(InvalidTokenError) as refused:
                await ask(client_id, token)
            told.add(refused.value.description)
        with pytest.raises(InvalidTokenError):
            await registrar.put(client_id, token, sendable(members))
    assert len(told) == 1


async def test_a_change_replaces_everything(registrar: Registrar) -> None:
    members = await registrar.register(client_name="Cũ", logo_uri="https://rp.example.vn/logo.png")
    client_id, token = members["client_id"], members["registration_access_token"]
    told = sendable(members, client_name="Mới", redirect_uris=[f"{REDIRECT}/2"], logo_uri=None)
    changed = await registrar.put(client_id, token, told)
    assert changed["client_name"] == "Mới"
    assert changed["redirect_uris"] == [f"{REDIRECT}/2"]
    assert "logo_uri" not in changed
    assert changed["registration_access_token"] == token
    assert await registrar.read(client_id, token) == changed


async def test_a_secret_outlives_a_change(world: World, registrar: Registrar) -> None:
    members = await registrar.register(token_endpoint_auth_method="client_secret_post")
    changed = await registrar.put(
        members["client_id"], members["registration_access_token"], sendable(members, client_name="Mới")
    )
    assert "client_secret" not in changed
    sent = {name: members[name] for name in ("client_id", "client_secret")}
    assert (await world.parts.authentication.authenticate(sent, None)).client_id == members["client_id"]


async def test_a_client_that_begins_to_need_a_secret_gets_one(registrar: Registrar) -> None:
    members = await registrar.register(token_endpoint_auth_method="none")
    told = sendable(members, token_endpoint_auth_method="client_secret_basic", require_pkce=None)
    changed = await registrar.put(members["client_id"], members["registration_access_token"], told)
    assert len(changed["client_secret"]) == 43
    assert changed["client_secret_expires_at"] == 0


@pytest.mark.parametrize(
    "sent",
    [
        {"client_id": None},
        {"client_id": "another"},
        {"client_secret": "chosen"},
        {"client_secret": 7},
        *({name: "x"} for name in NOT_SENT),
    ],
)
async def test_a_change_must_not_name_what_is_the_server_s_to_say(registrar: Registrar, sent: dict[str, Any]) -> None:
    members = await registrar.register()
    with pytest.raises(InvalidClientMetadataError):
        await registrar.put(members["client_id"], members["registration_access_token"], sendable(members, **sent))


async def test_a_change_obeys_the_policy_of_registration(registrar: Registrar) -> None:
    members = await registrar.register()
    client_id, token = members["client_id"], members["registration_access_token"]
    for claimed in ({"skip_consent": True}, {"scope": "openid identity"}, {"audience": "officer"}):
        with pytest.raises(InvalidClientMetadataError):
            await registrar.put(client_id, token, sendable(members, **claimed))
    assert (await registrar.read(client_id, token))["scope"] == members["scope"]


async def test_what_a_statement_says_cannot_be_changed_afterwards(world: World, registrar: Registrar) -> None:
    shown = statement(registrar.world, client_name="Ví quốc gia", exp=world.clock.now() + 10)
    members = await registrar.post({"redirect_uris": [REDIRECT], "software_statement": shown}, None)
    assert members["software_statement"] == shown
    client_id, token = members["client_id"], members["registration_access_token"]
    world.clock.seconds += 3600
    told = sendable(members, client_name="Kẻ khác")
    for sent in (told, {**told, "software_statement": None}):
        assert (await registrar.put(client_id, token, sent))["client_name"] == "Ví quốc gia"
    renewed = statement(registrar.world, client_name="Ví mới")
    changed = await registrar.put(client_id, token, {**told, "software_statement": renewed})
    assert (changed["client_name"], changed["software_statement"]) == ("Ví mới", renewed)


async def test_a_deleted_client_is_gone_with_its_tokens(world: World, registrar: Registrar) -> None:
    members = await registrar.register(token_endpoint_auth_method="client_secret_post")
    client_id, token = members["client_id"], members["registration_access_token"]
    client = await world.stores.clients.get(client_id)
    assert client is not None
    access = (await world.sign_in(grant=world.grant(client), **_redeeming(members))).access_token
    assert (await world.userinfo(access))["sub"]
    assert await registrar.delete(client_id, token) == client_id
    for ask in (registrar.read, registrar.delete):
        with pytest.raises(InvalidTokenError):
            await ask(client_id, token)
    with pytest.raises(InvalidTokenError):
        await world.userinfo(access)
    with pytest.raises(InvalidClientError):
        await world.parts.authentication.authenticate(
            {"client_id": client_id, "client_secret": members["client_secret"]}, None
        )


async def test_what_is_left_of_a_deleted_client_still_says_that_it_registered_itself(
    world: World, registrar: Registrar
) -> None:
    members = await registrar.register()
    client_id, token = members["client_id"], members["registration_access_token"]
    await registrar.delete(client_id, token)
    world.clock.seconds += 1
    client = await world.stores.clients.get(client_id)
    assert client is not None
    assert (client.is_deleted, client.disabled) == (True, True)
    # Not even where somebody enabled it in the database does it manage itself again.
    await world.save(replace(client, disabled=False))
    with pytest.raises(InvalidTokenError):
        await registrar.read(client_id, token)


async def test_a_deleted_client_is_not_brought_back_by_a_change_at_the_same_moment(
    world: World, registrar: Registrar
) -> None:
    members = await registrar.register()
    client_id, token = members["client_id"], members["registration_access_token"]
    answers = await asyncio.gather(
        registrar.delete(client_id, token),
        *(registrar.put(client_id, token, sendable(members, client_name=f"{number}")) for number in range(10)),
        return_exceptions=True,
    )
    assert all(isinstance(answer, dict | str | OAuthError) for answer in answers)
    world.clock.seconds += 1
    if not isinstance(answers[0], TemporarilyUnavailableError):
        client = await world.stores.clients.get(client_id)
        assert client is not None
        assert client.disabled


async def test_a_change_of_what_was_changed_meanwhile_is_to_be_tried_again(
    world: World, registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = await registrar.register()
    client = await world.stores.clients.get(members["client_id"])
    assert client is not None

    async def disabled_meanwhile(_: str) -> Answer:
        await world.save(replace(client, disabled=True))
        return Answer(200, json.dumps([REDIRECT]).encode())

    monkeypatch.setattr(registrar.web, "get", disabled_meanwhile)
    told = sendable(members, sector_identifier_uri=f"{REDIRECT}.json")
    with pytest.raises(TemporarilyUnavailableError):
        await registrar.put(members["client_id"], members["registration_access_token"], told)


async def test_changes_one_after_the_other_are_seen_in_the_same_second(world: World, registrar: Registrar) -> None:
    members = await registrar.register()
    client_id, token = members["client_id"], members["registration_access_token"]
    seen = world.clock.seconds
    for name in ("Một", "Hai", "Ba"):
        world.clock.seconds = seen
        await registrar.put(client_id, token, sendable(members, client_name=name))
        world.clock.seconds = seen
        assert (await registrar.read(client_id, token))["client_name"] == name
    await registrar.delete(client_id, token)
    world.clock.seconds = seen
    with pytest.raises(InvalidTokenError):
        await registrar.read(client_id, token)
    with pytest.raises(InvalidClientError):
        await world.parts.authentication.authenticate(_redeeming(members), None)


async def test_changes_and_deletions_are_audited(world: World, registrar: Registrar) -> None:
    members = await registrar.register()
    client_id, token = members["client_id"], members["registration_access_token"]
    await registrar.put(client_id, token, sendable(members, client_name="Mới"))
    await registrar.delete(client_id, token)
    changes = [event["change"] for event in await world.audited("client.changed") if event["client_id"] == client_id]
    assert changes == ["updated", "deleted"]


async def test_what_changes_nothing_is_not_written(world: World, registrar: Registrar) -> None:
    members = await registrar.register()
    client_id, token = members["client_id"], members["registration_access_token"]
    told = sendable(members, client_name="Mới")
    first = await registrar.put(client_id, token, told)
    for _ in range(5):
        assert await registrar.put(client_id, token, told) == first
    assert len(await world.audited("client.changed")) == 1


async def test_a_registration_is_not_changed_without_end(world: World, registrar: Registrar) -> None:
    members, other = await registrar.register(), await registrar.register()
    client_id, token = members["client_id"], members["registration_access_token"]
    told = sendable(members)
    answers = await asyncio.gather(*(registrar.put(client_id, token, told) for _ in range(50)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, TooManyRegistrationsError)]
    assert len(refused) == 30
    assert {(error.status, error.retry_after > 0) for error in refused} == {(429, True)}
    assert (await registrar.read(client_id, token))["client_id"] == client_id
    await registrar.put(other["client_id"], other["registration_access_token"], sendable(other))
    world.clock.seconds += 60
    await registrar.put(client_id, token, told)


async def test_a_secret_that_no_text_can_hold_is_refused_like_any_other(registrar: Registrar) -> None:
    members = await registrar.register()
    told = sendable(members, client_secret="\ud800")
    with pytest.raises(InvalidClientMetadataError, match="client_secret"):
        await registrar.put(members["client_id"], members["registration_access_token"], told)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"redirect_uris": ["https://portal.example.vn/callback"]}),
        ({}, {"grant_types": ["authorization_code", DEVICE_CODE]}),
        ({"grant_types": [DEVICE_CODE], "redirect_uris": []}, {"grant_types": ["authorization_code"]}),
    ],
)
async def test_no_change_leads_to_other_subjects(
    registrar: Registrar, first: dict[str, Any], then: dict[str, Any]
) -> None:
    members = await registrar.register(**first)
    client_id, token = members["client_id"], members["registration_access_token"]
    with pytest.raises(InvalidClientMetadataError, match="another sector"):
        await registrar.put(client_id, token, sendable(members, **{"redirect_uris": [REDIRECT], **then}))


async def test_no_change_leads_to_subjects_that_others_know(registrar: Registrar) -> None:
    members = await registrar.register()
    public = sendable(members, subject_type="public")
    with pytest.raises(InvalidClientMetadataError, match="subject_type"):
        await registrar.put(members["client_id"], members["registration_access_token"], public)


def _redeeming(members: dict[str, Any]) -> dict[str, str]:
    return {name: members[name] for name in ("client_id", "client_secret")}


async def test_what_may_leave_for_a_client_is_not_its_own_to_change(world: World, registrar: Registrar) -> None:
    members = await registrar.register()
    client_id, token = members["client_id"], members["registration_access_token"]
    client = await world.stores.clients.get(client_id)
    assert client is not None
    listed = {"name": {"purpose": {"": "x"}, "legal_basis": "consent"}}
    await world.stores.client_registry.save(replace(client, metadata={**client.metadata, "claims": listed}), EVENT)
    world.clock.seconds += 1

    for sent in ({}, {"claims": {"birthdate": {"purpose": "x", "legal_basis": "law"}}}):
        await registrar.put(client_id, token, sendable(members, client_name="Mới", **sent))
        world.clock.seconds += 1
        changed = await world.stores.clients.get(client_id)
        assert changed is not None
        assert changed.metadata["claims"] == listed
