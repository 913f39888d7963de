"""The contracts of `Recoveries` and `TrustedPeople`."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account, Authenticator, AuthenticatorKind
from idp.domain.accounts.recovery import BOTH, HELD, PASSWORD, RecoveryRequest, RecoveryState, TrustedPerson, Way
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, AuthenticatorId, ClientId, GrantId, Seconds, TokenHash
from idp.ports.recoveries import Reset, Word
from tests.ports.samples import EVENT, NOW, client, digest, event, grant

DAY = 24 * 3600
READY = Seconds(NOW + 2 * DAY)
UNTIL = Seconds(READY + 7 * DAY)
KEPT = Seconds(NOW + 365 * DAY)
HELPERS = tuple(AccountId(f"helper-{number}") for number in range(3))
CODE = b"c" * 32


def request(account: Account | None, **changes: Any) -> RecoveryRequest:
    asked = RecoveryRequest(
        request_id="request-1",
        account_id=account.account_id if account else None,
        way=Way.PEOPLE,
        lost=BOTH,
        asked_at=Seconds(NOW),
        expires_at=Seconds(NOW + 7 * DAY),
        needed=2,
    )
    return replace(asked, **changes)


def reset_of(account: Account, **changes: Any) -> Reset:
    made = Reset(
        account_id=account.account_id,
        password_hash="$argon2id$new",
        forgets_factors=False,
        since=Seconds(NOW),
        now=READY,
        keep_until=KEPT,
    )
    return replace(made, **changes)


async def confirm(stores: Stores, helper: AccountId, now: int = NOW) -> RecoveryRequest | None:
    word = Word("request-1", helper, READY, UNTIL)
    return await stores.recoveries.confirm(word, Seconds(now), event(), event())


async def ready(stores: Stores, account: Account, **changes: Any) -> None:
    await stores.recoveries.ask(request(account, **changes), event())
    for helper in HELPERS[:2]:
        assert await confirm(stores, helper)


async def password_of(stores: Stores, account: Account) -> str | None:
    found = await stores.accounts.get(account.account_id)
    assert found is not None
    return found.password_hash


async def test_a_request_that_has_to_wait_is_used_up_early_only_where_that_is_said(
    stores: Stores, account: Account
) -> None:
    await stores.recoveries.ask(request(account, way=Way.COUNTER, ready_at=READY), event())
    early = reset_of(account, now=Seconds(READY - 1), request_id="request-1")
    assert await stores.recoveries.reset(early, event()) is None
    assert await stores.recoveries.reset(replace(early, waits_no_more=True), event()) is not None
    assert await password_of(stores, account) == early.password_hash


async def test_what_stands_on_a_second_factor_falls_with_it(stores: Stores, account: Account) -> None:
    await stores.recoveries.ask(request(account, way=Way.COUNTER, ready_at=Seconds(NOW)), event())
    made = reset_of(account, request_id="request-1", needs_factor=True)
    for one in await stores.authenticators.enrolled(account.account_id):
        await stores.authenticators.remove(account.account_id, one.authenticator_id, event())
    assert await stores.recoveries.reset(made, event()) is None
    assert await enrol(stores, account)
    assert await stores.recoveries.reset(made, event()) is not None


async def test_words_that_are_missing_are_replaced_by_nothing(stores: Stores, account: Account) -> None:
    await stores.recoveries.ask(request(account), event())
    unheard = reset_of(account, request_id="request-1", waits_no_more=True)
    assert await stores.recoveries.reset(unheard, event()) is None


async def test_a_request_is_read_as_it_was_asked(stores: Stores, account: Account) -> None:
    asked, of_nobody = request(account), request(None, request_id="request-0", way=Way.COUNTER, lost=PASSWORD)
    await stores.recoveries.ask(asked, event())
    await stores.recoveries.ask(of_nobody, event(), digest("a"))
    assert await stores.recoveries.get("request-1") == asked
    assert await stores.recoveries.of_code(digest("a")) == of_nobody
    assert await stores.recoveries.of_code(digest("b")) is None
    assert await stores.recoveries.get("another") is None
    assert await stores.recoveries.of_account(account.account_id, Seconds(NOW), 50) == (asked,)


async def test_nobody_s_word_counts_twice_and_the_last_one_begins_the_cooling_off(
    stores: Stores, account: Account
) -> None:
    await stores.recoveries.ask(request(account), event())
    first = await confirm(stores, HELPERS[0])
    assert first == request(account, confirmed=1)
    assert await confirm(stores, HELPERS[0]) is None
    second = await confirm(stores, HELPERS[1])
    assert second == request(account, confirmed=2, ready_at=READY, expires_at=UNTIL)
    assert await confirm(stores, HELPERS[2]) is None
    assert await stores.recoveries.confirmed_by("request-1") >= set(HELPERS[:2])
    assert second is not None
    assert [second.state(Seconds(at)) for at in (NOW, READY, UNTIL)] == [
        RecoveryState.COOLING,
        RecoveryState.READY,
        RecoveryState.OVER,
    ]


async def test_of_many_words_at_once_each_person_s_counts_once(stores: Stores, account: Account) -> None:
    await stores.recoveries.ask(request(account, needed=3), event())
    told = await asyncio.gather(*(confirm(stores, HELPERS[number % 3]) for number in range(50)))
    assert sum(each is not None for each in told) == 3
    found = await stores.recoveries.get("request-1")
    assert found is not None
    assert (found.confirmed, found.ready_at) == (3, READY)


async def test_a_word_that_comes_too_late_counts_for_nothing(stores: Stores, account: Account) -> None:
    await stores.recoveries.ask(request(account), event())
    assert await confirm(stores, HELPERS[0], NOW + 7 * DAY) is None
    assert await stores.recoveries.stop("request-1", Seconds(NOW), KEPT, event())
    assert await confirm(stores, HELPERS[1]) is None


async def test_a_reset_waits_for_the_end_of_the_cooling_off(stores: Stores, account: Account) -> None:
    await ready(stores, account)
    before = await password_of(stores, account)
    early = reset_of(account, request_id="request-1", now=Seconds(READY - 1))
    assert await stores.recoveries.reset(early, event()) is None
    assert await stores.recoveries.reset(replace(early, now=UNTIL), event()) is None
    assert await password_of(stores, account) == before
    assert await stores.recoveries.reset(replace(early, now=READY), event()) is not None
    assert await password_of(stores, account) == "$argon2id$new"


async def test_a_reset_ends_what_was_open_and_forgets_what_was_lost(stores: Stores, account: Account) -> None:
    await stores.client_registry.save(client("portal"), EVENT)
    await stores.grants.start(grant(account, "1", expires_at=UNTIL), [])
    await ready(stores, account)
    await stores.recoveries.ask(request(account, request_id="request-2"), event())
    held = Seconds(READY + HELD)
    made = reset_of(account, request_id="request-1", forgets_factors=True, held_until=held)
    assert await stores.recoveries.reset(made, event()) == (ClientId("portal"),)
    ended = await stores.grants.get(GrantId("grant-1"))
    assert ended is not None
    assert ended.revoked_at == READY
    after = await stores.accounts.get(account.account_id)
    assert after is not None
    assert (after.sessions_valid_from, after.person_id) == (READY + 1, account.person_id)
    assert await stores.authenticators.enrolled(account.account_id) == ()
    newest, oldest = await stores.recoveries.of_account(account.account_id, READY, 50)
    assert (newest.ended, oldest.ended) == (RecoveryState.STOPPED, RecoveryState.DONE)
    assert await stores.recoveries.held_until(account.account_id, READY) == held
    assert await stores.recoveries.held_until(account.account_id, held) is None


async def test_what_was_not_lost_is_kept(stores: Stores, account: Account) -> None:
    assert await stores.recoveries.reset(reset_of(account), event()) == ()
    assert len(await stores.authenticators.enrolled(account.account_id)) == 1
    assert await stores.recoveries.held_until(account.account_id, Seconds(NOW)) is None


async def test_of_many_resets_at_once_one_is_made(stores: Stores, account: Account) -> None:
    await ready(stores, account)
    made = [
        reset_of(account, request_id="request-1", password_hash=f"hash {number}", since=Seconds(NOW + 10 * DAY))
        for number in range(50)
    ]
    told = await asyncio.gather(*(stores.recoveries.reset(each, event()) for each in made))
    assert sum(each is not None for each in told) == 1


async def test_a_veto_and_a_reset_at_once_never_both_happen_and_a_veto_before_stays(
    stores: Stores, account: Account
) -> None:
    await ready(stores, account)
    assert await stores.recoveries.stop("request-1", READY, KEPT, event())
    assert not await stores.recoveries.stop("request-1", READY, KEPT, event())
    assert await stores.recoveries.reset(reset_of(account, request_id="request-1"), event()) is None
    for number in range(10):
        name = f"race-{number}"
        await stores.recoveries.ask(request(account, request_id=name, ready_at=READY), event())
        made = reset_of(account, request_id=name, since=Seconds(NOW + 10 * DAY))
        done, stopped = await asyncio.gather(
            stores.recoveries.reset(made, event()), stores.recoveries.stop(name, READY, KEPT, event())
        )
        assert (done is None) == stopped


@pytest.mark.parametrize("how", ["locked", "signed out everywhere"])
async def test_whoever_locks_the_account_or_ends_every_session_stops_what_was_under_way(
    stores: Stores, account: Account, how: str
) -> None:
    await ready(stores, account)
    moment = Seconds(NOW + DAY)
    if how == "locked":
        await stores.accounts.set_locked(
            account.account_id, locked=True, now=moment, reason=RevocationReason.ACCOUNT_LOCKED, event=event()
        )
    else:
        await stores.accounts.end_all_sessions(account.account_id, moment, event())
    made = reset_of(account, request_id="request-1")
    assert await stores.recoveries.reset(made, event()) is None
    found = await stores.recoveries.get("request-1")
    assert found is not None
    assert found.ended is None


async def test_a_reset_uses_a_recovery_code_up_and_does_nothing_without_one(stores: Stores, account: Account) -> None:
    await stores.recoveries.reset(reset_of(account, forgets_factors=True), event())
    assert await enrol(stores, account)
    assert await stores.recoveries.recovery_code_stands(account.account_id, CODE)
    assert not await stores.recoveries.recovery_code_stands(account.account_id, b"d" * 32)
    made = reset_of(account, recovery_code_hash=CODE, since=READY)
    told = await asyncio.gather(*(stores.recoveries.reset(made, event()) for _ in range(50)))
    assert sum(each is not None for each in told) == 1
    assert not await stores.recoveries.recovery_code_stands(account.account_id, CODE)


async def test_a_reset_that_stands_on_two_things_uses_neither_up_where_one_is_gone(
    stores: Stores, account: Account
) -> None:
    await ready(stores, account)
    made = reset_of(account, request_id="request-1", recovery_code_hash=b"d" * 32)
    assert await stores.recoveries.reset(made, event()) is None
    found = await stores.recoveries.get("request-1")
    assert found is not None
    assert found.ended is None
    assert await stores.recoveries.reset(replace(made, recovery_code_hash=None), event()) is not None


async def enrol(stores: Stores, account: Account) -> bool:
    authenticator = Authenticator(
        AuthenticatorId("new"), account.account_id, AuthenticatorKind.ONE_TIME_CODE, "JBSWY3DPEHPK3PXP", Seconds(NOW)
    )
    return await stores.authenticators.enrol_totp(authenticator, (CODE,), event())


async def test_what_is_kept_long_enough_is_swept_with_the_words(stores: Stores, account: Account) -> None:
    await ready(stores, account)
    await stores.housekeeping.sweep(Seconds(UNTIL + 2 * DAY), 100)
    assert await stores.recoveries.get("request-1") is None


async def test_a_code_belongs_to_one_request(stores: Stores, account: Account) -> None:
    await stores.recoveries.ask(request(account), event(), TokenHash(CODE))
    with pytest.raises(Exception, match=r"(?i)unique|exists"):
        await stores.recoveries.ask(request(account, request_id="request-2"), event(), TokenHash(CODE))


async def test_trusted_people_are_named_accept_and_go(stores: Stores, account: Account) -> None:
    people, helper = stores.trusted_people, HELPERS[0]
    named = TrustedPerson(account.account_id, helper, Seconds(NOW))
    assert await people.name(named, 2, event())
    assert not await people.name(named, 2, event())
    assert await people.of_account(account.account_id) == (named,)
    assert await people.accept(account.account_id, helper, Seconds(NOW + 5), event())
    assert not await people.accept(account.account_id, helper, Seconds(NOW + 6), event())
    assert await people.trusting(helper) == (replace(named, accepted_at=Seconds(NOW + 5)),)
    assert await people.remove(account.account_id, helper, event())
    assert not await people.remove(account.account_id, helper, event())
    assert await people.trusting(helper) == ()


async def test_no_more_people_are_trusted_than_may_be(stores: Stores, account: Account) -> None:
    named = [TrustedPerson(account.account_id, AccountId(f"helper-{n}"), Seconds(NOW)) for n in range(20)]
    told = await asyncio.gather(*(stores.trusted_people.name(each, 5, event()) for each in named))
    assert told.count(True) == 5


async def buried(stores: Stores, account: Account, strangers: int = 60) -> None:
    """A request that people confirmed, one with a word, and those that strangers began around them."""
    await ready(stores, account)
    for name in ("request-0-heard", *(f"request-{number}" for number in range(100, 100 + strangers))):
        await stores.recoveries.ask(request(account, request_id=name), event())
    word = Word("request-0-heard", HELPERS[0], READY, UNTIL)
    assert await stores.recoveries.confirm(word, Seconds(NOW), event(), event())


async def test_what_people_gave_their_word_for_stands_before_whatever_strangers_began(
    stores: Stores, account: Account
) -> None:
    await buried(stores, account)
    await stores.recoveries.stop("request-159", Seconds(NOW), KEPT, event())
    found = [each.request_id for each in await stores.recoveries.of_account(account.account_id, Seconds(NOW), 50)]
    assert found[:3] == ["request-1", "request-0-heard", "request-158"]
    everything = await stores.recoveries.of_account(account.account_id, Seconds(NOW), 1000)
    assert [each.request_id for each in everything][-1] == "request-159"
    waiting = await stores.recoveries.waiting(account.account_id, Seconds(NOW))
    assert {each.request_id for each in waiting} == {each.request_id for each in everything[1:-1]}
    assert await stores.recoveries.waiting(account.account_id, Seconds(NOW + 7 * DAY)) == ()


async def test_one_veto_stops_every_open_request_of_the_account_and_no_other(stores: Stores, account: Account) -> None:
    recoveries = stores.recoveries
    await buried(stores, account, 5)
    await recoveries.ask(request(None, request_id="somebody else's"), event())
    assert not await recoveries.stop_all(AccountId("somebody else"), Seconds(NOW), KEPT, event())
    assert await recoveries.stop_all(account.account_id, Seconds(NOW), KEPT, event(), named="request-101")
    found = await recoveries.of_account(account.account_id, Seconds(NOW), 50)
    assert [each.ended for each in found] == [RecoveryState.STOPPED] * 7
    other = await recoveries.get("somebody else's")
    assert other is not None
    assert other.ended is None
    assert not await recoveries.stop_all(account.account_id, Seconds(NOW), KEPT, event())


async def test_a_link_of_a_request_that_is_over_stops_no_other(stores: Stores, account: Account) -> None:
    recoveries = stores.recoveries
    await buried(stores, account, 2)
    await recoveries.stop("request-100", Seconds(NOW), KEPT, event())
    assert not await recoveries.stop_all(account.account_id, Seconds(NOW), KEPT, event(), named="request-100")
    assert len(await recoveries.waiting(account.account_id, Seconds(NOW))) == 2


async def test_of_many_vetoes_and_a_reset_at_once_only_the_first_counts(stores: Stores, account: Account) -> None:
    await buried(stores, account, 5)
    made = reset_of(account, request_id="request-1")
    told = await asyncio.gather(
        stores.recoveries.reset(made, event()),
        *(stores.recoveries.stop_all(account.account_id, READY, KEPT, event()) for _ in range(50)),
    )
    assert len([each for each in told if each is not None and each is not False]) == 1
