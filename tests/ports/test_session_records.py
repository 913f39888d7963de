"""The contract of `SessionRecords`."""

from dataclasses import replace

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System
from idp.domain.accounts.account import Account
from idp.domain.accounts.account_closure import AccountClosure
from idp.domain.events import SessionEnded
from idp.domain.ids import AccountId, Seconds, SessionId
from idp.domain.sign_ins.session_record import SessionRecord
from tests.ports.samples import NOW, ORIGIN, event
from tests.ports.test_security_history import happened
from tests.ports.test_trusted_browsers import browser

NOW_ = Seconds(NOW)
STANDS = Seconds(0)
"""`sessions_valid_from` of an account whose sessions nobody ended yet."""


def record(account_id: AccountId, name: str = "1", **changes: object) -> SessionRecord:
    made = SessionRecord(
        session_id=SessionId(f"session-{name}"),
        account_id=account_id,
        store_key=f"session:{name}",
        browser=BrowserKind(BrowserFamily.COC_COC, System.WINDOWS),
        source="pseudonym-1",
        place="VN-HN",
        started_at=NOW_,
        expires_at=Seconds(NOW + 3600),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def ended(account_id: AccountId, name: str) -> SessionEnded:
    return SessionEnded(origin=ORIGIN, account_id=account_id, session_id=SessionId(f"session-{name}"), reason="x")


async def test_sessions_are_listed_latest_first_and_to_their_owner_alone(stores: Stores, account: Account) -> None:
    records = stores.session_records
    first, second = record(account.account_id), record(account.account_id, "2", place=None)
    for one in (first, second):
        assert await records.keep(one, event(), valid_from=STANDS)

    assert await records.of_account(account.account_id, NOW_, 10) == (second, first)
    assert await records.of_account(account.account_id, NOW_, 1) == (second,)
    assert await records.of_account(AccountId("somebody"), NOW_, 10) == ()
    assert await records.get(account.account_id, first.session_id) == first
    assert await records.get(AccountId("somebody"), first.session_id) is None


async def test_a_session_stands_in_the_record_with_its_event_and_the_account_s_use(
    stores: Stores, account: Account
) -> None:
    before = len([one async for one in stores.audit_log.records()])
    assert await stores.session_records.keep(
        record(account.account_id), event(), valid_from=STANDS, used_at=Seconds(NOW + 7)
    )

    assert len([one async for one in stores.audit_log.records()]) == before + 1
    used = await stores.accounts.get(account.account_id)
    assert used
    assert used.idle_from == NOW + 7


async def test_a_session_that_goes_on_has_one_record_with_its_new_cookie(stores: Stores, account: Account) -> None:
    records, first = stores.session_records, record(account.account_id)
    await records.keep(first, event(), valid_from=STANDS)
    moved = replace(first, store_key="session:other", place="VN-SG")

    assert await records.keep(moved, event(), valid_from=STANDS, goes_on=True)

    assert await records.of_account(account.account_id, NOW_, 10) == (moved,)


async def test_an_ended_session_is_not_listed_and_does_not_go_on(stores: Stores, account: Account) -> None:
    records, first = stores.session_records, record(account.account_id)
    await records.keep(first, event(), valid_from=STANDS)
    await stores.grants.end_session(first.session_id, NOW_, ended(account.account_id, "1"))
    written = len([one async for one in stores.audit_log.records()])

    assert await records.of_account(account.account_id, NOW_, 10) == ()
    assert not await records.keep(replace(first, store_key="session:other"), event(), valid_from=STANDS, goes_on=True)
    assert len([one async for one in stores.audit_log.records()]) == written
    assert await records.get(account.account_id, first.session_id) == first


async def test_a_session_that_was_ended_is_told_from_any_other(stores: Stores, account: Account) -> None:
    records, first, second = stores.session_records, record(account.account_id), record(account.account_id, "2")
    for each in (first, second):
        await records.keep(each, event(), valid_from=STANDS)
    await stores.grants.end_session(first.session_id, NOW_, ended(account.account_id, "1"))

    assert await records.has_ended(first.session_id)
    assert not await records.has_ended(second.session_id)
    assert not await records.has_ended(SessionId("session-never"))


async def test_ended_sessions_leave_no_gap_in_the_list(stores: Stores, account: Account) -> None:
    records = stores.session_records
    for number in range(8):
        await records.keep(record(account.account_id, f"{number}"), event(), valid_from=STANDS)
    for number in (7, 6, 5, 4, 2):
        await stores.grants.end_session(SessionId(f"session-{number}"), NOW_, ended(account.account_id, f"{number}"))
    shown = await records.of_account(account.account_id, NOW_, 2)
    assert [one.session_id for one in shown] == ["session-3", "session-1"]
    assert len(await records.of_account(account.account_id, NOW_, 50)) == 3


async def test_whatever_ends_all_sessions_empties_the_list(stores: Stores, account: Account) -> None:
    records = stores.session_records
    await records.keep(record(account.account_id), event(), valid_from=STANDS)
    await stores.accounts.end_all_sessions(account.account_id, NOW_, event())
    assert await records.of_account(account.account_id, NOW_, 10) == ()

    after = record(account.account_id, "2", started_at=Seconds(NOW + 1))
    assert await records.keep(after, event(), valid_from=after.started_at)
    assert await records.of_account(account.account_id, NOW_, 10) == (after,)


@pytest.mark.parametrize("goes_on", [False, True])
async def test_a_session_whose_account_was_signed_out_meanwhile_is_not_recorded(
    stores: Stores, account: Account, *, goes_on: bool
) -> None:
    records = stores.session_records
    await stores.accounts.end_all_sessions(account.account_id, NOW_, event())
    written = len([one async for one in stores.audit_log.records()])
    late = record(account.account_id, started_at=Seconds(NOW + 60))

    assert not await records.keep(late, event(), valid_from=STANDS, used_at=Seconds(NOW + 60), goes_on=goes_on)

    assert await records.get(account.account_id, late.session_id) is None
    assert len([one async for one in stores.audit_log.records()]) == written
    found = await stores.accounts.get(account.account_id)
    assert found
    assert found.idle_from == account.idle_from


async def test_an_ending_by_a_slow_clock_ends_the_youngest_session_too(stores: Stores, account: Account) -> None:
    records = stores.session_records
    ahead = record(account.account_id, started_at=Seconds(NOW + 5))
    await records.keep(ahead, event(), valid_from=STANDS)

    await stores.accounts.end_all_sessions(account.account_id, NOW_, event())

    found = await stores.accounts.get(account.account_id)
    assert found
    assert found.sessions_valid_from == NOW + 6


async def test_nothing_of_the_safety_of_an_account_is_left_when_it_closes(stores: Stores, account: Account) -> None:
    account_id = account.account_id
    await stores.session_records.keep(record(account_id), event(), valid_from=STANDS)
    await stores.trusted_browsers.trust(browser(account_id), event())
    await stores.security_history.add("main", 0, 1, [happened(1, account_id)])
    closure = AccountClosure(account_id, NOW_, NOW_)
    await stores.account_closures.ask(closure, event())
    assert await stores.account_closures.close(closure, NOW_, event()) is not None

    assert await stores.session_records.get(account_id, SessionId("session-1")) is None
    assert await stores.trusted_browsers.revoke_all(account_id, event()) == 0
    assert await stores.security_history.of_account(account_id, "", 10) == ()


async def test_a_session_past_its_end_is_not_listed_and_swept_a_day_later(stores: Stores, account: Account) -> None:
    records, first = stores.session_records, record(account.account_id)
    await records.keep(first, event(), valid_from=STANDS)
    assert await records.of_account(account.account_id, Seconds(NOW + 3600), 10) == ()

    await stores.housekeeping.sweep(Seconds(NOW + 3600), 10)
    assert await records.get(account.account_id, first.session_id)
    await stores.housekeeping.sweep(Seconds(NOW + 3600 + 24 * 3600), 10)
    assert await records.get(account.account_id, first.session_id) is None
