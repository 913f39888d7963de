from typing import Any

import pytest

from idp.domain.accounts.account import Contact
from idp.domain.accounts.account_closure import COOLING_OFF
from idp.domain.ids import Seconds
from idp.journeys.account_closing import ClosingAccounts
from idp.ports.account_closures import OfficersDoNotCloseError
from idp.ports.mail import MailError
from tests.journeys.stage import BINH, CUONG, OFFICER, ORIGIN, Stage


class Box:
    """Takes the notice that an account closes, or nothing."""

    def __init__(self, *, full: bool = False) -> None:
        self.sent: list[tuple[str, int]] = []
        self._full = full

    async def account_closes(self, contact: Contact, closes_at: Seconds, _locale: str) -> None:
        if self._full:
            raise MailError
        self.sent.append((contact.address, closes_at))


def closing(stage: Stage) -> ClosingAccounts:
    stores = stage.stores
    return ClosingAccounts(stores.account_closures, stores.accounts, stage.clock, stage.entropy, default_locale="vi")


async def asked(stage: Stage, identifier: str, box: Any) -> bool:
    return await closing(stage).ask(await stage.account(identifier), box, ORIGIN)


async def test_the_owner_is_told_when_the_account_closes_and_once_only(stage: Stage) -> None:
    box = Box()
    assert await asked(stage, BINH, box)
    assert not await asked(stage, BINH, box)
    assert box.sent == [(BINH, stage.clock.at + COOLING_OFF)]
    assert len(await stage.events("account.closing")) == 1


async def test_a_mail_server_that_takes_nothing_does_not_keep_an_account_open(stage: Stage) -> None:
    assert await asked(stage, BINH, Box(full=True))
    assert await closing(stage).standing(await stage.account_id(BINH)) is not None


async def test_officers_do_not_close_the_account_that_their_agency_gave(stage: Stage) -> None:
    for identifier in (OFFICER[0], CUONG):
        with pytest.raises(OfficersDoNotCloseError):
            await asked(stage, identifier, Box())
    assert await stage.events("account.closing") == []


async def test_what_was_taken_back_does_not_close(stage: Stage) -> None:
    await asked(stage, BINH, Box())
    account_id = await stage.account_id(BINH)
    assert await closing(stage).take_back(account_id, ORIGIN)
    assert not await closing(stage).take_back(account_id, ORIGIN)
    stage.clock.advance(COOLING_OFF)
    assert await closing(stage).close_due(lambda: True) == 0
    assert (await stage.account(BINH)).is_active


async def test_an_account_closes_when_its_time_has_come_and_only_while_the_turn_lasts(stage: Stage) -> None:
    await asked(stage, BINH, Box())
    account_id = await stage.account_id(BINH)
    stage.clock.advance(COOLING_OFF)
    assert await closing(stage).close_due(lambda: False) == 0
    assert await closing(stage).close_due(lambda: True) == 1
    assert await closing(stage).close_due(lambda: True) == 0
    closed = await stage.stores.accounts.get(account_id)
    assert closed is not None
    assert not closed.is_active
    assert len(await stage.events("account.closed")) == 1
    assert not await closing(stage).take_back(account_id, ORIGIN)
