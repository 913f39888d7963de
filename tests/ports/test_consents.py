"""The contract of `Consents`."""

from dataclasses import replace

from sqlalchemy import bindparam, insert, update

from idp.adapters.sql.single_requests import run
from idp.adapters.sql.stores import Stores
from idp.adapters.sql.tables.consents import consents
from idp.adapters.sql.unit_of_work import Run, UnitOfWork
from idp.domain.accounts.account import Account
from idp.domain.clients.claims_policy import NOTHING_LISTED
from idp.domain.clients.client import Client
from idp.domain.grants.grant import Consent, ConsentDecision
from idp.domain.ids import AccountId, ClientId, GrantId, Seconds
from idp.ports.grants import Start
from tests.ports.samples import EVENT, NOW, client, event, grant

now = Seconds(NOW)
PORTAL = ClientId("portal")


def consent(account: Account, *scopes: str, claims: tuple[str, ...] = (), at: int = NOW, of: str = "portal") -> Consent:
    return Consent(account.account_id, ClientId(of), frozenset(scopes), frozenset(claims), Seconds(at))


async def test_what_was_agreed_to_is_remembered(stores: Stores, account: Account) -> None:
    given = consent(account, "openid", "email", claims=("name",))
    await stores.consents.record(given, event())
    assert await stores.consents.get(account.account_id, PORTAL) == given
    assert await stores.consents.get(account.account_id, ClientId("other")) is None
    assert await stores.consents.get(AccountId("other"), PORTAL) is None


async def test_a_later_consent_adds_to_the_first(stores: Stores, account: Account) -> None:
    await stores.consents.record(consent(account, "openid", claims=("name",)), event())
    await stores.consents.record(consent(account, "phone", claims=("gender",), at=NOW + 5), event())
    united = consent(account, "openid", "phone", claims=("name", "gender"), at=NOW + 5)
    assert await stores.consents.get(account.account_id, PORTAL) == united


async def test_consents_of_an_account_come_newest_first(stores: Stores, account: Account) -> None:
    for position, name in enumerate(("first", "second", "third")):
        await stores.consents.record(consent(account, "openid", at=NOW + position, of=name), event())
    listed = await stores.consents.of_account(account.account_id)
    assert [each.client_id for each in listed] == ["third", "second", "first"]
    assert await stores.consents.of_account(AccountId("other")) == ()


async def test_a_withdrawn_consent_ends_the_client_s_grants_and_tells_it(stores: Stores, account: Account) -> None:
    await stores.client_registry.save(client("portal"), EVENT)
    await stores.grants.start(grant(account, "1"), [])
    await stores.grants.start(grant(account, "2", client_id=ClientId("other")), [])
    await stores.consents.record(consent(account, "openid"), event())
    assert await stores.consents.withdraw(account.account_id, PORTAL, now, event())
    assert await stores.consents.get(account.account_id, PORTAL) is None
    ended, other = await stores.grants.get(GrantId("grant-1")), await stores.grants.get(GrantId("grant-2"))
    assert ended is not None
    assert other is not None
    assert (ended.revoked_at, other.revoked_at) == (NOW, None)
    (message,) = await stores.outbox.claim_due(now, Seconds(NOW + 60), 10)
    assert (message.client_id, message.session_goes_on) == (PORTAL, True)


async def test_a_code_issued_before_a_withdrawal_starts_a_dead_grant(stores: Stores, account: Account) -> None:
    await stores.consents.record(consent(account, "openid"), event())
    await stores.consents.withdraw(account.account_id, PORTAL, now, event())
    before = grant(account, "1", client_id=PORTAL, offline=True)
    assert await stores.grants.start(before, [event()]) is Start.ENDED_MEANWHILE
    stored = await stores.grants.get(before.grant_id)
    assert stored is not None
    assert stored.revoked_at is not None
    # Neither another client's code nor one that a later consent covers.
    assert await stores.grants.start(grant(account, "2", client_id=ClientId("other")), []) is Start.STARTED
    await stores.consents.record(consent(account, "openid", at=NOW + 1), event())
    later = grant(account, "3", client_id=PORTAL, created_at=Seconds(NOW + 1))
    assert await stores.grants.start(later, []) is Start.STARTED


async def test_a_code_on_a_consent_whose_withdrawal_was_not_seen_yet_goes_with_it(
    stores: Stores, account: Account
) -> None:
    consent_id = await stores.consents.record(consent(account, "openid"), event())
    late = grant(account, "1", client_id=PORTAL, created_at=Seconds(NOW + 5), consent_id=consent_id)
    await stores.consents.withdraw(account.account_id, PORTAL, now, event())
    # Nor does another consent bring it back.
    again = await stores.consents.record(consent(account, "openid", at=NOW + 6), event())
    assert again != consent_id
    assert await stores.grants.start(late, [event()]) is Start.ENDED_MEANWHILE
    assert await stores.grants.start(late, [event()]) is Start.ALREADY_STARTED


async def test_a_code_on_a_consent_given_within_the_second_of_a_withdrawal_starts_a_grant(
    stores: Stores, account: Account
) -> None:
    await stores.consents.record(consent(account, "openid"), event())
    await stores.consents.withdraw(account.account_id, PORTAL, now, event())
    consent_id = await stores.consents.record(consent(account, "openid"), event())
    value = grant(account, "1", client_id=PORTAL, consent_id=consent_id)
    assert await stores.grants.start(value, [event()]) is Start.STARTED


async def test_a_consent_keeps_its_name_until_it_is_withdrawn(stores: Stores, account: Account) -> None:
    consent_id = await stores.consents.record(consent(account, "openid"), event())
    assert await stores.consents.record(consent(account, "phone"), event()) == consent_id
    assert await stores.consents.record(replace(consent(account, "email"), terms="v2"), event()) == consent_id
    in_force = await stores.consents.get(account.account_id, PORTAL)
    assert in_force is not None
    assert in_force.consent_id == consent_id
    value = grant(account, "1", client_id=PORTAL, consent_id=consent_id)
    assert await stores.grants.start(value, []) is Start.STARTED
    other = grant(account, "2", client_id=ClientId("other"), consent_id=consent_id)
    assert await stores.grants.start(other, []) is Start.ENDED_MEANWHILE


async def test_a_consent_from_before_it_had_a_name_carries_codes_until_it_is_withdrawn(
    stores: Stores, account: Account
) -> None:
    key = {"account_id": account.account_id, "client_id": PORTAL}
    nameless = {**key, "scopes": "[]", "claims": "[]", "given_at": NOW, "terms": None, "told": None, "consent_id": None}
    await stores.database.write(run(Run(insert(consents), nameless)))
    in_force = await stores.consents.get(account.account_id, PORTAL)
    assert in_force is not None
    first = grant(account, "1", client_id=PORTAL, consent_id=in_force.consent_id)
    assert await stores.grants.start(first, []) is Start.STARTED
    await stores.consents.withdraw(account.account_id, PORTAL, now, event())
    late = grant(account, "2", client_id=PORTAL, created_at=Seconds(NOW + 5), consent_id=in_force.consent_id)
    assert await stores.grants.start(late, []) is Start.ENDED_MEANWHILE


async def test_what_was_not_given_cannot_be_withdrawn(stores: Stores, account: Account) -> None:
    before = [record async for record in stores.audit_log.records()]
    assert not await stores.consents.withdraw(account.account_id, PORTAL, now, event())
    assert [record async for record in stores.audit_log.records()] == before


def listing(purpose: str) -> Client:
    return replace(client("portal"), metadata={"claims": {"name": {"purpose": purpose, "legal_basis": "consent"}}})


async def test_a_consent_on_other_terms_takes_the_place_of_the_first(stores: Stores, account: Account) -> None:
    told = listing("To address you")
    assert told.claims_policy is not None
    await stores.client_registry.save(told, EVENT)
    await stores.client_registry.save(listing("Something else"), EVENT)
    await stores.consents.record(consent(account, "openid", claims=("name",)), event())
    later = replace(consent(account, "phone", at=NOW + 5), terms=told.claims_policy.version)
    await stores.consents.record(later, event())

    assert await stores.consents.get(account.account_id, PORTAL) == later
    assert await stores.consents.agreed_terms(later) == told.claims_policy
    assert await stores.consents.agreed_terms(consent(account, "phone")) == NOTHING_LISTED


async def test_every_decision_is_kept_with_its_terms_and_listed_newest_first(stores: Stores, account: Account) -> None:
    await stores.consents.record(replace(consent(account, "openid"), terms="v1"), event())
    await stores.consents.record(replace(consent(account, "phone", claims=("name",)), terms="v1"), event())
    await stores.consents.withdraw(account.account_id, PORTAL, Seconds(NOW + 7), event())

    listed = await stores.consents.decisions(account.account_id, "", 10)
    assert [(each.decision, each.at, each.terms) for each in listed] == [
        (ConsentDecision.WITHDRAWN, NOW + 7, "v1"),
        (ConsentDecision.GIVEN, NOW, "v1"),
        (ConsentDecision.GIVEN, NOW, "v1"),
    ]
    assert listed[0].scopes == {"openid", "phone"}
    assert listed[0].claims == {"name"}
    assert await stores.consents.decisions(account.account_id, listed[0].evidence_id, 1) == (listed[1],)
    assert await stores.consents.decision(account.account_id, listed[2].evidence_id) == listed[2]
    assert await stores.consents.decision(AccountId("other"), listed[2].evidence_id) is None


async def test_what_was_released_is_kept_with_each_decision_and_united(stores: Stores, account: Account) -> None:
    first, later = frozenset({"name", "birthdate"}), frozenset({"email"})
    await stores.consents.record(replace(consent(account, "profile"), told=first), event())
    await stores.consents.record(replace(consent(account, "email", at=NOW + 5), told=later), event())
    given = await stores.consents.get(account.account_id, PORTAL)
    assert given is not None
    assert given.told == first | later
    await stores.consents.withdraw(account.account_id, PORTAL, Seconds(NOW + 7), event())
    listed = await stores.consents.decisions(account.account_id, "", 10)
    assert [each.told for each in listed] == [first | later, later, first]


async def test_beside_a_decision_that_kept_no_list_none_is_made_up(stores: Stores, account: Account) -> None:
    await stores.consents.record(consent(account, "profile"), event())
    await stores.consents.record(replace(consent(account, "email"), told=frozenset({"email"})), event())
    given = await stores.consents.get(account.account_id, PORTAL)
    assert given is not None
    assert given.told is None


async def test_a_list_that_a_node_of_the_release_before_did_not_renew_is_not_believed(
    stores: Stores, account: Account
) -> None:
    await stores.consents.record(replace(consent(account, "profile"), told=frozenset({"name"})), event())
    await stores.consents.record(consent(account, "email", at=NOW + 5), event())
    await stores.database.write(_leave_list('["name"]'))
    await stores.consents.record(replace(consent(account, "phone", at=NOW + 6), told=frozenset({"phone"})), event())
    given = await stores.consents.get(account.account_id, PORTAL)
    assert given is not None
    assert given.told is None
    await stores.consents.record(consent(account, "email", at=NOW + 7), event())
    await stores.database.write(_leave_list('["name"]'))
    await stores.consents.withdraw(account.account_id, PORTAL, Seconds(NOW + 8), event())
    listed = await stores.consents.decisions(account.account_id, "", 10)
    assert [each.told for each in listed] == [None, None, {"phone"}, None, {"name"}]


def _leave_list(told: str) -> UnitOfWork[None]:
    yield Run(update(consents).values(told=bindparam("left")), {"left": told})
