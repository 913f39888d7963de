from asyncio import gather

import pytest

from idp.domain.abuse.attack import Price
from idp.domain.abuse.proof_of_work import solve
from idp.journeys.abuse.challenges import LIFETIME, WAIT_INTERVAL, Bound, Challenge, ShownWork, WorkDone, WorkFirstError
from tests.journeys.stage import VISITOR, Stage

BOUND = Bound("attempt", b"browser")
PRICE = Price(8, 15)


def solved(challenge: Challenge) -> ShownWork:
    return ShownWork(challenge.puzzle, solve(challenge.puzzle, challenge.bits))


async def reason(stage: Stage, shown: ShownWork, bound: Bound = BOUND, price: Price = PRICE) -> str:
    with pytest.raises(WorkFirstError) as refused:
        await stage.challenges.redeem(bound, shown, price, VISITOR)
    return refused.value.reason


async def test_solved_work_is_good_once(stage: Stage) -> None:
    shown = solved(stage.challenges.make(BOUND, PRICE))

    assert (await stage.challenges.redeem(BOUND, shown, PRICE, VISITOR)).way == "solved"
    assert await reason(stage, shown) == "used"


async def test_of_fifty_that_show_the_same_work_at_once_one_is_let_through(stage: Stage) -> None:
    shown = solved(stage.challenges.make(BOUND, PRICE))

    done = await gather(
        *(stage.challenges.redeem(BOUND, shown, PRICE, VISITOR) for _ in range(50)), return_exceptions=True
    )

    assert sum(isinstance(one, WorkDone) for one in done) == 1


async def test_wrong_work_uses_the_puzzle_up(stage: Stage) -> None:
    challenge = stage.challenges.make(BOUND, Price(30, 15))

    assert await reason(stage, ShownWork(challenge.puzzle, "1")) == "wrong"
    assert await reason(stage, ShownWork(challenge.puzzle, "2")) == "used"


@pytest.mark.parametrize("bound", [Bound("another attempt", b"browser"), Bound("attempt", b"another browser")])
async def test_work_belongs_to_its_attempt_and_its_browser(stage: Stage, bound: Bound) -> None:
    shown = solved(stage.challenges.make(BOUND, PRICE))

    assert await reason(stage, shown, bound) == "missing"


@pytest.mark.parametrize("puzzle", ["", "8.1.x", "...", "\ud800", "1" * 3000, "0.1790000000.nonce.code"])
async def test_a_puzzle_of_somebody_else_is_none(stage: Stage, puzzle: str) -> None:
    assert await reason(stage, ShownWork(puzzle, "1")) == "missing"


async def test_bits_cannot_be_talked_down(stage: Stage) -> None:
    puzzle = stage.challenges.make(BOUND, Price(20, 15)).puzzle

    assert await reason(stage, ShownWork(f"0{puzzle[2:]}", "1")) == "missing"


async def test_work_that_is_much_easier_than_what_is_asked_now_is_refused(stage: Stage) -> None:
    hoarded = [solved(stage.challenges.make(BOUND, PRICE)) for _ in range(2)]

    assert (await stage.challenges.redeem(BOUND, hoarded[0], Price(10, 15), VISITOR)).way == "solved"
    assert await reason(stage, hoarded[1], price=Price(11, 15)) == "missing"


async def test_an_old_puzzle_is_none(stage: Stage) -> None:
    shown = solved(stage.challenges.make(BOUND, PRICE))
    stage.clock.advance(LIFETIME + 1)

    assert await reason(stage, shown) == "missing"


async def test_who_has_no_script_waits_and_is_told_for_how_long(stage: Stage) -> None:
    challenge = stage.challenges.make(BOUND, PRICE)
    stage.clock.advance(5)
    with pytest.raises(WorkFirstError) as refused:
        await stage.challenges.redeem(BOUND, ShownWork(challenge.puzzle), PRICE, VISITOR)

    assert refused.value.early
    assert refused.value.wait == 10
    assert refused.value.challenge.puzzle == challenge.puzzle
    stage.clock.advance(10)
    assert (await stage.challenges.redeem(BOUND, ShownWork(challenge.puzzle), PRICE, VISITOR)).way == "waited"


async def test_waiting_at_many_places_at_once_does_not_help_a_network(stage: Stage) -> None:
    puzzles = [stage.challenges.make(BOUND, PRICE).puzzle for _ in range(6)]
    stage.clock.advance(PRICE.wait)

    assert (await stage.challenges.redeem(BOUND, ShownWork(puzzles[0]), PRICE, VISITOR)).way == "waited"
    assert (await stage.challenges.redeem(BOUND, ShownWork(puzzles[1]), PRICE, VISITOR)).way == "waited"
    assert await reason(stage, ShownWork(puzzles[2])) == "early"
    stage.clock.advance(WAIT_INTERVAL)
    assert (await stage.challenges.redeem(BOUND, ShownWork(puzzles[3]), PRICE, VISITOR)).way == "waited"
    assert await reason(stage, ShownWork(puzzles[4])) == "early"


async def test_a_right_password_after_a_wait_takes_nothing_from_the_network(stage: Stage) -> None:
    for _ in range(5):
        puzzle = stage.challenges.make(BOUND, PRICE).puzzle
        stage.clock.advance(PRICE.wait)
        done = await stage.challenges.redeem(BOUND, ShownWork(puzzle), PRICE, VISITOR)
        await stage.throttling.give_back(done.returned)
