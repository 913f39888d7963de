"""The contract of `RecordStore`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.sql.people.sealed_people import PeopleSealer
from idp.adapters.sql.stores import Stores
from idp.domain.clients.client import Resource
from idp.domain.clients.client_secret import RetiringSecret
from idp.domain.country_time import beginning_of, day_of
from idp.domain.ids import GrantId, Seconds
from idp.domain.levels.assurance import Level
from idp.domain.levels.assurance_policy import FIRST_POLICY, Rule
from idp.domain.people.verification import verification_of
from idp.domain.records import AgencyRecord, Loaded, OrganisationRecord, PersonRecord, Records
from idp.ports.records import PreparedPeople, RecordConflictError
from idp.ports.vault import Vault
from idp.protocol.clients.client_secrets import ClientSecrets
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT, NOW, client, digest, event, officer, person, refreshable

MINISTRY = AgencyRecord("G10", "Bộ Tài nguyên và Môi trường", "ministry", valid_from=date(2025, 3, 1))
DEPARTMENT = AgencyRecord("G10.01", "Cục Đất đai", "department", parent="G10")
RESOURCE = Resource("https://api.example.vn", frozenset({"dossier.read", "dossier.write"}))
EVERYTHING = Records(
    agencies=(DEPARTMENT, MINISTRY),
    organisations=(OrganisationRecord("0100109106", "Công ty", ("001099000001", "001099000002")),),
    people=(person(1, totp_secret="JBSWY3DPEHPK3PXP"), person(2)),
    officers=(officer(1, totp_secret="KRSXG5CTMVRXEZLU"),),
    resources=(RESOURCE,),
    clients=(client("portal", secret_hashes=(bytes(digest("s")),), metadata={"contacts": ("a", "b")}),),
)


Prepare = Callable[[Sequence[PersonRecord]], PreparedPeople]


@pytest.fixture
def prepared(vault: Vault, clock: TurnedClock, entropy: SystemEntropy) -> Prepare:
    return PeopleSealer(vault, clock, entropy).prepare


async def exported(stores: Stores) -> Records:
    whole = Records()
    async for piece in stores.records.export():
        whole = Records(**{name: getattr(whole, name) + getattr(piece, name) for name in Records.__dataclass_fields__})
    return whole


async def test_everything_is_loaded_and_nothing_twice(stores: Stores) -> None:
    assert await stores.records.load(EVERYTHING, EVENT) == Loaded(created=8)
    before = await exported(stores)
    assert await stores.records.load(EVERYTHING, EVENT) == Loaded(unchanged=8)
    assert await exported(stores) == before


async def test_an_export_has_everything_but_secrets(stores: Stores) -> None:
    await stores.records.load(EVERYTHING, EVENT)
    back = await exported(stores)
    assert back.agencies == (MINISTRY, DEPARTMENT)
    assert back.organisations == EVERYTHING.organisations
    assert back.resources == EVERYTHING.resources
    assert set(map(str, back.people)) == {
        str(replace(each, claims=each.claims | {"updated_at": NOW}, password_hash=None, totp_secret=None))
        for each in EVERYTHING.people
    }
    assert back.officers == (replace(EVERYTHING.officers[0], password_hash=None, totp_secret=None),)
    assert [each.secret_hashes for each in back.clients] == [()]


async def test_an_export_loads_again_without_a_change(stores: Stores) -> None:
    await stores.records.load(EVERYTHING, EVENT)
    back = await exported(stores)
    assert await stores.records.load(replace(back, clients=()), EVENT) == Loaded(unchanged=7)


async def test_a_changed_person_is_changed_and_found_by_the_new_contact(stores: Stores) -> None:
    await stores.records.load(EVERYTHING, EVENT)
    moved = person(2, email="moi@example.vn", phone_number=None, claims={"name": "Tên Mới", "locale": "en"}, level=1)
    assert await stores.records.load(Records(people=(moved,)), EVENT) == Loaded(changed=1)
    account = await stores.accounts.find("moi@example.vn")
    assert account is not None
    assert account.locale == "en"
    assert await stores.accounts.find("hoa2@example.vn") is None
    assert await stores.accounts.find("+84900000002") is None
    profile = await stores.accounts.profile(account.account_id)
    assert profile is not None
    assert (profile.claims["name"], profile.identity_level) == ("Tên Mới", 1)


async def test_an_address_spelled_otherwise_still_signs_in(stores: Stores) -> None:
    await stores.records.load(Records(people=(person(1, email="Hoa.Le@example.vn"),)), EVENT)
    account = await stores.accounts.find("hoa.le@example.vn")
    assert account is not None
    (email, _) = await stores.accounts.contacts(account.account_id)
    assert email.address == "Hoa.Le@example.vn"


async def test_how_a_person_was_proved_is_kept_told_and_exported(stores: Stores) -> None:
    proved = {"time": "2025-07-01T09:00:00+07:00", "evidence": [{"type": "document"}]}
    await stores.records.load(Records(people=(person(1, verification=proved), person(2, level=1))), EVENT)

    accounts = [await stores.accounts.find(person(number).personal_number) for number in (1, 2)]
    verified, bare = [await stores.accounts.profile(account.account_id) for account in accounts if account]
    assert verified is not None
    assert bare is not None
    assert verified.verification == verification_of(2, proved)
    assert bare.verification == verification_of(1, None)
    told = [each.verification async for part in stores.records.export() for each in part.people]
    assert sorted(told, key=str) == [None, proved]
    again = Records(people=(person(1, verification=proved),))
    assert await stores.records.load(again, EVENT) == Loaded(unchanged=1)
    changed = Records(people=(person(1, verification={**proved, "verification_process": "HN-1"}),))
    assert await stores.records.load(changed, EVENT) == Loaded(changed=1)


async def test_credentials_are_replaced_only_by_others(stores: Stores, clock: TurnedClock) -> None:
    await stores.records.load(EVERYTHING, EVENT)
    account = await stores.accounts.find(person(1).personal_number)
    assert account is not None
    (before,) = await stores.authenticators.enrolled(account.account_id)
    await stores.authenticators.accept_time_step(before.authenticator_id, 60_000_000, event())
    silent = person(1, password_hash=None, totp_secret=None)
    assert await stores.records.load(Records(people=(silent,)), EVENT) == Loaded(unchanged=1)
    (same,) = await stores.authenticators.enrolled(account.account_id)
    assert same == replace(before, last_step=60_000_000)
    clock.seconds += 60
    other = person(1, password_hash="$argon2id$other", totp_secret="KRSXG5CTMVRXEZLU")
    assert await stores.records.load(Records(people=(other,)), EVENT) == Loaded(changed=1)
    (after,) = await stores.authenticators.enrolled(account.account_id)
    assert after == replace(before, secret="KRSXG5CTMVRXEZLU", created_at=Seconds(NOW + 60))
    expected = replace(account, password_hash="$argon2id$other", sessions_valid_from=Seconds(NOW + 61))
    assert await stores.accounts.get(account.account_id) == expected


async def test_a_password_that_is_replaced_ends_what_it_had_opened_and_the_first_one_ends_nothing(
    stores: Stores,
) -> None:
    await stores.records.load(Records(people=(person(1), person(2, password_hash=None))), EVENT)
    changed, first = [await stores.accounts.find(person(number).personal_number) for number in (1, 2)]
    assert changed is not None
    assert first is not None
    for name, account in (("1", changed), ("2", first)):
        await stores.grants.start(refreshable(account, name, offline=True), [])

    again = (person(1, password_hash="$argon2id$other"), person(2))
    assert await stores.records.load(Records(people=again), EVENT) == Loaded(changed=2)

    ended, lives = [await stores.grants.get(GrantId(f"grant-{name}")) for name in "12"]
    assert ended is not None
    assert lives is not None
    assert ended.revoked_at == NOW
    assert lives.is_live(Seconds(NOW))
    await stores.database.settle_events()
    names = [record.name async for record in stores.audit_log.records()]
    assert names.count("password.changed") == 1


async def test_a_secret_is_added_to_somebody_who_has_none(stores: Stores) -> None:
    await stores.records.load(Records(people=(person(1),)), EVENT)
    with_secret = person(1, totp_secret="KRSXG5CTMVRXEZLU")
    assert await stores.records.load(Records(people=(with_secret,)), EVENT) == Loaded(changed=1)
    assert await stores.records.load(Records(people=(with_secret,)), EVENT) == Loaded(unchanged=1)


async def test_an_officer_s_new_post_replaces_the_old_one(stores: Stores) -> None:
    await stores.records.load(EVERYTHING, EVENT)
    before = await stores.accounts.find("b1@g10.example.vn")
    moved = officer(1, agency="G10", position="Trưởng phòng", roles=("agency_admin",), username="c1@g10.example.vn")
    assert await stores.records.load(Records(officers=(moved,)), EVENT) == Loaded(changed=1)
    after = await stores.accounts.find("c1@g10.example.vn")
    assert before is not None
    assert after == before
    assert await stores.accounts.find("b1@g10.example.vn") is None
    profile = await stores.accounts.profile(after.account_id)
    assert profile is not None
    assert profile.officer is not None
    assert (profile.officer.agency_code, profile.officer.position) == ("G10", "Trưởng phòng")
    assert profile.officer.roles == ("agency_admin",)


async def test_registers_are_brought_to_what_the_file_says(stores: Stores) -> None:
    await stores.records.load(EVERYTHING, EVENT)
    changed = Records(
        agencies=(replace(DEPARTMENT, name="Cục Quản lý đất đai"),),
        organisations=(OrganisationRecord("0100109106", "Công ty", ("001099000002",)),),
        resources=(replace(RESOURCE, scopes=frozenset()),),
        clients=(client("portal"),),
    )
    assert await stores.records.load(changed, EVENT) == Loaded(changed=4)
    back = await exported(stores)
    assert back.agencies == (MINISTRY, changed.agencies[0])
    assert back.organisations == changed.organisations
    assert back.resources == changed.resources


async def test_a_disabled_client_stays_disabled(stores: Stores) -> None:
    await stores.client_registry.save(client(disabled=True), EVENT)
    assert await stores.records.load(Records(clients=(client(),)), EVENT) == Loaded(unchanged=1)
    assert await stores.clients.get("portal") == client(disabled=True)


@pytest.mark.parametrize(
    ("records", "path"),
    [
        (Records(people=(person(3), person(4, email="hoa1@example.vn"))), "people[1].email"),
        (Records(people=(person(3), person(4, phone_number="+84900000001"))), "people[1].phone_number"),
        (Records(people=(person(3), person(4, email="HOA3@example.vn"))), "people[1].email"),
        (Records(people=(person(2, email="hoa1@example.vn"),)), "people[0].email"),
        (Records(people=(person(3, email="b1@g10.example.vn"),)), "people[0].email"),
        (Records(officers=(officer(2, username="hoa1@example.vn"),)), "officers[0].username"),
        (Records(officers=(officer(2, agency="H99"),)), "officers[0].agency"),
        (Records(officers=(officer(9),)), "officers[0].personal_number"),
        (Records(agencies=(replace(DEPARTMENT, code="G11.01", parent="G11"),)), "agencies[0].parent"),
        (
            Records(organisations=(OrganisationRecord("0100109106", "Công ty", ("001099000009",)),)),
            "organisations[0].representatives[0]",
        ),
    ],
)
async def test_a_contradiction_is_named_and_nothing_is_loaded(stores: Stores, records: Records, path: str) -> None:
    await stores.records.load(EVERYTHING, EVENT)
    before, heads = await exported(stores), await stores.audit_log.heads()
    with pytest.raises(RecordConflictError) as refusal:
        await stores.records.load(replace(records, resources=(Resource("https://new.example.vn", frozenset()),)), EVENT)
    assert refusal.value.path == path
    assert "@" not in str(refusal.value)
    assert await exported(stores) == before
    assert await stores.audit_log.heads() == heads


async def test_a_batch_is_loaded_with_its_mark(stores: Stores, prepared: Prepare) -> None:
    assert await stores.records.mark("people.jsonl") == 0
    first = await stores.records.load_people(prepared([person(1), person(2)]), "people.jsonl", 2, EVENT)
    assert (first, await stores.records.mark("people.jsonl")) == (Loaded(created=2), 2)
    second = await stores.records.load_people(prepared([person(2), person(3)]), "people.jsonl", 4, EVENT)
    assert (second, await stores.records.mark("people.jsonl")) == (Loaded(created=1, unchanged=1), 4)
    assert await stores.records.mark("other.jsonl") == 0


async def test_a_refused_batch_leaves_the_mark_where_it_was(stores: Stores, prepared: Prepare) -> None:
    await stores.records.load_people(prepared([person(1)]), "people.jsonl", 1, EVENT)
    refused = prepared([person(2), person(3, email="hoa1@example.vn")])
    with pytest.raises(RecordConflictError):
        await stores.records.load_people(refused, "people.jsonl", 3, EVENT)
    assert await stores.records.mark("people.jsonl") == 1
    assert await stores.records.account_of(person(2).personal_number) is None


async def test_what_one_person_gives_up_the_next_one_of_the_batch_may_have(stores: Stores, prepared: Prepare) -> None:
    await stores.records.load(EVERYTHING, EVENT)
    moved = person(1, email="moi@example.vn"), person(3, email="hoa1@example.vn"), person(2, email=None)
    assert await stores.records.load_people(prepared(moved), "f", 3, EVENT) == Loaded(created=1, changed=2)
    heir, mover = await stores.accounts.find("hoa1@example.vn"), await stores.accounts.find("moi@example.vn")
    assert heir == await stores.accounts.find(person(3).personal_number)
    assert mover == await stores.accounts.find(person(1).personal_number)
    assert await stores.accounts.find("hoa2@example.vn") is None
    taken_too_early = prepared([person(4, email="moi@example.vn"), person(1, email="hoa9@example.vn")])
    with pytest.raises(RecordConflictError, match=r"people\[0\]\.email"):
        await stores.records.load_people(taken_too_early, "f", 5, EVENT)


async def test_a_batch_larger_than_one_look_up_is_loaded_whole(stores: Stores, prepared: Prepare) -> None:
    many = [person(number) for number in range(1, 601)]
    assert await stores.records.load_people(prepared(many), "f", 600, EVENT) == Loaded(created=600)
    many[599] = replace(many[599], level=1)
    assert await stores.records.load_people(prepared(many), "f", 600, EVENT) == Loaded(changed=1, unchanged=599)


async def test_the_account_behind_an_identifier_is_told(stores: Stores) -> None:
    await stores.records.load(EVERYTHING, EVENT)
    account = await stores.accounts.find("001099000001")
    assert account is not None
    assert await stores.records.account_of("hoa1@example.vn") == account.account_id
    assert await stores.records.account_of("nobody@example.vn") is None


async def test_a_secret_that_a_client_signs_with_is_sealed_once_and_changed_with_the_file(
    stores: Stores, vault: Vault, clock: TurnedClock
) -> None:
    def told(secret: str) -> Records:
        signing = client(
            "signing", secret_hashes=(bytes(digest(secret)),), token_endpoint_auth_method="client_secret_jwt"
        )
        return Records(clients=(signing,), signing_secrets=((signing.client_id, secret),))

    async def kept() -> tuple[bytes, ...]:
        clock.seconds += 1
        stored = await stores.clients.get("signing")
        assert stored is not None
        return ClientSecrets(vault).in_force(stored, clock.now())

    assert await stores.records.load(told("first"), EVENT) == Loaded(created=1)
    assert await kept() == (b"first",)
    assert await stores.records.load(told("first"), EVENT) == Loaded(unchanged=1)
    assert await stores.records.load(told("second"), EVENT) == Loaded(changed=1)
    assert await kept() == (b"second",)
    assert (await exported(stores)).clients[0].sealed_secret is None


async def test_a_rotation_under_way_survives_an_import_that_tells_the_same_secret(
    stores: Stores, clock: TurnedClock
) -> None:
    told = client("portal", secret_hashes=(b"new",))
    retiring = RetiringSecret(b"old", Seconds(NOW + 60))
    await stores.client_registry.save(replace(told, retiring_secrets=(retiring,)), EVENT)
    assert await stores.records.load(Records(clients=(told,)), EVENT) == Loaded(unchanged=1)
    assert await stores.records.load(Records(clients=(replace(told, secret_hashes=(b"x",)),)), EVENT) == Loaded(
        changed=1
    )
    clock.seconds += 1
    stored = await stores.clients.get("portal")
    assert stored is not None
    assert (stored.secret_hashes, stored.retiring_secrets) == ((b"x",), ())


async def test_versions_of_the_policy_are_added_in_order_and_never_changed(stores: Stores) -> None:
    second = replace(FIRST_POLICY, version=2, effective_from=Seconds(NOW - 100), clients={"portal": Rule(Level.TWO)})
    third = replace(second, version=3, clients={})
    assert await stores.records.load(Records(policies=(third, second)), EVENT) == Loaded(created=2)
    assert await stores.records.load(Records(policies=(second, third)), EVENT) == Loaded(unchanged=2)
    assert (await exported(stores)).policies == (second, third)
    with pytest.raises(RecordConflictError, match=r"policies\[0\]\.version: is recorded with other rules"):
        await stores.records.load(Records(policies=(replace(second, clients={}),)), EVENT)
    with pytest.raises(RecordConflictError, match=r"policies\[1\]\.version: is not the next version"):
        await stores.records.load(Records(policies=(second, replace(third, version=5))), EVENT)
    recorded = await stores.assurance_policies.recorded()
    assert [each.counts_from for each in recorded] == [NOW, NOW]
    names = [record.name async for record in stores.audit_log.records()]
    assert names.count("assurance_policy.recorded") == 2


async def test_an_officers_post_is_held_on_the_days_of_the_record(stores: Stores, clock: TurnedClock) -> None:
    today = day_of(clock.now())
    record = officer(1, held_from=today + timedelta(days=1), held_to=today + timedelta(days=3))
    await stores.records.load(
        Records(agencies=(AgencyRecord("G10.01", "Vụ", "department"),), people=(person(1),), officers=(record,)), EVENT
    )

    async def agency() -> str | None:
        account_id = await stores.records.account_of(record.username)
        assert account_id
        profile = await stores.accounts.profile(account_id)
        assert profile
        return profile.officer.agency_code if profile.officer else None

    assert await agency() is None
    again = await stores.records.load(Records(officers=(record,)), EVENT)
    assert (again.changed, again.unchanged) == (0, 1)
    exported = [each async for part in stores.records.export() for each in part.officers]
    assert [(each.held_from, each.held_to) for each in exported] == [(record.held_from, record.held_to)]
    clock.seconds = beginning_of(today + timedelta(days=1))
    assert await agency() == "G10.01"
    sooner = replace(record, held_to=today + timedelta(days=2))
    assert (await stores.records.load(Records(officers=(sooner,)), EVENT)).changed == 1
    clock.seconds = beginning_of(today + timedelta(days=2))
    assert await agency() is None
    back = replace(record, held_from=None, held_to=None)
    assert (await stores.records.load(Records(officers=(back,)), EVENT)).changed == 1
    assert await agency() == "G10.01"


async def test_an_agency_that_ended_says_who_follows(stores: Stores) -> None:
    district = AgencyRecord("H26.12", "Quận", "district", valid_to=date(2025, 7, 1), successors=("H26.101",))
    commune = AgencyRecord("H26.101", "Phường", "commune")
    with pytest.raises(RecordConflictError, match=r"agencies\[0\].successors"):
        await stores.records.load(Records(agencies=(district,)), EVENT)
    await stores.records.load(Records(agencies=(district, commune)), EVENT)
    assert (await stores.records.load(Records(agencies=(district, commune)), EVENT)).unchanged == 2
    exported = [each async for part in stores.records.export() for each in part.agencies]
    assert exported == [commune, district]
