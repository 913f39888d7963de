from asyncio import gather

from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System
from idp.domain.abuse.place import Place
from idp.domain.ids import SessionId
from idp.domain.levels.assurance import Level, Method, Proof
from idp.journeys.account_security.own_sessions import SHOWN, OwnSessions
from idp.journeys.sessions import CurrentSession
from idp.journeys.visitor import Visitor
from tests.journeys.stage import BINH, ORIGIN, VISITOR, Stage

KIND = BrowserKind(BrowserFamily.SAFARI, System.IOS)
HANOI = Place("VN", "HN", "Hà Nội", 21.03, 105.85)


def sessions_of(stage: Stage) -> OwnSessions:
    stores = stage.stores
    return OwnSessions(stores.session_records, stores.short_lived, stores.grants, stage.clock)


async def stepped_up(stage: Stage, current: CurrentSession, visitor: Visitor = VISITOR) -> CurrentSession | None:
    stage.clock.advance(30)
    loaded = await stage.begin(Level.TWO, current)
    moved = await stage.second_factor.submit_one_time_code(loaded, stage.one_time_code(), visitor)
    return await stage.sign_in.complete(moved, current, visitor)


async def test_a_person_sees_every_session_with_its_place_and_browser(stage: Stage) -> None:
    elsewhere = Visitor(ORIGIN, "vi", browser=KIND, place=HANOI)
    first = await stage.sign_in.complete(await stage.with_password(level=Level.ONE), None, elsewhere)
    assert first
    stage.clock.advance(600)
    this = await stage.signed_in()
    await stage.signed_in(BINH)

    own, other = await sessions_of(stage).of(this)

    assert (own.is_this, other.is_this) == (True, False)
    assert other.record.session_id == first.session.session_id
    assert (other.record.browser, other.record.place) == (KIND, "Hà Nội")
    assert (other.record.started_at, other.used_at) == (first.session.created_at, first.session.created_at)


async def test_the_last_use_is_told_without_anything_written_for_it(stage: Stage) -> None:
    other, this = await stage.signed_in(), await stage.signed_in()
    stage.clock.advance(1000)
    assert await stage.sessions.current(other.token)
    (shown,) = [one for one in await sessions_of(stage).of(this) if not one.is_this]
    assert shown.used_at == stage.clock.at


async def test_an_ended_session_is_over_at_once_and_the_own_one_is_not_ended_here(stage: Stage) -> None:
    other, this = await stage.signed_in(), await stage.signed_in()
    own = sessions_of(stage)

    assert await own.end(this, other.session.session_id, ORIGIN)

    assert await stage.sessions.known(other.token) is None
    assert not await own.end(this, this.session.session_id, ORIGIN)
    assert not await own.end(this, SessionId("no-such"), ORIGIN)
    assert await stage.sessions.known(this.token)
    assert [one.is_this for one in await own.of(this)] == [True]
    assert "by_owner" in (await stage.events("session.ended"))[0]


async def test_nobody_ends_somebody_else_s_session(stage: Stage) -> None:
    other, this = await stage.signed_in(BINH), await stage.signed_in()
    assert not await sessions_of(stage).end(this, other.session.session_id, ORIGIN)
    assert await stage.sessions.known(other.token)


async def test_all_others_end_however_many_there_are(stage: Stage) -> None:
    proofs = (Proof(Method.PASSWORD, stage.clock.now()),)
    this = await stage.signed_in()
    others = [await stage.signed_in() for _ in range(3)]
    stranger = await stage.signed_in(BINH)

    assert await sessions_of(stage).end_others(this, ORIGIN) == 3
    assert await sessions_of(stage).end_others(this, ORIGIN) == 0

    assert [await stage.sessions.known(one.token) for one in others] == [None] * 3
    assert await stage.sessions.known(stranger.token)
    assert (await stage.sessions.known(this.token) or this).session.proofs == proofs
    assert len(others) < SHOWN


async def test_a_session_that_is_stepped_up_stays_one_and_is_ended_under_its_new_cookie(stage: Stage) -> None:
    other, this = await stage.signed_in(), await stage.signed_in()
    stronger = await stepped_up(stage, other)
    assert stronger
    assert len(await sessions_of(stage).of(this)) == 2

    await sessions_of(stage).end(this, other.session.session_id, ORIGIN)
    assert await stage.sessions.known(stronger.token) is None


async def test_a_step_up_that_meets_the_end_of_its_session_opens_nothing(stage: Stage) -> None:
    other, this = await stage.signed_in(), await stage.signed_in()
    loaded = await stage.begin(Level.TWO, other)
    moved = await stage.second_factor.submit_one_time_code(loaded, stage.one_time_code(), VISITOR)

    stepped, ended = await gather(
        stage.sign_in.complete(moved, other, VISITOR),
        sessions_of(stage).end(this, other.session.session_id, ORIGIN),
    )

    assert ended
    assert stepped is None or await stage.sessions.known(stepped.token) is None
    assert await stage.sessions.known(other.token) is None


async def test_a_step_up_after_the_end_opens_nothing(stage: Stage) -> None:
    other, this = await stage.signed_in(), await stage.signed_in()
    loaded = await stage.begin(Level.TWO, other)
    moved = await stage.second_factor.submit_one_time_code(loaded, stage.one_time_code(), VISITOR)
    await sessions_of(stage).end(this, other.session.session_id, ORIGIN)
    started = len(await stage.events("session.started"))

    # The session was read before it was ended.
    assert await stage.sign_in.complete(moved, other, VISITOR) is None
    assert len(await stage.events("session.started")) == started
