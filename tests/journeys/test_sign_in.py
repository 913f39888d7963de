from asyncio import gather
from dataclasses import replace
from typing import Any

import pytest

from idp.domain.accounts.account import Account
from idp.domain.clients.client import ClientAudience
from idp.domain.levels.assurance import Level, Method
from idp.journeys.attempt import AttemptChangedError, Loaded
from idp.journeys.next_step import Step
from idp.journeys.sessions import CurrentSession
from tests.flows.provider import PASSWORD
from tests.journeys.stage import AN, BINH, OFFICER, ORIGIN, VISITOR, Stage
from tests.ports.samples import EVENT


async def stepped_up(stage: Stage, session: CurrentSession) -> CurrentSession:
    loaded = await stage.begin(current=session)
    loaded = await stage.second_factor.submit_one_time_code(loaded, stage.one_time_code(), VISITOR)
    stepped = await stage.sign_in.complete(loaded, session, VISITOR)
    assert stepped
    return stepped


async def test_a_session_of_the_right_kind_is_built_on(stage: Stage) -> None:
    session = await stage.signed_in()

    attempt = (await stage.begin(current=session, audience=ClientAudience.CITIZEN)).attempt

    assert attempt.base_proofs == session.session.proofs
    assert await stage.sign_in.step(attempt) is Step.SECOND_FACTOR


async def test_a_session_of_the_wrong_kind_or_one_that_must_not_count_is_not(stage: Stage) -> None:
    session = await stage.signed_in()

    for demand in ({"audience": ClientAudience.OFFICER}, {"reauthenticate": True}):
        attempt = (await stage.begin(current=session, **demand)).attempt
        assert attempt.base_proofs == ()
        assert attempt.base_session is None
        assert await stage.sign_in.step(attempt) is Step.PASSWORD


async def test_a_finished_attempt_is_done(stage: Stage) -> None:
    loaded = await stage.begin(Level.FOUR)

    assert await stage.sign_in.step(replace(loaded.attempt, signed_in=True)) is Step.DONE


async def test_completing_leaves_one_event_that_says_how(stage: Stage) -> None:
    session = await stepped_up(stage, await stage.signed_in())

    first, second = await stage.events("session.started")
    assert '"stepped_up":false' in first.replace(" ", "")
    assert '"stepped_up":true' in second.replace(" ", "")
    assert "urn:vn:loa:2" in second
    assert session.session.session_id in second


async def test_of_two_completions_at_once_one_begins_a_session(stage: Stage) -> None:
    loaded = await stage.with_password(level=Level.ONE)

    outcomes = await gather(*(stage.sign_in.complete(loaded, None, VISITOR) for _ in range(2)), return_exceptions=True)

    assert sum(isinstance(one, CurrentSession) for one in outcomes) == 1
    assert sum(isinstance(one, AttemptChangedError) for one in outcomes) == 1
    assert len(await stage.events("session.started")) == 1


async def test_whoever_was_signed_in_as_somebody_else_is_signed_out(stage: Stage) -> None:
    session = await stage.signed_in()
    loaded = await stage.with_password(BINH, PASSWORD, Level.ONE)

    other = await stage.sign_in.complete(loaded, session, VISITOR)

    assert other
    assert await stage.sessions.current(session.token) is None
    assert "replaced" in (await stage.events("session.ended"))[0]


async def test_stepping_up_adds_to_what_the_session_proved(stage: Stage) -> None:
    session = await stage.signed_in()
    stage.clock.advance(60)

    stepped = await stepped_up(stage, session)

    assert {proof.method for proof in stepped.session.proofs} == {Method.PASSWORD, Method.ONE_TIME_CODE}
    assert stepped.session.authenticated_at == session.session.authenticated_at


async def attempt_on(stage: Stage, session: CurrentSession) -> Loaded:
    loaded = await stage.begin(current=session)
    return await stage.second_factor.submit_one_time_code(loaded, stage.one_time_code(), VISITOR)


async def test_an_attempt_dies_with_the_session_that_it_was_built_on(stage: Stage) -> None:
    session = await stage.signed_in()
    loaded = await attempt_on(stage, session)
    await stage.sessions.end(session, "sign_out", ORIGIN)

    assert await stage.sign_in.complete(loaded, None, VISITOR) is None
    assert await stage.sign_in.complete(loaded, await stage.signed_in(), VISITOR) is None
    assert await stage.sign_in.complete(loaded, await stage.signed_in(BINH), VISITOR) is None


async def test_a_session_that_nobody_used_for_too_long_is_not_stepped_up(stage: Stage) -> None:
    session = await stage.signed_in(*OFFICER)
    loaded = await attempt_on(stage, session)
    stage.clock.advance(15 * 60)
    known = await stage.sessions.known(session.token)

    assert known
    assert await stage.sessions.current(session.token) is None
    assert await stage.sign_in.complete(loaded, known, VISITOR) is None


async def test_what_the_session_has_proved_counts_as_it_is_now(stage: Stage) -> None:
    session = await stepped_up(stage, await stage.signed_in())
    loaded = await stage.begin(current=session)
    weaker = await stage.sessions.begin(session.account, session.session.proofs[:1], session)

    completed = await stage.sign_in.complete(loaded, weaker, VISITOR)

    assert completed
    assert completed.session.level is Level.ONE


async def test_a_session_of_the_person_goes_on_when_everything_is_proved_anew(stage: Stage) -> None:
    session = await stage.signed_in()
    stage.clock.advance(60)
    loaded = await stage.with_password(level=Level.ONE)

    again = await stage.sign_in.complete(loaded, session, VISITOR)

    assert again
    assert again.session.session_id == session.session.session_id
    assert again.session.authenticated_at == session.session.authenticated_at + 60


@pytest.mark.parametrize(("username", "password"), [(AN, PASSWORD), OFFICER])
async def test_the_limits_of_a_session_are_those_of_the_account(stage: Stage, username: str, password: str) -> None:
    session = await stage.signed_in(username, password)

    hours = (session.session.expires_at - session.session.created_at) // 3600
    assert hours == (8 if username == OFFICER[0] else 12)


async def test_what_was_proved_before_everything_was_ended_begins_no_session(stage: Stage) -> None:
    loaded = await stage.with_password(level=Level.ONE)
    account = await stage.account()
    stage.clock.advance(60)
    await change_password(stage, account)
    assert await stage.sign_in.complete(loaded, None, VISITOR) is None


async def change_password(stage: Stage, account: Account) -> None:
    now, stands = stage.clock.now(), account.sessions_valid_from
    await stage.stores.accounts.change_password(account.account_id, "another", now, EVENT, valid_from=stands)


async def test_what_was_proved_in_the_very_second_in_which_everything_was_ended_begins_no_session(stage: Stage) -> None:
    loaded = await stage.with_password(level=Level.ONE)
    await change_password(stage, await stage.account())
    assert await stage.sign_in.complete(loaded, None, VISITOR) is None


async def test_a_password_that_was_changed_while_it_was_looked_at_begins_no_session(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, verify = await stage.account(), stage.hasher.verify

    async def slowly(*shown: Any, **more: Any) -> bool:
        right = await verify(*shown, **more)
        await change_password(stage, account)
        stage.clock.advance(30)
        return right

    monkeypatch.setattr(stage.hasher, "verify", slowly)
    loaded = await stage.with_password(level=Level.ONE)

    assert not await stage.sign_in.still_stands(loaded.attempt, None)
    assert await stage.sign_in.complete(loaded, None, VISITOR) is None


async def test_everything_that_ends_while_a_session_is_written_ends_it_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, account = await stage.with_password(level=Level.ONE), await stage.account()
    keep = stage.stores.session_records.keep

    async def late(*said: Any, **more: Any) -> bool:
        await change_password(stage, account)
        return await keep(*said, **more)

    monkeypatch.setattr(stage.stores.session_records, "keep", late)
    assert await stage.sign_in.complete(loaded, None, VISITOR) is None


async def test_what_was_proved_before_the_end_of_everything_does_not_count_after_signing_in_again(stage: Stage) -> None:
    loaded = await stage.with_password(level=Level.ONE)
    await change_password(stage, await stage.account())
    again = await stage.account()

    attempt = loaded.attempt.identified(again)
    assert (attempt.proofs, attempt.valid_from) == ((), again.sessions_valid_from)
