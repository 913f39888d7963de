"""The contract of `Accounts`."""

import asyncio

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account, AccountKind, AccountStatus, Contact, ContactKind, Officer
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, ClientId, GrantId, Seconds, SessionId
from idp.domain.records import AgencyRecord, Records
from tests.ports.samples import EVENT, NOW, client, event, grant, officer, person, refreshable

now = Seconds(NOW)


@pytest.mark.parametrize("identifier", ["001099000001", "hoa1@example.vn", "+84900000001"])
async def test_every_verified_identifier_finds_the_account(stores: Stores, account: Account, identifier: str) -> None:
    assert await stores.accounts.find(identifier) == account
    assert account.kind is AccountKind.CITIZEN
    assert account.is_active
    assert account.password_hash == person(1).password_hash
    assert account.locale == "vi"


@pytest.mark.parametrize("identifier", ["001099000002", "HOA1@example.vn", "", "\x00", "\ud800", "x" * 10_000])
async def test_any_other_string_finds_nobody(stores: Stores, account: Account, identifier: str) -> None:
    assert await stores.accounts.find(identifier) is None


async def test_an_account_is_found_by_its_own_identifier(stores: Stores, account: Account) -> None:
    assert await stores.accounts.get(account.account_id) == account
    assert await stores.accounts.get(AccountId("nobody")) is None


async def test_a_profile_holds_the_claims_as_recorded(stores: Stores, account: Account) -> None:
    profile = await stores.accounts.profile(account.account_id)
    assert profile is not None
    assert profile.personal_number == "001099000001"
    assert profile.identity_level == 2
    assert profile.officer is None
    assert profile.claims == {
        **person(1).claims,
        "updated_at": NOW,
        "email": "hoa1@example.vn",
        "email_verified": True,
        "phone_number": "+84900000001",
        "phone_number_verified": True,
    }
    assert await stores.accounts.profile(AccountId("nobody")) is None


async def test_contacts_come_e_mail_first(stores: Stores, account: Account) -> None:
    assert await stores.accounts.contacts(account.account_id) == (
        Contact(ContactKind.EMAIL, "hoa1@example.vn"),
        Contact(ContactKind.PHONE, "+84900000001"),
    )
    assert await stores.accounts.contacts(AccountId("nobody")) == ()


async def test_a_person_without_contacts_has_none(stores: Stores) -> None:
    await stores.records.load(Records(people=(person(2, email=None, phone_number=None),)), EVENT)
    found = await stores.accounts.find(person(2).personal_number)
    assert found is not None
    assert await stores.accounts.contacts(found.account_id) == ()
    profile = await stores.accounts.profile(found.account_id)
    assert profile is not None
    assert "email_verified" not in profile.claims


async def test_an_officer_signs_in_under_an_account_of_its_own(stores: Stores, account: Account) -> None:
    agency = AgencyRecord("G10.01", "Cục Đất đai", "department")
    await stores.records.load(Records(agencies=(agency,), officers=(officer(1),)), EVENT)
    found = await stores.accounts.find("b1@g10.example.vn")
    assert found is not None
    assert (found.kind, found.person_id) == (AccountKind.OFFICER, account.person_id)
    assert found.account_id != account.account_id
    profile = await stores.accounts.profile(found.account_id)
    assert profile is not None
    assert profile.officer == Officer("G10.01", "Cục Đất đai", "Chuyên viên", ("proofing_officer",))
    assert profile.officer_id not in {None, found.account_id, found.person_id}
    assert profile.personal_number == "001099000001"


async def test_a_password_hash_is_replaced_unless_it_changed_meanwhile(stores: Stores, account: Account) -> None:
    assert account.password_hash is not None
    await stores.accounts.store_password_hash(account.account_id, "another", "newer")
    assert await stores.accounts.get(account.account_id) == account
    await stores.accounts.store_password_hash(account.account_id, account.password_hash, "newer")
    changed = await stores.accounts.get(account.account_id)
    assert changed is not None
    assert changed.password_hash == "newer"


async def test_another_password_ends_what_the_old_one_opened_and_tells_the_clients(
    stores: Stores, account: Account
) -> None:
    await _sessions_at_two_clients(stores, account)

    after = await stores.accounts.change_password(
        account.account_id, "$argon2id$another", now, event(), valid_from=account.sessions_valid_from
    )

    assert after is not None
    assert await stores.accounts.get(account.account_id) == after
    assert after.password_hash == "$argon2id$another"
    assert after.is_active
    assert after.sessions_valid_from > NOW
    for name in "123":
        ended = await stores.grants.get(GrantId(f"grant-{name}"))
        assert ended is not None
        assert not ended.is_live(now)
    assert await stores.accounts.end_all_sessions(account.account_id, now, event()) == ()
    assert await stores.outbox.pending() == 2


async def test_of_two_changes_of_the_password_by_sessions_of_one_time_the_first_counts(
    stores: Stores, account: Account
) -> None:
    stands = account.sessions_valid_from
    wanted = ("$argon2id$one", "$argon2id$two")
    changes = (
        stores.accounts.change_password(account.account_id, password_hash, now, event(), valid_from=stands)
        for password_hash in wanted
    )
    answers = await asyncio.gather(*changes)

    after = await stores.accounts.get(account.account_id)
    assert after
    assert sorted(answer is None for answer in answers) == [False, True]
    assert after.password_hash == wanted[answers.index(None) - 1]


async def test_every_ending_moves_the_moment_also_within_one_second(stores: Stores, account: Account) -> None:
    moments = []
    for _ in range(3):
        await stores.accounts.end_all_sessions(account.account_id, now, event())
        found = await stores.accounts.get(account.account_id)
        assert found
        moments.append(found.sessions_valid_from - NOW)
    assert moments == [1, 2, 3]


async def test_the_preference_for_a_second_factor_is_kept(stores: Stores, account: Account) -> None:
    assert not account.always_ask_second_factor
    for always in (True, False):
        await stores.accounts.prefer_second_factor(account.account_id, always=always, event=event())
        changed = await stores.accounts.get(account.account_id)
        assert changed is not None
        assert changed.always_ask_second_factor is always


async def _sessions_at_two_clients(stores: Stores, account: Account) -> None:
    for name in ("portal", "ministry"):
        await stores.client_registry.save(client(name), EVENT)
    await stores.client_registry.save(client("mute", backchannel_logout_uri=None), EVENT)
    await stores.grants.start(refreshable(account, "1", offline=True), [])
    await stores.grants.start(
        grant(account, "2", client_id=ClientId("ministry"), session_id=SessionId("session-2")), []
    )
    await stores.grants.start(grant(account, "3", client_id=ClientId("mute")), [])


async def test_a_lock_ends_sessions_and_grants_and_tells_the_clients(stores: Stores, account: Account) -> None:
    await _sessions_at_two_clients(stores, account)
    told = await stores.accounts.set_locked(
        account.account_id, locked=True, now=now, reason=RevocationReason.ACCOUNT_LOCKED, event=event()
    )
    assert told == (ClientId("ministry"), ClientId("portal"))
    locked = await stores.accounts.get(account.account_id)
    assert locked is not None
    assert locked.status is AccountStatus.LOCKED
    assert locked.sessions_valid_from > NOW
    for name in "123":
        ended = await stores.grants.get(GrantId(f"grant-{name}"))
        assert ended is not None
        assert not ended.is_live(now)
    messages = await stores.outbox.claim_due(now, Seconds(NOW + 60), 10)
    assert {message.session_id for message in messages} == {"session-1", "session-2"}


async def test_an_unlocked_account_is_active_and_its_old_sessions_stay_ended(stores: Stores, account: Account) -> None:
    reason = RevocationReason.ACCOUNT_LOCKED
    await stores.accounts.set_locked(account.account_id, locked=True, now=now, reason=reason, event=event())
    later = Seconds(NOW + 100)
    told = await stores.accounts.set_locked(account.account_id, locked=False, now=later, reason=reason, event=event())
    assert told == ()
    unlocked = await stores.accounts.get(account.account_id)
    assert unlocked is not None
    assert unlocked.is_active
    assert NOW < unlocked.sessions_valid_from < later


async def test_signing_out_everywhere_ends_every_session_and_grant(stores: Stores, account: Account) -> None:
    await _sessions_at_two_clients(stores, account)
    told = await stores.accounts.end_all_sessions(account.account_id, now, event())
    assert told == (ClientId("ministry"), ClientId("portal"))
    after = await stores.accounts.get(account.account_id)
    assert after is not None
    assert after.is_active
    assert after.sessions_valid_from > NOW
    ended = await stores.grants.get(GrantId("grant-1"))
    assert ended is not None
    assert ended.revoked_at == NOW
    assert await stores.accounts.end_all_sessions(account.account_id, now, event()) == ()
    assert await stores.outbox.pending() == 2
