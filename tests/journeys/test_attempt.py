from asyncio import gather
from dataclasses import replace

import pytest

from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Level, Method, Proof
from idp.journeys.attempt import LIFETIME, Attempt, AttemptChangedError, browser_hash
from tests.journeys.stage import AN, BROWSER, Stage


async def test_an_attempt_belongs_to_the_browser_that_began_it(stage: Stage) -> None:
    attempt = (await stage.begin()).attempt

    assert await stage.attempts.load(attempt.attempt_id, BROWSER)
    for stranger in (None, "", "another-browser", BROWSER.upper()):
        assert await stage.attempts.load(attempt.attempt_id, stranger) is None


@pytest.mark.parametrize("attempt_id", ["", "x", "../x", "\x00", "a" * 100_000])
async def test_an_attempt_that_never_was_is_not_found(stage: Stage, attempt_id: str) -> None:
    assert await stage.attempts.load(attempt_id, BROWSER) is None


async def test_an_attempt_ends_at_its_time_whatever_was_done_in_it(stage: Stage) -> None:
    loaded = await stage.begin()
    stage.clock.advance(LIFETIME - 1)
    loaded = await stage.attempts.advance(loaded, replace(loaded.attempt, consented=True))
    stage.clock.advance(1)

    assert await stage.attempts.load(loaded.attempt.attempt_id, BROWSER) is None


async def test_what_a_request_carries_is_sealed(stage: Stage) -> None:
    loaded = await stage.begin(login_hint=AN, parameters=(("login_hint", AN),))

    assert AN.encode() not in loaded.sealed.stored
    assert loaded.attempt.attempt_id.encode() not in loaded.sealed.stored
    assert (await stage.load(loaded.attempt.attempt_id)).attempt == loaded.attempt


async def test_of_two_changes_of_one_attempt_the_second_is_refused(stage: Stage) -> None:
    loaded = await stage.begin()

    outcomes = await gather(
        *(stage.attempts.advance(loaded, replace(loaded.attempt, consented=True)) for _ in range(2)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, AttemptChangedError) for one in outcomes) == 1


async def test_every_field_comes_back_as_it_was_stored(stage: Stage) -> None:
    session = await stage.signed_in()
    loaded = await stage.begin(current=session)
    changed = replace(loaded.attempt, answered=True, signed_in=True, return_to="/account")
    await stage.attempts.advance(loaded, changed)

    again = (await stage.load(changed.attempt_id)).attempt
    assert again == changed
    assert again.base_session == session.session.session_id
    assert again.base_proofs == session.session.proofs


def test_a_later_proof_of_a_method_replaces_the_earlier_one() -> None:
    attempt = Attempt("a", browser_hash("b"), Seconds(0), Level.TWO)

    twice = attempt.proved(Proof(Method.PASSWORD, Seconds(1))).proved(Proof(Method.PASSWORD, Seconds(9)))

    assert twice.all_proofs == (Proof(Method.PASSWORD, Seconds(9)),)
    assert twice.requirement.level is Level.TWO


def test_the_account_is_known_only_after_the_first_factor() -> None:
    with pytest.raises(ValueError, match="after the first factor"):
        _ = Attempt("a", browser_hash("b"), Seconds(0), Level.ONE).known_account


async def test_a_step_is_stored_once_and_only_in_place_of_what_it_was_taken_from(stage: Stage) -> None:
    loaded = await stage.begin()
    moved = loaded.moved(replace(loaded.attempt, consented=True))
    assert not (await stage.load(loaded.attempt.attempt_id)).attempt.consented

    kept = await stage.attempts.keep(moved)

    assert (await stage.load(loaded.attempt.attempt_id)).attempt == moved.attempt
    assert await stage.attempts.keep(kept) is kept
    with pytest.raises(AttemptChangedError):
        await stage.attempts.keep(moved)
