from asyncio import gather

import pytest

from idp.domain.levels.assurance import Level, Method, Proof
from idp.journeys.sessions import LIMITS
from tests.journeys.stage import BINH, OFFICER, ORIGIN, Stage


@pytest.mark.parametrize("token", [None, "", "x", "\x00", "a" * 100_000])
async def test_a_cookie_of_nobody_is_no_session(stage: Stage, token: str | None) -> None:
    assert await stage.sessions.current(token) is None


async def test_a_session_is_found_by_its_cookie(stage: Stage) -> None:
    session = await stage.signed_in()

    found = await stage.sessions.current(session.token)

    assert found
    assert found.session == session.session
    assert found.account.account_id == await stage.account_id()
    assert found.session.level is Level.ONE


@pytest.mark.parametrize("person", [(), OFFICER])
async def test_using_a_session_prolongs_it_up_to_its_end(stage: Stage, person: tuple[str, ...]) -> None:
    session = await stage.signed_in(*person)
    limits = LIMITS[session.account.kind]
    rest = limits.absolute
    while rest > limits.idle:
        stage.clock.advance(limits.idle - 1)
        rest -= limits.idle - 1
        assert await stage.sessions.current(session.token)

    stage.clock.advance(rest - 1)
    assert await stage.sessions.current(session.token)
    stage.clock.advance(1)
    assert await stage.sessions.current(session.token) is None


async def test_an_idle_session_ends(stage: Stage) -> None:
    session = await stage.signed_in()
    stage.clock.advance(LIMITS[session.account.kind].idle)

    assert await stage.sessions.current(session.token) is None


async def test_an_idle_session_is_known_until_its_end_and_ends_with_what_is_bound_to_it(stage: Stage) -> None:
    session = await stage.signed_in()
    limits = LIMITS[session.account.kind]
    stage.clock.advance(limits.absolute - 1)
    known = await stage.sessions.known(session.token)
    assert known
    assert not known.is_awake(stage.clock.now())

    await stage.sessions.end(known, "sign_out", ORIGIN)
    assert await stage.sessions.known(session.token) is None
    other = await stage.signed_in()
    stage.clock.advance(limits.absolute)
    assert await stage.sessions.known(other.token) is None


async def test_stepping_up_changes_the_cookie_and_not_the_end(stage: Stage) -> None:
    session = await stage.signed_in()
    stage.clock.advance(60)
    code = Proof(Method.ONE_TIME_CODE, stage.clock.now())

    stepped = await stage.sessions.step_up(session, (*session.session.proofs, code))

    assert stepped.token != session.token
    assert stepped.session.session_id == session.session.session_id
    assert stepped.session.expires_at == session.session.expires_at
    assert stepped.session.level is Level.TWO
    assert stepped.session.authenticated_at == session.session.authenticated_at
    assert await stage.sessions.current(session.token) is None
    assert await stage.sessions.current(stepped.token)


async def test_the_same_person_goes_on_under_a_new_cookie_and_somebody_else_does_not(stage: Stage) -> None:
    session = await stage.signed_in()

    again = await stage.sessions.begin(session.account, session.session.proofs, session)
    other = await stage.sessions.begin(await stage.account(BINH), session.session.proofs, again)

    assert again.session.session_id == session.session.session_id
    assert await stage.sessions.current(session.token) is None
    assert other.session.session_id != session.session.session_id


async def test_an_ended_session_is_over_and_its_event_stays(stage: Stage) -> None:
    session = await stage.signed_in()

    await gather(*(stage.sessions.end(session, "sign_out", ORIGIN) for _ in range(3)))

    assert await stage.sessions.current(session.token) is None
    assert "sign_out" in (await stage.events("session.ended"))[0]


async def test_no_cookie_is_stored_as_it_is(stage: Stage) -> None:
    session = await stage.signed_in()

    assert await stage.stores.short_lived.get(f"session:{session.token}", stage.clock.now()) is None
