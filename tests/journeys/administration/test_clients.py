from dataclasses import replace
from typing import Any

import msgspec
import pytest

from idp.adapters.crypto.signing_keys import FIRST_ALGORITHMS
from idp.adapters.importing.registered_document import RegisteredDocument
from idp.domain.clients.client import Client
from idp.domain.clients.client_secret import SealedSecret
from idp.domain.clients.onboarding import APPRAISAL_TIME, MOST_TESTERS, OnboardingStage
from idp.domain.clients.registration import Registration
from idp.domain.events import ClientChanged
from idp.domain.ids import AccountId, ClientId, Seconds, TokenHash
from idp.domain.offices.administration import Role
from idp.domain.offices.change_request import ChangeRequest
from idp.journeys.administration.client_changes import (
    ChangeMetadata,
    ClientStore,
    IntoProduction,
    differences,
    version_of,
)
from idp.journeys.administration.clients import ClientDesk, ClientParts, EnteredGates, is_late
from idp.journeys.administration.errors import ChangedMeanwhileError, InvalidEntryError, NotFoundError
from idp.journeys.administration.four_eyes import FourEyes
from tests.journeys.administration.office import admin
from tests.journeys.administration.standing import EverybodyStands
from tests.journeys.stage import AN, Stage

ADMIN = admin("asks", "G10", Role.CLIENT_ADMIN)
DECIDER = admin("decides", "G10", Role.CLIENT_ADMIN)
METADATA = {"client_name": {"vi": "Đất"}, "redirect_uris": ["https://land.example.vn/cb"], "scope": "openid"}
GATES = EnteredGates(purpose="Hồ sơ", agreement="12", agreement_date="2026-03-04", security_level="3")


def store_of(stage: Stage) -> ClientStore:
    return ClientStore(stage.stores.client_registry, RegisteredDocument(lambda: FIRST_ALGORITHMS))


def desk_of(stage: Stage) -> ClientDesk:
    stores, store = stage.stores, store_of(stage)
    kinds = (IntoProduction(store), ChangeMetadata(store))
    four_eyes = FourEyes(
        stores.change_requests,
        kinds,
        stores.agency_tree,
        stores.audit_trail,
        stores.accounts,
        stage.clock,
        stage.entropy,
        askers=EverybodyStands(),
    )
    return ClientDesk(
        ClientParts(
            registry=stores.client_registry,
            store=store,
            accounts=stores.accounts,
            throttling=stage.throttling,
            audit=stores.audit_trail,
            four_eyes=four_eyes,
            seal=lambda client_id, secret: SealedSecret(client_id.encode(), secret.encode()),
            clock=stage.clock,
            entropy=stage.entropy,
        )
    )


async def ready(stage: Stage) -> ClientDesk:
    """The desk with a service whose gates are open."""
    desk = desk_of(stage)
    await desk.register(ADMIN, "land", METADATA)
    await desk.record_gates(ADMIN, "land", GATES)
    await desk.start_appraisal(ADMIN, "land")
    await desk.decide_appraisal(ADMIN, "land", "passed")
    return desk


def approved(client: Client, kind: str, **payload: Any) -> ChangeRequest:
    return ChangeRequest(
        change_id="change",
        kind=kind,
        subject=client.client_id,
        version=version_of(client),
        payload=payload,
        agency_code="G10",
        asked_by=ADMIN.account_id,
        asked_at=Seconds(0),
        expires_at=Seconds(1),
    )


async def test_a_service_is_not_promised_answers_that_no_key_signs(stage: Stage) -> None:
    desk = desk_of(stage)
    with pytest.raises(InvalidEntryError) as refused:
        await desk.register(ADMIN, "land", {**METADATA, "id_token_signed_response_alg": "EdDSA"})
    assert refused.value.field == "id_token_signed_response_alg"


async def test_production_takes_effect_once_and_only_as_it_was_asked(stage: Stage) -> None:
    desk, kind = await ready(stage), IntoProduction(store_of(stage))
    client = await desk.find(ADMIN, "land")
    change = approved(client, kind.name)
    await desk.record_gates(ADMIN, "land", replace(GATES, purpose="Khác"))
    with pytest.raises(ChangedMeanwhileError):
        await kind.apply(change, DECIDER)

    change = approved(await desk.find(ADMIN, "land"), kind.name)
    await kind.apply(change, DECIDER)
    await kind.apply(change, DECIDER)
    opened = await desk.find(ADMIN, "land")
    assert opened.onboarding is not None
    assert opened.onboarding.stage is OnboardingStage.PRODUCTION
    with pytest.raises(ChangedMeanwhileError):
        await desk.ask_production(ADMIN, "land")


async def test_who_decides_on_production_reads_everything_that_is_registered_and_no_secret(stage: Stage) -> None:
    desk, kind = desk_of(stage), IntoProduction(store_of(stage))
    powers: dict[str, Any] = {
        "skip_consent": True,
        "minimum_acr": "urn:vn:loa:2",
        "audience": "officer",
        "scope": "scim registry_events",
        "scim_agency": "G10",
        "register_event_types": ["urn:vn:register:event:death"],
        "grant_types": ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"],
        "token_exchange": {"subjects": ["portal"], "audiences": ["https://api.example.vn"]},
        "jwks_uri": "https://land.example.vn/keys",
        "serves_organisations": True,
    }
    secret = await desk.register(ADMIN, "land", {"client_name": {"vi": "Đất"}, **powers})
    shown = await kind.shown(approved(await desk.find(ADMIN, "land"), kind.name))
    assert {f"client.{name}" for name in powers} < shown.keys()
    assert shown["client.skip_consent"] == "true"
    assert shown["client.scim_agency"] == "G10"
    assert shown["client.token_exchange"] == '{"audiences":["https://api.example.vn"],"subjects":["portal"]}'
    assert secret is not None
    assert secret not in str(shown)


async def test_who_decides_on_production_reads_what_counts_where_nothing_is_registered(stage: Stage) -> None:
    desk, kind = desk_of(stage), IntoProduction(store_of(stage))
    await desk.register(ADMIN, "land", {"redirect_uris": ["https://land.example.vn/cb"]})
    shown = await kind.shown(approved(await desk.find(ADMIN, "land"), kind.name))
    assert shown["client.scope"] == "openid"
    assert shown["client.grant_types"] == "authorization_code"
    assert shown["client.audience"] == "both"


async def test_metadata_change_once_and_keep_what_was_decided(stage: Stage) -> None:
    desk, kind = await ready(stage), ChangeMetadata(store_of(stage))
    client = await desk.find(ADMIN, "land")
    change = approved(client, kind.name, metadata={**client.metadata, "scope": "openid profile"})
    assert (await kind.shown(change))["client.scope"] == "openid → openid profile"
    await kind.apply(change, DECIDER)
    await kind.apply(change, DECIDER)
    changed = await desk.find(ADMIN, "land")
    assert changed == replace(client, scopes=frozenset({"openid", "profile"}), metadata=changed.metadata)


async def test_an_appraisal_is_decided_once_and_late_after_thirty_days(stage: Stage) -> None:
    desk = desk_of(stage)
    await desk.register(ADMIN, "land", METADATA)
    with pytest.raises(ChangedMeanwhileError):
        await desk.decide_appraisal(ADMIN, "land", "passed")
    await desk.start_appraisal(ADMIN, "land")
    client = await desk.find(ADMIN, "land")
    assert not is_late(client, stage.clock.now())
    assert is_late(client, Seconds(stage.clock.now() + APPRAISAL_TIME))
    await desk.decide_appraisal(ADMIN, "land", "refused")
    with pytest.raises(ChangedMeanwhileError):
        await desk.decide_appraisal(ADMIN, "land", "passed")
    await desk.start_appraisal(ADMIN, "land")


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        (replace(GATES, agreement_date="4/3/2026"), "agreement_date"),
        (replace(GATES, security_level="6"), "security_level"),
        (replace(GATES, purpose="x" * 501), "purpose"),
    ],
)
async def test_gates_are_recorded_as_they_can_be_read(stage: Stage, entered: EnteredGates, field: str) -> None:
    desk = await ready(stage)
    with pytest.raises(InvalidEntryError) as refused:
        await desk.record_gates(ADMIN, "land", entered)
    assert refused.value.field == field


async def test_gates_are_kept_as_they_are_seen(stage: Stage) -> None:
    desk = await ready(stage)
    await desk.record_gates(ADMIN, "land", replace(GATES, purpose="Tra cứu\0thửa\u202e đất\n"))
    way = (await desk.find(ADMIN, "land")).onboarding
    assert way is not None
    assert way.purpose == "Tra cứu thửa đất"


async def test_testers_are_few_known_and_not_for_services_in_production(stage: Stage) -> None:
    desk = await ready(stage)
    for identifier, reason in (("???", "malformed"), ("001099999999", "unknown")):
        with pytest.raises(InvalidEntryError) as refused:
            await desk.add_tester(ADMIN, "land", identifier)
        assert refused.value.reason == reason
    with pytest.raises(ChangedMeanwhileError):
        await desk.add_tester(ADMIN, "portal", AN)
    client = await desk.find(ADMIN, "land")
    assert client.onboarding is not None
    many = replace(client.onboarding, testers=tuple(AccountId(f"{number}") for number in range(MOST_TESTERS)))
    await store_of(stage).step(ADMIN, client, replace(client, onboarding=many), "testers")
    with pytest.raises(ChangedMeanwhileError):
        await desk.add_tester(ADMIN, "land", AN)


async def test_a_secret_lives_on_for_one_of_the_known_spans(stage: Stage) -> None:
    desk = await ready(stage)
    with pytest.raises(InvalidEntryError):
        await desk.renew_secret(ADMIN, "land", 365)
    await desk.renew_secret(ADMIN, "land", 7)
    await desk.renew_secret(ADMIN, "land", 0)
    assert len((await desk.find(ADMIN, "land")).secrets_in_force(stage.clock.now())) == 1
    with pytest.raises(NotFoundError):
        await desk.renew_secret(ADMIN, "nobody", 0)


async def test_a_new_secret_of_a_service_in_production_names_who_made_it(stage: Stage) -> None:
    desk, kind = await ready(stage), IntoProduction(store_of(stage))
    await kind.apply(approved(await desk.find(ADMIN, "land"), kind.name), DECIDER)
    await desk.renew_secret(ADMIN, "land", 7)
    last = [each async for each in stage.stores.audit_log.records()][-1]
    told = msgspec.json.decode(last.payload)["event"]
    assert (told["client_id"], told["change"], told["account_id"]) == ("land", "secret", ADMIN.account_id)


async def test_a_service_that_deleted_its_registration_is_enabled_by_nobody(stage: Stage) -> None:
    desk, registered = desk_of(stage), Registration(TokenHash(b"h"), Seconds(1))
    for client_id, registration in (("paused", registered), ("deleted", replace(registered, deleted=True))):
        client = Client(ClientId(client_id), registration=registration, disabled=True)
        event = ClientChanged(origin=ADMIN.origin, client_id=client.client_id, change="disabled")
        assert await stage.stores.client_registry.add(client, event)
    await desk.switch(ADMIN, "paused", disabled=False)
    assert not (await desk.find(ADMIN, "paused")).disabled
    with pytest.raises(InvalidEntryError) as refused:
        await desk.switch(ADMIN, "deleted", disabled=False)
    assert refused.value.reason == "deleted"
    assert (await desk.find(ADMIN, "deleted")).disabled


def test_differences_are_told_by_registered_names() -> None:
    before = {"scope": "openid", "redirect_uris": ["a", "b"], "claims": None, "same": 1}
    after = {"scope": "openid", "redirect_uris": ["a"], "claims": {"name": {"legal_basis": "law"}}, "same": 1}
    assert differences(before, after) == {
        "client.claims": '– → {"name":{"legal_basis":"law"}}',
        "client.redirect_uris": "a b → a",
    }


async def test_who_asks_by_testers_who_has_an_account_is_seen_and_slowed_down(stage: Stage) -> None:
    desk = await ready(stage)
    await desk.add_tester(ADMIN, "land", AN)
    (added,) = [event for event in await stage.events("client.changed") if "tester_added" in event]
    client = await desk.find(ADMIN, "land")
    assert client.onboarding
    (tester,) = client.onboarding.testers
    assert f'"tester":"{tester}"' in added
    reasons = []
    for _ in range(31):
        with pytest.raises(InvalidEntryError) as refused:
            await desk.add_tester(ADMIN, "land", "001099999999")
        reasons.append(refused.value.reason)
    assert (reasons[0], reasons[-1]) == ("unknown", "too_often")
    told = await stage.events("administration.refused")
    assert len(told) == 31
    assert "tester_unknown" in told[0]
    assert "001099999999" not in str(told)
    with pytest.raises(InvalidEntryError):
        await desk.add_tester(ADMIN, "land", AN)
    stage.clock.advance(120)
    await desk.remove_tester(ADMIN, "land", tester)
    await desk.add_tester(ADMIN, "land", AN)


@pytest.mark.parametrize("client_id", ["new", ".", "..", "a/b/change"])
async def test_no_service_is_registered_that_the_console_could_not_show(stage: Stage, client_id: str) -> None:
    with pytest.raises(InvalidEntryError) as refused:
        await desk_of(stage).register(ADMIN, client_id, METADATA)
    assert refused.value.field == "client_id"


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
async def test_what_is_no_metadata_is_refused_instead_of_dropped(stage: Stage, name: str) -> None:
    desk = await ready(stage)
    with pytest.raises(InvalidEntryError) as refused:
        await desk.change(ADMIN, "land", {name: "x"})
    assert refused.value.field == name
