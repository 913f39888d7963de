"""The simulated population register pushes to the provider: what one writes the other understands."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey

from clients.population_registry.events import KEY_ID, EventPush, Kind, Notice
from idp.adapters.importing.client_entry import ClientEntry
from idp.adapters.importing.client_record import client_of
from idp.domain.clients.client import Client
from idp.domain.events import ClientChanged, RecordsImported
from idp.domain.ids import ClientId
from idp.domain.records import Records
from tests.flows.provider import ISSUER, Provider
from tests.ports.samples import ORIGIN, person

AN = "001099000001"
REGISTER = ClientId("population-register")
IMPORTED = RecordsImported(origin=ORIGIN, digest="", counts={})


@pytest.fixture
async def push(provider: Provider, tmp_path: Path) -> EventPush:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "events.pem"
    path.write_bytes(pem)
    jwk = {**ECKey.import_key(pem).as_dict(private=False), "kid": KEY_ID, "use": "sig", "alg": "ES256"}
    register = Client(
        REGISTER,
        token_endpoint_auth_method="private_key_jwt",
        scopes=frozenset({"registry_events"}),
        metadata={"jwks": {"keys": [jwk]}},
    )
    event = ClientChanged(origin=ORIGIN, client_id=REGISTER, change="registered")
    await provider.stores.client_registry.save(register, event)
    return EventPush(ISSUER, REGISTER, path, provider.client())


async def is_active(provider: Provider) -> bool:
    account = await provider.stores.accounts.find(AN)
    assert account is not None
    return account.is_active


@pytest.mark.parametrize(
    ("begins", "ends", "payload"),
    [
        ("card-locked", "card-unlocked", {}),
        ("card-expired", "card-issued", {"expires_on": "2039-05-17"}),
        ("death", "death-annulled", {}),
        ("residence-expired", "residence-renewed", {"expires_on": "2028-01-31"}),
    ],
)
async def test_what_the_register_tells_locks_and_what_it_takes_back_unlocks(
    provider: Provider, push: EventPush, begins: Kind, ends: Kind, payload: dict[str, str]
) -> None:
    now = provider.clock.at
    assert await push.send(Notice(kind=begins, subject=AN), now - 2.5) == (202, "")
    assert not await is_active(provider)
    assert await push.send(Notice(kind=ends, subject=AN, payload=payload), now - 2.25) == (202, "")
    assert await is_active(provider)


async def test_a_new_number_finds_the_person_and_so_does_the_old_one(provider: Provider, push: EventPush) -> None:
    told = Notice(kind="personal-number-changed", subject=AN, payload={"personal_number": "001099000777"})
    assert await push.send(told, provider.clock.at) == (202, "")
    browser = provider.browser()
    page = await browser.sign_in(await browser.get("/account"), "001099000777")
    assert (page.status, page.path) == (200, "/account")
    found = await provider.stores.identity_records.of_number("001099000777")
    assert found is not None
    assert found.former_numbers == (AN,)


async def test_a_register_that_was_imported_for_some_events_is_refused_the_others(
    provider: Provider, push: EventPush
) -> None:
    register = await provider.stores.clients.get(REGISTER)
    assert register is not None
    entry = {
        "client_id": REGISTER,
        "scope": "registry_events",
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["client_credentials"],
        "jwks": register.metadata["jwks"],
        "register_event_types": ["urn:vn:register:event:residence-expired"],
    }
    client = client_of(ClientEntry.model_validate(entry))
    await provider.stores.records.load(Records(clients=(client,)), IMPORTED)
    status, text = await push.send(Notice(kind="death", subject=AN), provider.clock.at)
    assert (status, '"err":"access_denied"' in text) == (400, True)
    assert await is_active(provider)
    assert await push.send(Notice(kind="residence-expired", subject=AN), provider.clock.at) == (202, "")
    assert not await is_active(provider)


async def test_a_death_that_came_before_the_account_locks_it(provider: Provider, push: EventPush) -> None:
    late = person(777)
    assert await push.send(Notice(kind="death", subject=late.personal_number), provider.clock.at) == (202, "")
    await provider.stores.records.load(Records(people=(late,)), IMPORTED)
    account = await provider.stores.accounts.find(late.personal_number)
    assert account is not None
    assert not account.is_active


async def test_what_is_not_understood_is_told_in_words(provider: Provider, push: EventPush) -> None:
    status, text = await push.send(Notice(kind="death", subject="1"), provider.clock.at)
    assert status == 400
    assert '"err":"invalid_request"' in text
