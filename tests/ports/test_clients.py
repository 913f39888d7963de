"""The contracts of `Clients` and `ClientRegistry`."""

import asyncio
from dataclasses import replace

from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.sql.stores import Stores, open_stores
from idp.domain.clients.client import Client, ClientAudience, Resource, SubjectType
from idp.domain.clients.client_policy import ClientProfile
from idp.domain.ids import ClientId
from idp.domain.levels.assurance import Level
from idp.domain.records import Records
from idp.ports.vault import Vault
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT, client

EVERYTHING = Client(
    client_id=ClientId("portal"),
    secret_hashes=(b"\x00" * 32, b"\xff" * 32),
    names={"vi": "Cổng", "en": "Portal"},
    logo_uri="https://rp.example.vn/logo.png",
    policy_uris={"": "https://rp.example.vn/policy"},
    tos_uris={"vi": "https://rp.example.vn/tos"},
    redirect_uris=("https://rp.example.vn/callback?a=b",),
    post_logout_redirect_uris=("https://rp.example.vn/",),
    backchannel_logout_uri="https://rp.example.vn/logout",
    backchannel_logout_session_required=True,
    token_endpoint_auth_method="client_secret_post",
    id_token_signed_response_alg="ES256",
    userinfo_signed_response_alg="RS256",
    grant_types=frozenset({"authorization_code", "refresh_token"}),
    scopes=frozenset({"openid", "email"}),
    subject_type=SubjectType.PUBLIC,
    sector="rp.example.vn",
    default_max_age=300,
    default_acr_values=("urn:vn:loa:2",),
    audience=ClientAudience.OFFICER,
    minimum_level=Level.TWO,
    skip_consent=True,
    profile=ClientProfile.FAPI2,
    require_pkce=True,
    metadata={"contacts": ["a@example.vn"], "tls_client_certificate_bound_access_tokens": True},
)


async def test_a_client_reads_back_as_it_was_saved(stores: Stores) -> None:
    await stores.client_registry.save(EVERYTHING, EVENT)
    assert await stores.clients.get("portal") == EVERYTHING
    assert await stores.clients.get("Portal") is None
    assert await stores.clients.get("\x00") is None


async def test_a_change_is_seen_within_a_second(stores: Stores, clock: TurnedClock) -> None:
    await stores.client_registry.save(client(), EVENT)
    assert await stores.clients.get("portal") == client()
    disabled = client(disabled=True)
    await stores.client_registry.save(disabled, EVENT)
    clock.seconds += 1
    assert await stores.clients.get("portal") == disabled


async def test_a_new_client_is_seen_at_once(stores: Stores) -> None:
    assert await stores.clients.get("portal") is None
    await stores.client_registry.save(client(), EVENT)
    assert await stores.clients.get("portal") == client()


async def test_another_process_s_change_is_seen_within_a_second(
    stores: Stores, database_url: str, vault: Vault, clock: TurnedClock
) -> None:
    await stores.client_registry.save(client(), EVENT)
    elsewhere = open_stores(database_url, vault, clock, SystemEntropy())
    assert await elsewhere.clients.get("portal") == client()
    await stores.client_registry.save(client(names={"": "Other"}), EVENT)
    assert await elsewhere.clients.get("portal") == client()
    clock.seconds += 1
    assert await elsewhere.clients.get("portal") == client(names={"": "Other"})
    await elsewhere.close()


async def test_resources_are_found_by_their_exact_audience(stores: Stores, clock: TurnedClock) -> None:
    assert await stores.clients.resources() == ()
    first = Resource("https://a.example.vn/api", frozenset({"dossier.read", "dossier.write"}))
    second = Resource("https://b.example.vn/api", frozenset())
    await stores.records.load(Records(resources=(second, first)), EVENT)
    clock.seconds += 1
    assert await stores.clients.resources() == (first, second)
    assert await stores.clients.resource("https://a.example.vn/api") == first
    assert await stores.clients.resource("https://a.example.vn/api/") is None


async def test_the_registry_pages_by_identifier(stores: Stores) -> None:
    for name in ("b", "a", "c"):
        await stores.client_registry.save(client(name), EVENT)
    assert [each.client_id for each in await stores.client_registry.page("", 2)] == ["a", "b"]
    assert [each.client_id for each in await stores.client_registry.page("b", 2)] == ["c"]
    assert await stores.client_registry.page("c", 2) == ()


async def test_saving_writes_its_event(stores: Stores) -> None:
    await stores.client_registry.save(client(), EVENT)
    await stores.client_registry.save(replace(client(), disabled=True), EVENT)
    assert len([record async for record in stores.audit_log.records()]) == 2


async def test_a_client_is_replaced_only_while_it_is_what_was_seen(stores: Stores) -> None:
    before = Client(client_id=ClientId("portal"))
    await stores.client_registry.save(before, EVENT)
    after = replace(before, disabled=True)
    assert await stores.client_registry.replace(before, after, EVENT)
    assert not await stores.client_registry.replace(before, replace(before, logo_uri="https://late.example"), EVENT)
    unknown = Client(client_id=ClientId("nobody"))
    assert not await stores.client_registry.replace(unknown, unknown, EVENT)
    assert await stores.client_registry.page("", 10) == (after,)


async def test_of_50_that_replace_what_they_saw_one_succeeds(stores: Stores) -> None:
    before = Client(client_id=ClientId("portal"))
    await stores.client_registry.save(before, EVENT)
    changed = [replace(before, logo_uri=f"https://{number}.example") for number in range(50)]
    answers = await asyncio.gather(*(stores.client_registry.replace(before, after, EVENT) for after in changed))
    assert sum(answers) == 1
    assert await stores.client_registry.page("", 10) == (changed[answers.index(True)],)


async def test_origins_are_those_of_public_clients_and_those_that_were_registered(
    stores: Stores, clock: TurnedClock
) -> None:
    public = Client(
        client_id=ClientId("spa"),
        token_endpoint_auth_method="none",
        redirect_uris=("https://spa.example.vn/callback", "vn.example.app:/callback"),
    )
    secret = replace(public, client_id=ClientId("server"), token_endpoint_auth_method="client_secret_basic")
    secret = replace(secret, redirect_uris=("https://server.example.vn/",))
    told = replace(secret, client_id=ClientId("told"), metadata={"allowed_origins": ["https://told.example.vn"]})
    for each in (public, secret, told):
        await stores.client_registry.save(each, EVENT)
    clock.seconds += 1
    assert await stores.clients.allows_origin("https://spa.example.vn")
    assert await stores.clients.allows_origin("https://told.example.vn")
    for origin in ("https://server.example.vn", "https://spa.example.vn/", "http://spa.example.vn", "null", ""):
        assert not await stores.clients.allows_origin(origin)


async def test_an_origin_is_known_and_forgotten_a_second_after_its_client_changed(
    stores: Stores, clock: TurnedClock
) -> None:
    assert not await stores.clients.allows_origin("https://spa.example.vn")
    spa = Client(
        client_id=ClientId("spa"), token_endpoint_auth_method="none", redirect_uris=("https://spa.example.vn/x",)
    )
    await stores.client_registry.save(spa, EVENT)
    clock.seconds += 1
    answers = await asyncio.gather(*(stores.clients.allows_origin("https://spa.example.vn") for _ in range(50)))
    assert answers == [True] * 50
    await stores.client_registry.save(replace(spa, disabled=True), EVENT)
    clock.seconds += 1
    assert not await stores.clients.allows_origin("https://spa.example.vn")


async def test_a_service_is_added_once_and_found_as_it_stands_at_once(stores: Stores) -> None:
    """Whoever administers sees the own change in the same second."""
    first, second = client("new", sector="one"), client("new", sector="two")
    answers = await asyncio.gather(*(stores.client_registry.add(each, EVENT) for each in (first, second) * 25))
    assert sum(answers) == 1
    kept = (first, second)[answers.index(True) % 2]
    assert await stores.client_registry.find("new") == kept
    assert await stores.client_registry.replace(kept, replace(kept, disabled=True), EVENT)
    assert await stores.client_registry.find("new") == replace(kept, disabled=True)
    assert await stores.client_registry.find("nobody") is None


async def test_services_are_found_by_what_they_are_called_however_many_do_not_fit(stores: Stores) -> None:
    for number in range(450):
        await stores.client_registry.save(client(f"client-{number:03}", names={"vi": f"Dịch vụ {number % 7}"}), EVENT)

    found: list[str] = []
    while page := await stores.client_registry.matching(
        lambda _, names: names["vi"].endswith("3"), found[-1] if found else "", 30
    ):
        found += [each.client_id for each in page]
    assert found == [f"client-{number:03}" for number in range(450) if number % 7 == 3]
