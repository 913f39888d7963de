"""The contract of `Grants`."""

import asyncio
from dataclasses import replace

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account
from idp.domain.events import SessionEnded
from idp.domain.grants.grant import Grant, RefreshHashes, RevocationReason
from idp.domain.ids import AccountId, ClientId, GrantId, Seconds, SessionId, TokenHash
from idp.ports.grants import Start, Turn
from tests.ports.samples import EVENT, NOW, ORIGIN, client, digest, event, grant, refreshable

now = Seconds(NOW)
PORTAL = ClientId("portal")


async def audited(stores: Stores) -> list[str]:
    return [record.name async for record in stores.audit_log.records()][1:]


def family(of: Grant) -> TokenHash:
    assert of.refresh is not None
    return of.refresh.family


async def turn(stores: Stores, of: Grant, shown: TokenHash, replacement: TokenHash, at: int = NOW) -> Turn:
    hashes = RefreshHashes(family(of), shown)
    return await stores.grants.turn(
        of.client_id, hashes, replacement, Seconds(at), [event("turned")], [event("reused")]
    )


async def test_a_started_grant_reads_back_as_it_was(stores: Stores, account: Account) -> None:
    for value in (grant(account, "1"), refreshable(account, "2", offline=True, generation=3)):
        assert await stores.grants.start(value, [event()]) is Start.STARTED
        assert await stores.grants.get(value.grant_id) == value
    assert await stores.grants.get(GrantId("grant-3")) is None


async def test_a_refresh_family_finds_its_grant(stores: Stores, account: Account) -> None:
    value = refreshable(account)
    await stores.grants.start(value, [])
    assert await stores.grants.find_by_family(RefreshHashes(family(value), digest("any"))) == value
    assert await stores.grants.find_by_family(RefreshHashes(digest("z"), digest("a"))) is None


@pytest.mark.parametrize("prefix", ["", "0b98", "0b99", "ffff"])
async def test_what_a_token_says_of_its_grant_is_where_to_look_first_and_no_more(
    stores: Stores, account: Account, prefix: str
) -> None:
    value = refreshable(account, grant_id=GrantId("0b98019d0000000070008000000000000001"))
    await stores.grants.start(value, [])
    hinted = RefreshHashes(family(value), digest("a"), prefix)
    assert await stores.grants.find_by_family(hinted) == value

    async def turned(shown: str, replacement: str) -> Turn:
        presented = replace(hinted, turn=digest(shown))
        return await stores.grants.turn(value.client_id, presented, digest(replacement), now, [event()], [event()])

    assert await turned("a", "b") is Turn.TURNED
    assert await turned("a", "c") is Turn.REUSED
    assert await turned("b", "c") is Turn.GONE


async def test_a_grant_starts_once(stores: Stores, account: Account) -> None:
    await stores.grants.start(grant(account), [event()])
    second = grant(account, scopes=("openid", "everything"))
    assert await stores.grants.start(second, [event()]) is Start.ALREADY_STARTED
    assert await stores.grants.get(second.grant_id) == grant(account)
    assert await audited(stores) == ["password.accepted"]


async def test_of_50_parallel_starts_of_one_grant_one_succeeds(stores: Stores, account: Account) -> None:
    starts = await asyncio.gather(*(stores.grants.start(grant(account), [event()]) for _ in range(50)))
    assert starts.count(Start.STARTED) == 1
    assert starts.count(Start.ALREADY_STARTED) == 49
    assert len(await audited(stores)) == 1


async def test_a_revocation_that_comes_first_stays_in_force(stores: Stores, account: Account) -> None:
    value = refreshable(account)
    await stores.grants.revoke(value.grant_id, RevocationReason.CODE_REPLAY, now, event())
    assert await stores.grants.get(value.grant_id) is None
    assert await stores.grants.start(value, []) is Start.REVOKED_MEANWHILE
    stored = await stores.grants.get(value.grant_id)
    assert stored == replace(value, revoked_at=now)
    assert await stores.grants.start(value, []) is Start.ALREADY_STARTED
    assert await turn(stores, value, digest("a"), digest("b")) is Turn.GONE


async def test_a_revoked_grant_keeps_its_first_moment(stores: Stores, account: Account) -> None:
    await stores.grants.start(grant(account), [])
    for moment in (NOW + 1, NOW + 2):
        await stores.grants.revoke(GrantId("grant-1"), RevocationReason.CLIENT_REQUEST, Seconds(moment), event())
    stored = await stores.grants.get(GrantId("grant-1"))
    assert stored is not None
    assert stored.revoked_at == NOW + 1
    assert not stored.is_live(now)


async def test_a_code_of_an_ended_session_starts_a_dead_grant(stores: Stores, account: Account) -> None:
    await stores.grants.end_session(SessionId("session-1"), now, EVENT)
    value = refreshable(account)
    assert await stores.grants.start(value, [event()]) is Start.ENDED_MEANWHILE
    assert await stores.grants.start(value, [event()]) is Start.ALREADY_STARTED
    stored = await stores.grants.get(value.grant_id)
    assert stored is not None
    assert stored.revoked_at == now
    assert "password.accepted" not in await audited(stores)
    offline = refreshable(account, "2", offline=True)
    assert await stores.grants.start(offline, []) is Start.STARTED


async def test_a_code_given_before_a_lock_starts_a_dead_grant(stores: Stores, account: Account) -> None:
    reason = RevocationReason.ACCOUNT_LOCKED
    await stores.accounts.set_locked(account.account_id, locked=True, now=now, reason=reason, event=EVENT)
    assert await stores.grants.start(grant(account, "1"), []) is Start.ENDED_MEANWHILE
    await stores.accounts.set_locked(account.account_id, locked=False, now=now, reason=reason, event=EVENT)
    assert await stores.grants.start(grant(account, "2"), []) is Start.ENDED_MEANWHILE
    later = grant(account, "3", created_at=Seconds(NOW + 1))
    assert await stores.grants.start(later, []) is Start.STARTED


async def test_a_code_given_before_an_ending_was_seen_is_no_younger_than_it(stores: Stores, account: Account) -> None:
    seen = await stores.accounts.get(account.account_id)
    assert seen is not None
    await stores.accounts.end_all_sessions(account.account_id, now, event())
    late = grant(account, "1", created_at=Seconds(NOW + 5), valid_from=seen.sessions_valid_from)
    assert await stores.grants.start(late, [event()]) is Start.ENDED_MEANWHILE
    assert await stores.grants.start(late, [event()]) is Start.ALREADY_STARTED


async def test_a_code_given_after_an_ending_within_its_second_starts_a_grant(stores: Stores, account: Account) -> None:
    await stores.accounts.end_all_sessions(account.account_id, now, event())
    again = await stores.accounts.get(account.account_id)
    assert again is not None
    value = grant(account, "1", valid_from=again.sessions_valid_from)
    assert value.created_at < again.sessions_valid_from
    assert await stores.grants.start(value, []) is Start.STARTED
    _, found = await stores.grants.access_token_grant("jti-1", value.grant_id)
    assert found is not None
    assert found.created_at == again.sessions_valid_from


async def test_a_grant_of_nobody_is_dead(stores: Stores, account: Account) -> None:
    stranger = grant(account, account_id=AccountId("nobody"))
    assert await stores.grants.start(stranger, []) is Start.ENDED_MEANWHILE


async def test_a_refresh_token_turns_into_the_next(stores: Stores, account: Account) -> None:
    value = refreshable(account)
    await stores.grants.start(value, [])
    assert await turn(stores, value, digest("a"), digest("b")) is Turn.TURNED
    assert await turn(stores, value, digest("b"), digest("c")) is Turn.TURNED
    stored = await stores.grants.get(value.grant_id)
    assert stored is not None
    assert stored.generation == 2
    assert stored.refresh == RefreshHashes(family(value), digest("c"))


async def test_a_used_refresh_token_revokes_its_family(stores: Stores, account: Account) -> None:
    value = refreshable(account)
    await stores.grants.start(value, [])
    await turn(stores, value, digest("a"), digest("b"))
    assert await turn(stores, value, digest("a"), digest("c")) is Turn.REUSED
    assert await turn(stores, value, digest("b"), digest("d")) is Turn.GONE
    stored = await stores.grants.get(value.grant_id)
    assert stored is not None
    assert stored.revoked_at == NOW
    assert len(await audited(stores)) == 2


async def test_nobody_ends_a_stranger_s_family(stores: Stores, account: Account) -> None:
    value = refreshable(account)
    await stores.grants.start(value, [])
    stranger = replace(value, client_id=ClientId("thief"))
    assert await turn(stores, stranger, digest("a"), digest("b")) is Turn.GONE
    assert await turn(stores, stranger, digest("x"), digest("b")) is Turn.GONE
    unknown = replace(value, refresh=RefreshHashes(digest("f"), digest("a")))
    assert await turn(stores, unknown, digest("a"), digest("b")) is Turn.GONE
    assert await turn(stores, value, digest("a"), digest("b")) is Turn.TURNED


@pytest.mark.parametrize("at", [NOW + 3600, NOW + 9999])
async def test_an_expired_family_neither_turns_nor_counts_as_reused(stores: Stores, account: Account, at: int) -> None:
    value = refreshable(account)
    await stores.grants.start(value, [])
    assert await turn(stores, value, digest("a"), digest("b"), at) is Turn.GONE
    assert await turn(stores, value, digest("x"), digest("b"), at) is Turn.GONE


async def test_50_parallel_uses_leave_at_most_one_living_family(stores: Stores, account: Account) -> None:
    value = refreshable(account)
    await stores.grants.start(value, [])
    turns = await asyncio.gather(*(turn(stores, value, digest("a"), digest(chr(200 + n))) for n in range(50)))
    assert turns.count(Turn.TURNED) == 1
    assert turns.count(Turn.REUSED) == 1
    assert turns.count(Turn.GONE) == 48


async def test_a_family_may_be_spared_when_a_used_turn_is_shown(stores: Stores, account: Account) -> None:
    value = refreshable(account)
    await stores.grants.start(value, [event()])
    await turn(stores, value, digest("a"), digest("b"))
    used = RefreshHashes(family(value), digest("a"))
    for client_id, outcome in ((value.client_id, Turn.REUSED), (ClientId("other"), Turn.GONE)):
        assert await stores.grants.turn(client_id, used, digest("c"), now, [event()], None) is outcome
    assert await turn(stores, value, digest("b"), digest("d")) is Turn.TURNED
    assert "reused" not in await audited(stores)


async def test_a_turn_may_be_replaced_by_itself_any_number_of_times_at_once(stores: Stores, account: Account) -> None:
    value = refreshable(account)
    await stores.grants.start(value, [event()])
    turns = await asyncio.gather(*(turn(stores, value, digest("a"), digest("a")) for _ in range(50)))
    assert set(turns) == {Turn.TURNED}
    kept = await stores.grants.get(value.grant_id)
    assert kept is not None
    assert (kept.refresh, kept.generation) == (value.refresh, value.generation + 50)


async def test_one_look_up_tells_about_a_bearer_token(stores: Stores, account: Account) -> None:
    value = grant(account)
    await stores.grants.start(value, [])
    assert await stores.grants.access_token_grant("jti-1", value.grant_id) == (False, value)
    assert await stores.grants.access_token_grant("jti-1", None) == (False, None)
    assert await stores.grants.access_token_grant("jti-1", GrantId("grant-9")) == (False, None)
    for _ in range(2):
        await stores.grants.revoke_access_token("jti-1", Seconds(NOW + 300), event())
    assert await stores.grants.access_token_grant("jti-1", value.grant_id) == (True, value)
    assert await stores.grants.access_token_grant("jti-1", None) == (True, None)
    assert await stores.grants.access_token_grant("jti-2", value.grant_id) == (False, value)


async def test_a_bearer_token_of_an_account_that_is_locked_or_whose_sessions_ended_has_no_grant(
    stores: Stores, account: Account
) -> None:
    value = grant(account)
    await stores.grants.start(value, [])
    await stores.accounts.end_all_sessions(account.account_id, Seconds(value.created_at - 1), event())
    assert (await stores.grants.access_token_grant("jti-1", value.grant_id))[1] is not None
    await stores.accounts.end_all_sessions(account.account_id, value.created_at, event())
    assert await stores.grants.access_token_grant("jti-1", value.grant_id) == (False, None)


async def test_a_mark_of_revocation_is_no_grant(stores: Stores) -> None:
    await stores.grants.revoke(GrantId("grant-1"), RevocationReason.CODE_REPLAY, now, event())
    assert await stores.grants.access_token_grant("jti-1", GrantId("grant-1")) == (False, None)


async def _three_grants(stores: Stores, account: Account) -> None:
    """Grants of a client that wants to be told, of one that does not, and of one with offline access."""
    for name in ("portal", "mute", "offline"):
        value = client(name, backchannel_logout_uri=None if name == "mute" else "https://rp.example.vn/logout")
        await stores.client_registry.save(value, EVENT)
        offline = name == "offline"
        await stores.grants.start(refreshable(account, name, client_id=ClientId(name), offline=offline), [])


async def test_a_session_ends_with_its_grants_and_tells_its_clients(stores: Stores, account: Account) -> None:
    await _three_grants(stores, account)
    elsewhere = refreshable(account, "elsewhere", session_id=SessionId("session-2"))
    await stores.grants.start(elsewhere, [])
    told = await stores.grants.end_session(SessionId("session-1"), now, EVENT)
    assert told == (ClientId("offline"), PORTAL)
    alive = [await stores.grants.get(GrantId(f"grant-{name}")) for name in ("portal", "mute", "offline", "elsewhere")]
    assert [grant is not None and grant.is_live(now) for grant in alive] == [False, False, True, True]
    messages = await stores.outbox.claim_due(now, Seconds(NOW + 60), 10)
    assert {(message.client_id, message.session_id) for message in messages} == {
        (ClientId("offline"), "session-1"),
        (PORTAL, "session-1"),
    }
    assert {message.account_id for message in messages} == {account.account_id}


async def test_an_ended_session_tells_nobody_twice(stores: Stores, account: Account) -> None:
    await _three_grants(stores, account)
    await stores.grants.end_session(SessionId("session-1"), now, EVENT)
    assert await stores.grants.end_session(SessionId("session-1"), now, EVENT) == ()
    assert await stores.outbox.pending() == 2


async def test_the_event_of_a_session_s_end_counts_who_is_told(stores: Stores, account: Account) -> None:
    await _three_grants(stores, account)
    ended = SessionEnded(origin=ORIGIN, account_id=account.account_id, session_id=SessionId("session-1"), reason="user")
    await stores.grants.end_session(SessionId("session-1"), now, ended)
    records = [record async for record in stores.audit_log.records()]
    assert b'"notified":2' in records[-1].payload


async def test_every_client_of_a_session_is_known(stores: Stores, account: Account) -> None:
    await _three_grants(stores, account)
    clients = await stores.grants.clients_of_session(SessionId("session-1"))
    assert clients == (ClientId("mute"), ClientId("offline"), PORTAL)
    assert await stores.grants.clients_of_session(SessionId("session-9")) == ()
