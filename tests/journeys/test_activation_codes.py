from asyncio import gather
from collections.abc import Awaitable, Callable

import pytest

from idp.domain.ids import Seconds
from idp.journeys.activation_codes import DIGITS, LIFETIMES, MOST_TRIES, Channel
from idp.journeys.refusals import CodeExpiredError, RefusedError, WrongCodeError
from tests.journeys.stage import BINH, Stage


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


@pytest.mark.parametrize("channel", list(Channel))
async def test_a_code_has_the_digits_of_its_channel_and_works_once(stage: Stage, channel: Channel) -> None:
    account_id = await stage.account_id()
    code = await stage.codes.issue(account_id, channel)

    assert len(code) == DIGITS[channel]
    assert code.isdecimal()
    assert await stage.codes.accept(account_id, code) is channel
    with pytest.raises(CodeExpiredError):
        await stage.codes.accept(account_id, code)


@pytest.mark.parametrize("channel", list(Channel))
async def test_a_code_lives_for_the_time_of_its_channel(stage: Stage, channel: Channel) -> None:
    account_id = await stage.account_id()
    code = await stage.codes.issue(account_id, channel)
    stage.clock.advance(LIFETIMES[channel] - 1)
    with pytest.raises(WrongCodeError):
        await stage.codes.accept(account_id, wrong(code))
    stage.clock.advance(1)

    with pytest.raises(CodeExpiredError):
        await stage.codes.accept(account_id, code)


@pytest.mark.parametrize("typed", ["", "x", "1" * 5000, "１２３４５６", "\x00"])
async def test_whatever_is_typed_is_wrong_and_no_failure(stage: Stage, typed: str) -> None:
    account_id = await stage.account_id()
    await stage.codes.issue(account_id, Channel.CONTACT)

    with pytest.raises(WrongCodeError):
        await stage.codes.accept(account_id, typed)


async def test_wrong_tries_end_a_code_and_a_new_one_starts_afresh(stage: Stage) -> None:
    account_id = await stage.account_id()
    code = await stage.codes.issue(account_id, Channel.CONTACT)
    for _ in range(MOST_TRIES):
        with pytest.raises(WrongCodeError):
            await stage.codes.accept(account_id, wrong(code))
    with pytest.raises(CodeExpiredError):
        await stage.codes.accept(account_id, code)

    code = await stage.codes.issue(account_id, Channel.CONTACT)
    assert await stage.codes.accept(account_id, code) is Channel.CONTACT


async def test_fifty_wrong_tries_at_once_count_as_fifty(stage: Stage) -> None:
    account_id = await stage.account_id()
    code = await stage.codes.issue(account_id, Channel.CONTACT)

    tries = (stage.codes.accept(account_id, wrong(code)) for _ in range(50))
    outcomes = await gather(*tries, return_exceptions=True)

    assert sum(isinstance(one, WrongCodeError) for one in outcomes) <= MOST_TRIES
    assert all(isinstance(one, RefusedError) for one in outcomes)
    with pytest.raises(CodeExpiredError):
        await stage.codes.accept(account_id, code)


async def test_of_five_right_tries_at_once_one_is_accepted(stage: Stage) -> None:
    account_id = await stage.account_id()
    code = await stage.codes.issue(account_id, Channel.CONTACT)

    outcomes = await gather(*(stage.codes.accept(account_id, code) for _ in range(5)), return_exceptions=True)

    assert outcomes.count(Channel.CONTACT) == 1


@pytest.mark.parametrize("tries", [1, MOST_TRIES + 1])
async def test_a_code_that_is_issued_while_an_earlier_one_is_tried_works(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tries: int
) -> None:
    account_id = await stage.account_id()
    earlier = await stage.codes.issue(account_id, Channel.CONTACT)
    for _ in range(tries - 1):
        with pytest.raises(WrongCodeError):
            await stage.codes.accept(account_id, wrong(earlier))
    newer: list[str] = []
    counted: Callable[..., Awaitable[int]] = stage.stores.short_lived.increment

    async def issued_meanwhile(key: str, now: Seconds, expires_at: Seconds) -> int:
        newer.append(await stage.codes.issue(account_id, Channel.CONTACT))
        return await counted(key, now, expires_at)

    with monkeypatch.context() as patched:
        patched.setattr(stage.stores.short_lived, "increment", issued_meanwhile)
        with pytest.raises(RefusedError):
            await stage.codes.accept(account_id, earlier)

    assert await stage.codes.accept(account_id, newer[0]) is Channel.CONTACT


@pytest.mark.parametrize(("guessed", "other"), [tuple(Channel), tuple(reversed(Channel))])
async def test_guesses_at_one_kind_of_code_use_up_no_tries_of_the_other(
    stage: Stage, guessed: Channel, other: Channel
) -> None:
    account_id = await stage.account_id()
    guess = wrong(await stage.codes.issue(account_id, guessed))
    code = await stage.codes.issue(account_id, other)
    for _ in range(MOST_TRIES + 1):
        with pytest.raises(RefusedError):
            await stage.codes.accept(account_id, guess)

    assert await stage.codes.accept(account_id, code) is other


async def test_each_channel_holds_a_code_of_its_own(stage: Stage) -> None:
    account_id = await stage.account_id()
    contact = await stage.codes.issue(account_id, Channel.CONTACT)
    counter = await stage.codes.issue(account_id, Channel.COUNTER)

    assert await stage.codes.accept(account_id, counter) is Channel.COUNTER
    assert await stage.codes.accept(account_id, contact) is Channel.CONTACT


async def test_a_code_is_for_one_account(stage: Stage) -> None:
    code = await stage.codes.issue(await stage.account_id(), Channel.CONTACT)

    with pytest.raises(CodeExpiredError):
        await stage.codes.accept(await stage.account_id(BINH), code)


async def test_no_code_is_stored_as_it_is(stage: Stage) -> None:
    account_id = await stage.account_id()
    code = await stage.codes.issue(account_id, Channel.CONTACT)

    stored = await stage.stores.short_lived.get(f"activation:contact:{account_id}", stage.clock.now())

    assert stored
    assert code.encode() not in stored


async def test_guesses_at_a_sent_code_do_not_use_up_the_one_of_a_counter(stage: Stage) -> None:
    account_id = await stage.account_id()
    sent = await stage.codes.issue(account_id, Channel.CONTACT)
    handed_over = await stage.codes.issue(account_id, Channel.COUNTER)
    for _ in range(MOST_TRIES + 1):
        with pytest.raises(RefusedError):
            await stage.codes.accept(account_id, wrong(sent))

    assert await stage.codes.accept(account_id, handed_over) is Channel.COUNTER
