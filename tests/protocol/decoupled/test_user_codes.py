from math import log2

import pytest

from idp.domain.ids import Seconds
from idp.protocol.decoupled.requests import Reference
from idp.protocol.decoupled.user_codes import ALPHABET, LENGTH, UserCodes, read_user_code, shown_user_code
from tests.protocol.world import World


@pytest.fixture
def user_codes(world: World) -> UserCodes:
    return UserCodes(world.stores.short_lived, world.keys, world.entropy)


def test_no_letter_of_a_code_can_be_taken_for_another_sign_or_make_a_word() -> None:
    assert not set(ALPHABET) & set("AEIOUY0123456789")
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert log2(len(ALPHABET) ** LENGTH) > 34


async def test_every_letter_comes_up_in_codes(user_codes: UserCodes, world: World) -> None:
    codes = [await user_codes.fresh(world.clock.now()) for _ in range(100)]
    assert len(set(codes)) == 100
    assert set("".join(codes)) == set(ALPHABET)
    assert {len(code) for code in codes} == {LENGTH}


async def test_a_code_leads_to_its_request_until_it_expires_or_is_forgotten(
    user_codes: UserCodes, world: World
) -> None:
    now = world.clock.now()
    await user_codes.assign("BCDFGHJK", Reference("device:1"), Seconds(now + 600))
    await user_codes.assign("WXZWXZWX", Reference("device:2"), Seconds(now + 600))
    assert await user_codes.find("BCDFGHJK", Seconds(now + 599)) == "device:1"
    assert await user_codes.find("BCDFGHJK", Seconds(now + 600)) is None
    await user_codes.forget("WXZWXZWX")
    assert await user_codes.find("WXZWXZWX", now) is None


async def test_the_store_does_not_know_the_code(user_codes: UserCodes, world: World) -> None:
    await user_codes.assign("BCDFGHJK", Reference("device:1"), Seconds(world.clock.now() + 600))
    assert await world.stores.short_lived.get("user-code:BCDFGHJK", world.clock.now()) is None


@pytest.mark.parametrize(
    "typed", ["BCDF-GHJK", "bcdf ghjk", " b c d f g h j k ", "BCDF.GHJK", "BCDFGHJK\n", "bcdf–ghjk"]
)
def test_a_code_is_read_in_any_case_and_with_whatever_stands_between(typed: str) -> None:
    assert read_user_code(typed) == "BCDFGHJK"
    assert shown_user_code("BCDFGHJK") == "BCDF-GHJK"


@pytest.mark.parametrize(
    "typed", ["", "BCDFGHJ", "BCDFGHJKL", "ACDFGHJK", "1CDFGHJK", "B" * 100_000, "\0", "ＢＣＤＦＧＨＪＫ"]
)
def test_what_is_no_code_is_not_read_as_one(typed: str) -> None:
    assert read_user_code(typed) is None
