"""The contract of `Authorities`, `Mandates`, `Guardianships` and `Organisations`."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account
from idp.domain.accounts.account_lock import LockGround, RegisterEffect
from idp.domain.events import (
    AuthorityLapsed,
    GrantRevoked,
    GuardianshipEnded,
    MandateEnded,
    OrganisationDissolved,
    RegisterEventReceived,
    WardRegistered,
)
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import ClientId, GrantId, PersonId, Seconds
from idp.domain.people.identity_record import NewPerson
from idp.domain.records import AgencyRecord, OrganisationRecord, Records
from idp.domain.representation.authority import Basis, authorities, authority_for
from idp.domain.representation.guardianship import Guardianship, GuardianshipEnd, GuardianshipKind
from idp.domain.representation.mandate import Function, Mandate, MandateEnd
from idp.domain.representation.principal import Principal, PrincipalKind
from idp.ports.account_locks import RegisterChange
from idp.ports.authorities import WardDetails, Wardship
from idp.ports.identity_records import AlreadyKnownError
from tests.ports.samples import EVENT, NOW, ORIGIN, client, event, grant, officer, person

now = Seconds(NOW)
PORTAL = ClientId("portal")
TAX_CODE = "0100109106"
DAY = 24 * 3600
ORGANISATION = Principal(PrincipalKind.ORGANISATION, TAX_CODE)
ENDED = MandateEnded(origin=ORIGIN, mandate_id="mandate-1", principal="", end="revoked")
UNGUARDED = GuardianshipEnded(origin=ORIGIN, guardianship_id="ward-1", end="withdrawn")
DETAILS = WardDetails("001215000001", "Nguyễn Thị Bé", date(2015, 3, 4))


async def load(stores: Stores, *numbers: int) -> tuple[Account, ...]:
    """The accounts of people by number; the organisation is represented by the first two of the register."""
    people = tuple(person(number) for number in numbers)
    await stores.records.load(Records(people=people), EVENT)
    found = [await stores.accounts.find(each.personal_number) for each in people]
    return tuple(account for account in found if account is not None)


async def register(stores: Stores, *representatives: int) -> None:
    numbers = tuple(person(number).personal_number for number in representatives)
    record = OrganisationRecord(TAX_CODE, "Công ty Bình Minh", numbers)
    await stores.records.load(Records(organisations=(record,)), EVENT)


def mandate(giver: Account | str, holder: Account, name: str = "1", *, by: Account | None = None) -> Mandate:
    is_person = isinstance(giver, Account)
    return Mandate(
        mandate_id=f"mandate-{name}",
        giver_kind=PrincipalKind.PERSON if is_person else PrincipalKind.ORGANISATION,
        giver=giver.person_id if isinstance(giver, Account) else giver,
        holder=holder.person_id,
        services=frozenset({PORTAL}),
        functions=frozenset({Function.VIEW, Function.SUBMIT}),
        valid_from=Seconds(NOW - DAY),
        valid_to=Seconds(NOW + 30 * DAY),
        created_by=giver.person_id if isinstance(giver, Account) else (by or holder).person_id,
        created_at=now,
        agreed_at=now if is_person else None,
    )


def guardianship(guardian: Account, name: str = "1", kind: GuardianshipKind = GuardianshipKind.MINOR) -> Guardianship:
    return Guardianship(f"ward-{name}", kind, guardian.person_id, now)


async def principals(stores: Stores, account: Account, at: int = NOW) -> list[str]:
    record = await stores.authorities.of_account(account.account_id)
    return [str(each.principal) for each in authorities(record, PORTAL, Seconds(at))]


async def test_a_legal_representative_acts_for_the_organisation(stores: Stores) -> None:
    one, two = await load(stores, 1, 2)
    await register(stores, 1)
    assert await principals(stores, one) == [str(ORGANISATION)]
    assert await principals(stores, two) == []
    record = await stores.authorities.of_account(one.account_id)
    authority = authority_for(record, ORGANISATION, PORTAL, now)
    assert authority is not None
    assert (authority.basis, authority.name) == (Basis.REPRESENTATIVE, "Công ty Bình Minh")


async def test_officers_and_locked_accounts_act_for_nobody(stores: Stores) -> None:
    (one,) = await load(stores, 1)
    await register(stores, 1)
    await stores.records.load(
        Records(agencies=(AgencyRecord("G10.01", "Cục", "department"),), officers=(officer(1),)), EVENT
    )
    acting = await stores.accounts.find("b1@g10.example.vn")
    assert acting is not None
    assert await principals(stores, acting) == []
    await stores.accounts.set_locked(
        one.account_id, locked=True, now=now, reason=RevocationReason.ACCOUNT_LOCKED, event=event()
    )
    assert await principals(stores, one) == []


async def test_whoever_is_not_proved_at_level_two_represents_and_guards_nobody(stores: Stores) -> None:
    one, ward = await load(stores, 1, 2)
    await register(stores, 1)
    await stores.guardianships.ask(guardianship(one, kind=GuardianshipKind.WARD), DETAILS, event())
    await stores.guardianships.confirm("ward-1", ward.person_id, now, event())
    assert await principals(stores, one) == [str(ORGANISATION), "ward:ward-1"]
    record = await stores.identity_records.of_account(one.account_id)
    assert record is not None
    await stores.identity_records.save(replace(record, level_expires_at=Seconds(NOW + DAY)), event())
    assert await principals(stores, one, NOW + DAY - 1) == [str(ORGANISATION), "ward:ward-1"]
    assert await principals(stores, one, NOW + DAY) == []
    await stores.records.load(Records(people=(person(1, level=1),)), EVENT)
    assert await principals(stores, one) == []


async def test_a_mandate_counts_once_both_sides_agreed_and_until_either_ends_it(stores: Stores) -> None:
    giver, holder = await load(stores, 1, 2)
    given = mandate(giver, holder)
    await stores.mandates.propose(given, event())
    assert await principals(stores, holder) == []
    assert not await stores.mandates.accept("mandate-1", giver.person_id, now, event())
    assert await stores.mandates.accept("mandate-1", holder.person_id, now, event())
    assert await principals(stores, holder) == ["person:mandate-1"]
    assert await principals(stores, giver) == []
    assert await principals(stores, holder, given.valid_from - 1) == []
    assert await principals(stores, holder, given.valid_to) == []
    record = await stores.authorities.of_account(holder.account_id)
    assert authorities(record, ClientId("other"), now) == ()
    (authority,) = authorities(record, PORTAL, now)
    assert (authority.name, authority.account_id) == ("Nguyễn Thị Hoà", giver.account_id)
    assert await stores.mandates.end("mandate-1", MandateEnd.REVOKED, now, ENDED) == ()
    assert await principals(stores, holder) == []
    assert await stores.mandates.end("mandate-1", MandateEnd.REVOKED, now, ENDED) is None


async def test_a_mandate_of_an_organisation_needs_every_other_representative(stores: Stores) -> None:
    one, two, three, holder = await load(stores, 1, 2, 3, 4)
    await register(stores, 1, 2, 3)
    await stores.mandates.propose(mandate(TAX_CODE, holder, by=one), event())
    await stores.mandates.accept("mandate-1", holder.person_id, now, event())
    for stranger in (one, holder):
        assert not await stores.mandates.consent("mandate-1", stranger.person_id, now, event())
    assert await stores.mandates.consent("mandate-1", two.person_id, now, event())
    assert not await stores.mandates.consent("mandate-1", two.person_id, now, event())
    assert await principals(stores, holder) == []
    parties = await stores.mandates.get("mandate-1")
    assert parties is not None
    assert parties.giver_name == "Công ty Bình Minh"
    assert parties.needed == {two.person_id, three.person_id}
    assert parties.consented == {two.person_id}
    assert await stores.mandates.consent("mandate-1", three.person_id, now, event())
    assert await principals(stores, holder) == [str(ORGANISATION)]


async def test_of_representatives_who_consent_at_once_the_last_makes_it_count(stores: Stores) -> None:
    accounts = await load(stores, *range(1, 12))
    await register(stores, *range(1, 11))
    first, *others = accounts[:10]
    await stores.mandates.propose(mandate(TAX_CODE, accounts[10], by=first), event())
    await stores.mandates.accept("mandate-1", accounts[10].person_id, now, event())
    consents = (stores.mandates.consent("mandate-1", each.person_id, now, event()) for each in others)
    assert all(await asyncio.gather(*consents))
    assert await principals(stores, accounts[10]) == [str(ORGANISATION)]


async def test_a_mandate_of_the_only_representative_is_agreed_at_once(stores: Stores) -> None:
    one, holder = await load(stores, 1, 2)
    await register(stores, 1)
    await stores.mandates.propose(mandate(TAX_CODE, holder, by=one), event())
    await stores.mandates.accept("mandate-1", holder.person_id, now, event())
    assert await principals(stores, holder) == [str(ORGANISATION)]


async def test_fifty_acceptances_and_revocations_at_once_have_one_effect_each(stores: Stores) -> None:
    giver, holder = await load(stores, 1, 2)
    await stores.mandates.propose(mandate(giver, holder), event())
    accepted = await asyncio.gather(
        *(stores.mandates.accept("mandate-1", holder.person_id, now, event()) for _ in range(50))
    )
    assert sorted(accepted) == [False] * 49 + [True]
    ended = await asyncio.gather(*(stores.mandates.end("mandate-1", MandateEnd.REVOKED, now, ENDED) for _ in range(50)))
    assert [each for each in ended if each is not None] == [()]
    records = [record async for record in stores.audit_log.records()]
    assert sum(record.name == "mandate.ended" for record in records) == 1


async def test_a_mandate_that_ended_is_neither_accepted_nor_agreed_to(stores: Stores) -> None:
    one, two, holder = await load(stores, 1, 2, 3)
    await register(stores, 1, 2)
    await stores.mandates.propose(mandate(TAX_CODE, holder, by=one), event())
    await stores.mandates.end("mandate-1", MandateEnd.DECLINED, now, ENDED)
    assert not await stores.mandates.accept("mandate-1", holder.person_id, now, event())
    assert not await stores.mandates.consent("mandate-1", two.person_id, now, event())


async def test_mandates_are_listed_for_everybody_they_concern_and_nobody_else(stores: Stores) -> None:
    one, two, holder, stranger = await load(stores, 1, 2, 3, 4)
    await register(stores, 1, 2)
    await stores.mandates.propose(mandate(TAX_CODE, holder, "1", by=one), event())
    await stores.mandates.propose(mandate(holder, one, "2"), event())

    async def listed(account: Account) -> list[str]:
        return [each.mandate.mandate_id for each in await stores.mandates.of_person(account.person_id)]

    assert await listed(one) == ["mandate-2", "mandate-1"]
    assert await listed(two) == ["mandate-1"]
    assert await listed(holder) == ["mandate-2", "mandate-1"]
    assert await listed(stranger) == []


async def test_ending_a_mandate_ends_the_grants_under_it_and_tells_their_clients(stores: Stores) -> None:
    giver, holder = await load(stores, 1, 2)
    await stores.client_registry.save(client("portal"), EVENT)
    await stores.mandates.propose(mandate(giver, holder), event())
    await stores.mandates.accept("mandate-1", holder.person_id, now, event())
    for each in (
        grant(holder, "1", principal="person:mandate-1"),
        grant(holder, "2"),
        grant(holder, "3", principal="person:mandate-2"),
        grant(holder, "4", principal="person:mandate-1", client_id=ClientId("other")),
    ):
        await stores.grants.start(each, [])
    assert await stores.mandates.end("mandate-1", MandateEnd.REVOKED, now, ENDED) == (PORTAL,)
    stored = [await stores.grants.get(GrantId(f"grant-{number}")) for number in range(1, 5)]
    assert [each.revoked_at for each in stored if each] == [NOW, None, None, None]
    assert [each.principal for each in stored if each] == [
        "person:mandate-1",
        None,
        "person:mandate-2",
        "person:mandate-1",
    ]
    (message,) = await stores.outbox.claim_due(now, Seconds(NOW + 60), 10)
    assert (message.client_id, message.account_id, message.session_goes_on) == (PORTAL, holder.account_id, True)
    names = [record.name async for record in stores.audit_log.records()]
    assert names.count(GrantRevoked.name) == 1


async def test_a_grant_whose_authority_lapsed_ends_once(stores: Stores) -> None:
    (holder,) = await load(stores, 1)
    await stores.client_registry.save(client("portal"), EVENT)
    lapsed = grant(holder, principal="ward:gone")
    await stores.grants.start(lapsed, [])
    told = AuthorityLapsed(
        origin=ORIGIN,
        account_id=holder.account_id,
        client_id=PORTAL,
        grant_id=lapsed.grant_id,
        principal="ward:gone",
    )
    assert await stores.authorities.end_grant(lapsed, now, told)
    assert not await stores.authorities.end_grant(lapsed, now, told)
    assert len(await stores.outbox.claim_due(now, Seconds(NOW + 60), 10)) == 1


async def test_mandates_are_found_once_their_last_day_is_over(stores: Stores) -> None:
    giver, holder = await load(stores, 1, 2)
    given = mandate(giver, holder)
    await stores.mandates.propose(given, event())
    assert await stores.mandates.expired(Seconds(given.valid_to - 1), 10) == ()
    assert await stores.mandates.expired(given.valid_to, 10) == ("mandate-1",)
    await stores.mandates.end("mandate-1", MandateEnd.EXPIRED, given.valid_to, ENDED)
    assert await stores.mandates.expired(given.valid_to, 10) == ()


async def test_nobody_acts_for_an_organisation_that_is_dissolved(stores: Stores) -> None:
    one, holder = await load(stores, 1, 2)
    await register(stores, 1)
    await stores.client_registry.save(client("portal"), EVENT)
    await stores.mandates.propose(mandate(TAX_CODE, holder, by=one), event())
    await stores.mandates.accept("mandate-1", holder.person_id, now, event())
    await stores.grants.start(grant(one, "1", principal=str(ORGANISATION)), [])
    await stores.grants.start(grant(holder, "2", principal=str(ORGANISATION)), [])
    gone = OrganisationDissolved(origin=ORIGIN, tax_code=TAX_CODE)
    assert await stores.authorities.dissolve(TAX_CODE, now, gone) == (PORTAL,)
    stored = [await stores.grants.get(GrantId(f"grant-{number}")) for number in (1, 2)]
    assert [each.revoked_at for each in stored if each] == [NOW, NOW]
    parties = await stores.mandates.get("mandate-1")
    assert parties is not None
    assert parties.mandate.end is MandateEnd.DISSOLVED


async def test_a_guardianship_counts_once_confirmed_and_until_the_child_is_fourteen(stores: Stores) -> None:
    guardian, child = await load(stores, 1, 2)
    child_record = person(2, claims={**person(2).claims, "birthdate": "2015-03-04", "name": "Nguyễn Thị Bé"})
    await stores.records.load(Records(people=(child_record,)), EVENT)
    await stores.guardianships.ask(guardianship(guardian), DETAILS, event())
    assert await principals(stores, guardian) == []
    (waiting,) = await stores.guardianships.listed(waiting=True, after="", limit=10)
    assert (waiting.details, waiting.guardian_name, waiting.birthdate) == (DETAILS, "Nguyễn Thị Hoà", None)
    assert await stores.guardianships.confirm("ward-1", child.person_id, now, event())
    assert not await stores.guardianships.confirm("ward-1", guardian.person_id, now, event())
    assert await principals(stores, guardian) == ["ward:ward-1"]
    fourteen = int(Seconds(1_867_251_600))  # 2029-03-04T00:00:00+07:00
    assert await principals(stores, guardian, fourteen - 1) == ["ward:ward-1"]
    assert await principals(stores, guardian, fourteen) == []
    assert await stores.guardianships.listed(waiting=True, after="", limit=10) == ()
    (in_force,) = await stores.guardianships.listed(waiting=False, after="", limit=10)
    assert in_force.birthdate == date(2015, 3, 4)
    for account in (guardian, child):
        (seen,) = await stores.guardianships.of_person(account.person_id)
        assert seen.guardianship.ward == child.person_id
    assert await stores.guardianships.of_person(PersonId("nobody")) == ()


async def test_a_child_nobody_knows_is_made_with_the_confirmation_or_not_at_all(stores: Stores) -> None:
    (guardian,) = await load(stores, 1)
    child = NewPerson("001215000001", 1, {"name": "Nguyễn Thị Bé", "birthdate": "2015-03-04"})
    registered = WardRegistered(origin=ORIGIN, account_id=guardian.account_id, guardianship_id="ward-1")

    async def confirmed(name: str, person: NewPerson) -> bool:
        return await stores.guardianships.confirm_unknown(f"ward-{name}", person, now, registered, event())

    for name in ("1", "2", "3"):
        await stores.guardianships.ask(guardianship(guardian, name), DETAILS, event())
    await stores.guardianships.end("ward-1", GuardianshipEnd.WITHDRAWN, now, UNGUARDED)
    assert not await confirmed("1", child)
    assert await stores.identity_records.of_number(child.personal_number) is None
    assert await confirmed("2", child)
    assert not await confirmed("2", replace(child, personal_number="001215000002"))
    with pytest.raises(AlreadyKnownError):
        await confirmed("3", child)
    made = await stores.identity_records.of_number(child.personal_number)
    assert made is not None
    assert made.identity_level == 1
    stored = [await stores.guardianships.get(f"ward-{name}") for name in ("2", "3")]
    assert [each.guardianship.ward for each in stored if each] == [made.person_id, None]
    assert await principals(stores, guardian) == ["ward:ward-2"]
    names = [record.name async for record in stores.audit_log.records()]
    assert names.count(WardRegistered.name) == 1


async def test_ending_a_guardianship_ends_the_grants_for_the_ward(stores: Stores) -> None:
    guardian, ward = await load(stores, 1, 2)
    await stores.client_registry.save(client("portal"), EVENT)
    await stores.guardianships.ask(guardianship(guardian, kind=GuardianshipKind.WARD), DETAILS, event())
    await stores.guardianships.confirm("ward-1", ward.person_id, now, event())
    await stores.grants.start(grant(guardian, "1", principal="ward:ward-1"), [])
    assert await principals(stores, guardian) == ["ward:ward-1"]
    assert await stores.guardianships.end("ward-1", GuardianshipEnd.WITHDRAWN, now, UNGUARDED) == (PORTAL,)
    assert await stores.guardianships.end("ward-1", GuardianshipEnd.WITHDRAWN, now, UNGUARDED) is None
    assert await principals(stores, guardian) == []
    ended = await stores.grants.get(GrantId("grant-1"))
    assert ended is not None
    assert ended.revoked_at == NOW


async def test_nobody_acts_for_a_ward_whose_account_is_locked(stores: Stores) -> None:
    guardian, ward = await load(stores, 1, 2)
    await stores.guardianships.ask(guardianship(guardian, kind=GuardianshipKind.WARD), DETAILS, event())
    await stores.guardianships.confirm("ward-1", ward.person_id, now, event())
    await stores.accounts.set_locked(
        ward.account_id, locked=True, now=now, reason=RevocationReason.ACCOUNT_LOCKED, event=event()
    )
    assert await principals(stores, guardian) == []


async def test_each_birthday_is_noted_once(stores: Stores) -> None:
    guardian, ward = await load(stores, 1, 2)
    await stores.guardianships.ask(guardianship(guardian), DETAILS, event())
    await stores.guardianships.confirm("ward-1", ward.person_id, now, event())
    assert await stores.guardianships.reviewed("ward-1", 6, event())
    assert not await stores.guardianships.reviewed("ward-1", 6, event())
    assert await stores.guardianships.reviewed("ward-1", 14, event())
    assert not await stores.guardianships.reviewed("ward-1", 6, event())


async def test_what_is_confirmed_is_due_at_once_and_then_when_a_look_says_so(stores: Stores) -> None:
    guardian, ward = await load(stores, 1, 2)
    for name in ("1", "2", "3", "4"):
        await stores.guardianships.ask(guardianship(guardian, name), DETAILS, event())
    assert await stores.guardianships.due(now, None, 10) == ()
    for name in ("1", "2", "3"):
        await stores.guardianships.confirm(f"ward-{name}", ward.person_id, now, event())
    await stores.guardianships.end("ward-3", GuardianshipEnd.GROWN_UP, now, UNGUARDED)
    found = await stores.guardianships.due(now, None, 10)
    assert [each.guardianship.guardianship_id for each in found] == ["ward-1", "ward-2", "ward-3"]
    assert await stores.guardianships.due(now, found[1], 1) == found[2:]
    assert await stores.guardianships.due(now, found[2], 1) == ()
    for each, due_at in zip(found, (Seconds(now + 9), Seconds(now + 5), None), strict=True):
        await stores.guardianships.looked_at(each, due_at)
    assert await stores.guardianships.due(Seconds(now + 4), None, 10) == ()
    later = await stores.guardianships.due(Seconds(now + 9), None, 10)
    assert [each.guardianship.guardianship_id for each in later] == ["ward-2", "ward-1"]
    assert await stores.guardianships.due(Seconds(now + 9), later[0], 10) == later[1:]


async def test_another_birthdate_of_the_ward_makes_it_due_at_once_whoever_looks_meanwhile(stores: Stores) -> None:
    guardian, ward = await load(stores, 1, 2)
    await stores.guardianships.ask(guardianship(guardian), DETAILS, event())
    await stores.guardianships.confirm("ward-1", ward.person_id, now, event())

    async def settled() -> Wardship:
        (found,) = await stores.guardianships.due(now, None, 10)
        await stores.guardianships.looked_at(found, Seconds(now + 500))
        assert await stores.guardianships.due(now, None, 10) == ()
        (again,) = await stores.guardianships.due(Seconds(now + 500), None, 10)
        return again

    seen = await settled()
    record = await stores.identity_records.of_person(ward.person_id)
    assert record is not None
    await stores.identity_records.save(replace(record, claims={**record.claims, "gender": "female"}), event())
    assert await stores.guardianships.due(now, None, 10) == ()
    record = await stores.identity_records.of_person(ward.person_id)
    assert record is not None
    await stores.identity_records.save(replace(record, claims={**record.claims, "birthdate": "2012-01-01"}), event())
    await stores.guardianships.looked_at(seen, None)
    assert (await settled()).birthdate == date(2012, 1, 1)
    other = person(2)
    reborn = replace(other, claims={**other.claims, "birthdate": "2013-01-01"})
    await stores.records.load(Records(people=(reborn,)), EVENT)
    assert (await settled()).birthdate == date(2013, 1, 1)


async def test_organisations_are_listed_by_tax_code_with_their_representatives(stores: Stores) -> None:
    one, two = await load(stores, 1, 2)
    await register(stores, 1, 2)
    other = OrganisationRecord("0100109107", "Công ty Ánh Dương", ())
    await stores.records.load(Records(organisations=(replace(other),)), EVENT)
    assert [each.tax_code for each in await stores.organisations.listed(after="", limit=10)] == [TAX_CODE, "0100109107"]
    assert [each.tax_code for each in await stores.organisations.listed(after=TAX_CODE, limit=1)] == ["0100109107"]
    found = await stores.organisations.get(TAX_CODE)
    assert found is not None
    assert found.people.keys() == {one.person_id, two.person_id}
    (represented,) = await stores.organisations.represented_by(two.person_id)
    assert represented == found
    assert await stores.organisations.get("0100109108") is None


async def test_who_represents_an_organisation_no_longer_acts_for_it_no_longer_and_services_are_told(
    stores: Stores,
) -> None:
    one, two = await load(stores, 1, 2)
    await register(stores, 1, 2)
    await stores.client_registry.save(client("portal"), EVENT)
    await stores.grants.start(grant(one, "1", principal=str(ORGANISATION)), [])
    await stores.grants.start(grant(two, "2", principal=str(ORGANISATION)), [])
    await register(stores, 2)
    stored = [await stores.grants.get(GrantId(f"grant-{number}")) for number in (1, 2)]
    assert [each.revoked_at is not None for each in stored if each] == [True, False]
    assert await principals(stores, one) == []
    (message,) = await stores.outbox.claim_due(Seconds(NOW + 60), Seconds(NOW + 120), 10)
    assert message.account_id == one.account_id


async def test_a_locked_organisation_is_not_acted_for(stores: Stores) -> None:
    (one,) = await load(stores, 1)
    await register(stores, 1)
    effect = RegisterEffect(ground=LockGround.DISSOLUTION, locks=True)
    change = RegisterChange(effects=(effect,), event_at=NOW * 1000, event_id="event-1", now=now)
    told = RegisterEventReceived(
        origin=ORIGIN, client_id=PORTAL, event_type="dissolved", event_id="event-1", outcome="applied"
    )
    await stores.account_locks.apply_to_organisation(TAX_CODE, change, told)
    assert await principals(stores, one) == []
