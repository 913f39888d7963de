import re
from dataclasses import fields, is_dataclass

import pytest

from idp.domain import events
from idp.domain.levels.assurance import Level
from idp.journeys.account_security.history import TOLD, SecurityHistoryReader
from idp.journeys.refusals import WrongCredentialsError
from tests.journeys.stage import AN, BINH, ORIGIN, VISITOR, Stage


async def read(stage: Stage) -> int:
    return await SecurityHistoryReader(stage.stores.audit_log, stage.stores.security_history).read_on(lambda: True)


async def test_an_owner_reads_what_happened_to_the_account_and_nobody_else_does(stage: Stage) -> None:
    session = await stage.signed_in()
    stage.clock.advance(5)
    with pytest.raises(WrongCredentialsError):
        await stage.password.submit(await stage.begin(Level.ONE), AN, "wrong", VISITOR)
    await stage.sessions.end(session, "sign_out", ORIGIN)
    assert await read(stage) == 3
    assert await read(stage) == 0

    found = await stage.stores.security_history.of_account(await stage.account_id(), "", 10)

    assert {one.name for one in found} == {"session.started", "password.refused", "session.ended"}
    (started,) = [one for one in found if one.name == "session.started"]
    assert started == found[-1]
    assert started.details == {"amr": "pwd", "stepped_up": "no"}
    assert await stage.stores.security_history.of_account(await stage.account_id(BINH), "", 10) == ()


async def test_what_concerns_no_account_is_nobody_s_history(stage: Stage) -> None:
    with pytest.raises(WrongCredentialsError):
        await stage.password.submit(await stage.begin(Level.ONE), "001099999999", "wrong", VISITOR)
    assert await read(stage) == 0


async def test_reading_stops_when_it_may_not_go_on(stage: Stage) -> None:
    await stage.signed_in()
    reader = SecurityHistoryReader(stage.stores.audit_log, stage.stores.security_history)
    assert await reader.read_on(lambda: False) == 0
    assert await reader.read_on(lambda: True) == 1


async def test_the_place_of_an_event_in_the_list_can_stand_in_an_address(stage: Stage) -> None:
    await stage.signed_in()
    await read(stage)
    (found,) = await stage.stores.security_history.of_account(await stage.account_id(), "", 10)
    assert re.fullmatch(r"[0-9A-Za-z._~-]+", found.event_id)


@pytest.mark.parametrize("name", sorted(TOLD))
def test_every_field_that_is_told_is_one_of_the_event_s(name: str) -> None:
    kinds = [kind for kind in vars(events).values() if is_dataclass(kind) and getattr(kind, "name", "") == name]
    assert len(kinds) == 1
    assert {"account_id", *TOLD[name]} <= {field.name for field in fields(kinds[0])}
