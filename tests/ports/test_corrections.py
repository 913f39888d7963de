"""The contract of `Corrections`."""

import asyncio
from dataclasses import replace

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account
from idp.domain.ids import AccountId, Seconds
from idp.domain.people.correction import OPEN, CorrectionRequest, CorrectionState
from tests.ports.samples import NOW, event

OFFICER = AccountId("officer")


def request(account: Account, name: str = "r1", **changes: object) -> CorrectionRequest:
    made = CorrectionRequest(
        request_id=name,
        account_id=account.account_id,
        person_id=account.person_id,
        wanted={"name": "Nguyễn Thị Hòa"},
        reason="Sai dấu",
        state=CorrectionState.WAITING,
        asked_at=Seconds(NOW),
        answer_due=Seconds(NOW + 100),
        complete_due=Seconds(NOW + 1000),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def test_a_request_is_read_back_with_what_was_typed(stores: Stores, account: Account) -> None:
    asked = request(account)
    assert await stores.corrections.add(asked, event(), 3)
    assert await stores.corrections.get("r1") == asked
    assert await stores.corrections.of_account(account.account_id) == (asked,)
    assert await stores.corrections.get("r2") is None
    assert await stores.corrections.of_account(AccountId("other")) == ()


async def test_nobody_has_more_open_requests_than_allowed_however_many_come_at_once(
    stores: Stores, account: Account
) -> None:
    kept = await asyncio.gather(
        *(stores.corrections.add(request(account, f"r{number:02}"), event(), 3) for number in range(50))
    )
    assert sum(kept) == 3
    first = (await stores.corrections.of_account(account.account_id))[-1]
    assert await stores.corrections.move(first, replace(first, state=CorrectionState.WITHDRAWN), event())
    assert await stores.corrections.add(request(account, "r90"), event(), 3)


async def test_a_request_moves_once_from_each_state(stores: Stores, account: Account) -> None:
    asked = request(account)
    await stores.corrections.add(asked, event(), 3)
    answered = replace(
        asked,
        state=CorrectionState.REJECTED,
        answered_by=OFFICER,
        answered_at=Seconds(NOW + 5),
        answer="Hồ sơ đúng với giấy khai sinh",
        completed_at=Seconds(NOW + 5),
    )
    moved = await asyncio.gather(*(stores.corrections.move(asked, answered, event()) for _ in range(50)))
    assert sum(moved) == 1
    assert await stores.corrections.get("r1") == answered


async def test_the_queue_begins_with_what_is_due_first_and_is_paged_by_key(stores: Stores, account: Account) -> None:
    due = {"r1": 300, "r2": 100, "r3": 200, "r4": 100}
    for name, after in due.items():
        await stores.corrections.add(request(account, name, answer_due=Seconds(NOW + after)), event(), 9)
    done = request(account, "r5", state=CorrectionState.DONE)
    await stores.corrections.add(done, event(), 9)

    first = await stores.corrections.listed(OPEN, None, 3)
    assert [each.request_id for each in first] == ["r2", "r4", "r3"]
    rest = await stores.corrections.listed(OPEN, first[-1], 3)
    assert [each.request_id for each in rest] == ["r1"]
    assert await stores.corrections.listed((CorrectionState.DONE,), None, 3) == (done,)
