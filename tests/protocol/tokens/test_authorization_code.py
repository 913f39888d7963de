import math
from asyncio import gather
from collections import Counter

from idp.protocol.tokens.authorization_code import LIFETIME, TOMBSTONE_LIFETIME, AuthorizationCode, Replayed
from tests.protocol.world import World


async def test_a_code_has_more_entropy_than_anybody_demands(world: World) -> None:
    code = await world.code()
    counts = Counter(code)
    entropy = -sum(count / len(code) * math.log2(count / len(code)) for count in counts.values()) * len(code)
    assert len(code) * 6 >= 256
    assert entropy > 96


async def test_a_code_is_not_stored_itself(world: World) -> None:
    code = await world.code()
    assert await world.stores.short_lived.get(f"code:{code}", world.clock.now()) is None


async def test_a_claimed_code_gives_back_everything_that_was_put_in(world: World) -> None:
    grant = world.grant(scopes=("openid", "email"), claims={"userinfo": {"name": {"essential": True, "values": []}}})
    code = await world.code(grant, nonce="näñ")
    claimed = await world.codes.claim(code, world.clock.now())
    assert isinstance(claimed, AuthorizationCode)
    assert claimed.grant == grant
    assert claimed.nonce == "näñ"


async def test_of_many_claims_at_once_one_wins_and_the_others_are_told_whose_it_was(world: World) -> None:
    grant = world.grant()
    code = await world.code(grant)
    outcomes = await gather(*(world.codes.claim(code, world.clock.now()) for _ in range(50)))
    assert sum(isinstance(outcome, AuthorizationCode) for outcome in outcomes) == 1
    assert [outcome for outcome in outcomes if outcome == Replayed(grant.grant_id)] == [Replayed(grant.grant_id)] * 49


async def test_a_code_lives_for_sixty_seconds(world: World) -> None:
    code = await world.code()
    world.clock.seconds += LIFETIME
    assert await world.codes.claim(code, world.clock.now()) is None


async def test_a_replay_is_recognised_long_after_the_code_would_have_expired(world: World) -> None:
    code = await world.code()
    await world.codes.claim(code, world.clock.now())
    world.clock.seconds += TOMBSTONE_LIFETIME - 1
    assert isinstance(await world.codes.claim(code, world.clock.now()), Replayed)


async def test_a_code_that_was_never_issued_is_unknown(world: World) -> None:
    for made_up in ("", "x", "🙂", "x" * 5000):
        assert await world.codes.claim(made_up, world.clock.now()) is None
