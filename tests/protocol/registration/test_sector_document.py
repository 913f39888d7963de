import json

import pytest

from idp.ports.http import Answer
from idp.protocol.claims.subject import subject_identifier
from idp.protocol.errors import InvalidClientMetadataError
from tests.protocol.registration.registrar import REDIRECT, Registrar

SECTOR = "https://sector.example.vn/redirects.json"
OTHER = "https://other.example.vn/callback"


async def test_clients_of_several_hosts_share_a_sector_whose_document_lists_them(registrar: Registrar) -> None:
    registrar.web.pages[SECTOR] = Answer(200, json.dumps([REDIRECT, OTHER, "https://third.example.vn/"]).encode())
    members = await registrar.register(redirect_uris=[REDIRECT, OTHER], sector_identifier_uri=SECTOR)
    assert members["sector_identifier_uri"] == SECTOR
    client = await registrar.world.stores.clients.get(members["client_id"])
    assert client is not None
    assert client.sector == "sector.example.vn"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, json.dumps([REDIRECT]).encode()),
        Answer(200, json.dumps([REDIRECT, OTHER + "/"]).encode()),
        Answer(200, json.dumps({"redirect_uris": [REDIRECT, OTHER]}).encode()),
        Answer(200, json.dumps([[REDIRECT], 7, None]).encode()),
        Answer(404, json.dumps([REDIRECT, OTHER]).encode()),
        Answer(302, b""),
        Answer(200, b"not json"),
        Answer(200, b"[" * 50_000),
        None,
    ],
)
async def test_registration_must_fail_when_the_document_does_not_list_every_address(
    registrar: Registrar, answer: Answer | None
) -> None:
    if answer is not None:
        registrar.web.pages[SECTOR] = answer
    with pytest.raises(InvalidClientMetadataError) as refused:
        await registrar.register(redirect_uris=[REDIRECT, OTHER], sector_identifier_uri=SECTOR)
    assert "sector_identifier_uri" in refused.value.description


async def test_several_hosts_without_a_document_have_no_pairwise_subjects(registrar: Registrar) -> None:
    with pytest.raises(InvalidClientMetadataError, match="sector_identifier_uri"):
        await registrar.register(redirect_uris=[REDIRECT, OTHER])


async def test_an_application_s_scheme_is_of_another_s_sector_only_by_its_document(registrar: Registrar) -> None:
    app = "com.example.app:/callback"
    native = {"application_type": "native", "token_endpoint_auth_method": "none"}
    with pytest.raises(InvalidClientMetadataError, match="sector_identifier_uri"):
        await registrar.register(redirect_uris=[REDIRECT, app], **native)
    members = await registrar.register(redirect_uris=[REDIRECT], **native)
    told = {"client_id": members["client_id"], "redirect_uris": [REDIRECT, app], **native}
    with pytest.raises(InvalidClientMetadataError, match="sector_identifier_uri"):
        await registrar.put(members["client_id"], members["registration_access_token"], told)
    registrar.web.pages[SECTOR] = Answer(200, json.dumps([REDIRECT, app]).encode())
    assert await registrar.register(redirect_uris=[REDIRECT, app], sector_identifier_uri=SECTOR, **native)


async def test_a_document_is_read_again_when_the_addresses_change(registrar: Registrar) -> None:
    registrar.web.pages[SECTOR] = Answer(200, json.dumps([REDIRECT]).encode())
    members = await registrar.register(sector_identifier_uri=SECTOR)
    told = {"client_id": members["client_id"], "redirect_uris": [OTHER], "sector_identifier_uri": SECTOR}
    with pytest.raises(InvalidClientMetadataError):
        await registrar.put(members["client_id"], members["registration_access_token"], told)


DEVICE = {"grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"]}
KEYS = "https://rp.example.vn/keys"


async def test_whoever_has_tokens_without_a_redirection_stands_for_itself(registrar: Registrar) -> None:
    registrar.web.pages[SECTOR] = Answer(200, json.dumps([REDIRECT, KEYS]).encode())
    for claimed in (
        {},
        {"sector_identifier_uri": SECTOR},
        {"sector_identifier_uri": SECTOR, "jwks_uri": KEYS},
        {"sector_identifier_uri": SECTOR, "jwks_uri": f"{KEYS}/2", "token_endpoint_auth_method": "private_key_jwt"},
    ):
        members = await registrar.register(**DEVICE, **claimed)
        client = await registrar.world.stores.clients.get(members["client_id"])
        assert client is not None
        assert client.sector == ""


async def test_two_clients_of_one_address_are_told_different_subjects_by_devices(registrar: Registrar) -> None:
    told = set()
    for claimed in (DEVICE, DEVICE, {}):
        members = await registrar.register(**claimed)
        client = await registrar.world.stores.clients.get(members["client_id"])
        assert client is not None
        told.add(subject_identifier(registrar.world.keys, client, registrar.world.citizen))
    assert len(told) == 3


async def test_a_client_that_signs_with_keys_which_the_document_lists_is_of_the_sector(registrar: Registrar) -> None:
    registrar.web.pages[SECTOR] = Answer(200, json.dumps([REDIRECT, KEYS]).encode())
    shown = {"sector_identifier_uri": SECTOR, "jwks_uri": KEYS, "token_endpoint_auth_method": "private_key_jwt"}
    members = await registrar.register(**DEVICE, **shown)
    client = await registrar.world.stores.clients.get(members["client_id"])
    assert client is not None
    assert client.sector == "sector.example.vn"


LOGOUT = "https://elsewhere.example.vn/logout"


async def test_logout_tokens_go_where_answers_go_or_where_the_document_says(registrar: Registrar) -> None:
    assert await registrar.register(backchannel_logout_uri="https://rp.example.vn/logout")
    registrar.web.pages[SECTOR] = Answer(200, json.dumps([REDIRECT]).encode())
    for claimed in ({}, {"sector_identifier_uri": SECTOR}):
        with pytest.raises(InvalidClientMetadataError, match="backchannel_logout_uri"):
            await registrar.register(backchannel_logout_uri=LOGOUT, **claimed)
    registrar.web.pages[SECTOR] = Answer(200, json.dumps([REDIRECT, LOGOUT]).encode())
    assert await registrar.register(backchannel_logout_uri=LOGOUT, sector_identifier_uri=SECTOR)


async def test_logout_tokens_are_not_led_elsewhere_by_a_change(registrar: Registrar) -> None:
    members = await registrar.register()
    told = {"client_id": members["client_id"], "redirect_uris": [REDIRECT], "backchannel_logout_uri": LOGOUT}
    with pytest.raises(InvalidClientMetadataError, match="backchannel_logout_uri"):
        await registrar.put(members["client_id"], members["registration_access_token"], told)


async def test_whoever_stands_for_itself_takes_logout_tokens_where_it_likes(registrar: Registrar) -> None:
    assert await registrar.register(**DEVICE, backchannel_logout_uri=LOGOUT)


async def test_a_victim_s_document_is_not_claimed_without_an_address_of_it(registrar: Registrar) -> None:
    registrar.web.pages[SECTOR] = Answer(200, json.dumps([REDIRECT]).encode())
    with pytest.raises(InvalidClientMetadataError, match="sector_identifier_uri"):
        await registrar.register(grant_types=DEVICE["grant_types"][1:], redirect_uris=[], sector_identifier_uri=SECTOR)
