from asyncio import gather

import pytest

from idp.journeys.passkeys.challenges import LIFETIME, Purpose, WrongChallengeError
from tests.journeys.passkeys.keyring import Keyring


async def reason(keyring: Keyring, challenge: bytes, purpose: Purpose = Purpose.SIGN_IN, holder: str = "a") -> str:
    with pytest.raises(WrongChallengeError) as wrong:
        await keyring.challenges.use(purpose, holder, challenge)
    return wrong.value.reason


async def test_a_challenge_is_good_once(keyring: Keyring) -> None:
    challenge = keyring.challenges.issue(Purpose.SIGN_IN, "a")
    await keyring.challenges.use(Purpose.SIGN_IN, "a", challenge)
    assert await reason(keyring, challenge) == "challenge_used"
    assert keyring.challenges.issue(Purpose.SIGN_IN, "a") != challenge


async def test_of_50_uses_at_once_one_gets_through(keyring: Keyring) -> None:
    challenge = keyring.challenges.issue(Purpose.REGISTER, "a")
    uses = (keyring.challenges.use(Purpose.REGISTER, "a", challenge) for _ in range(50))
    assert sum(outcome is None for outcome in await gather(*uses, return_exceptions=True)) == 1


async def test_a_challenge_is_over_after_five_minutes_used_or_not(keyring: Keyring) -> None:
    first, second = (keyring.challenges.issue(Purpose.SIGN_IN, "a") for _ in range(2))
    keyring.stage.clock.advance(LIFETIME - 1)
    await keyring.challenges.use(Purpose.SIGN_IN, "a", first)
    keyring.stage.clock.advance(1)
    assert [await reason(keyring, each) for each in (first, second)] == ["challenge_over", "challenge_over"]


async def test_a_challenge_is_for_one_purpose_and_one_holder(keyring: Keyring) -> None:
    challenge = keyring.challenges.issue(Purpose.SIGN_IN, "a")
    assert await reason(keyring, challenge, Purpose.STEP_UP) == "challenge"
    assert await reason(keyring, challenge, holder="b") == "challenge"
    await keyring.challenges.use(Purpose.SIGN_IN, "a", challenge)


@pytest.mark.parametrize("made_up", [b"", b"..", b"\xff\x00", b"x.9999999999.y", "á.1.b".encode()])
async def test_what_we_did_not_make_is_no_challenge(keyring: Keyring, made_up: bytes) -> None:
    assert await reason(keyring, made_up) == "challenge"
