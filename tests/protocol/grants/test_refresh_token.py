from asyncio import gather
from dataclasses import replace

import pytest

from idp.domain.clients.client_policy import POLICIES, ClientProfile
from idp.domain.ids import Seconds
from idp.protocol.errors import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    InvalidTargetError,
    InvalidTokenError,
    OAuthError,
)
from idp.protocol.tokens.refresh_token import PUBLIC_LIFETIME
from idp.protocol.tokens.token import TokenRequest, TokenResponse
from tests.protocol.world import API, ARCHIVE, ISSUER, ORIGIN, PHONE_APP, PORTAL, SECRET, World, basic

SCOPES = ("openid", "profile", "dossier.read")


async def test_a_refresh_gives_fresh_tokens_and_the_next_refresh_token(world: World) -> None:
    first = await world.sign_in()
    world.clock.seconds += 100
    second = await world.refresh(first.refresh_token)
    assert second.refresh_token not in {None, first.refresh_token}
    assert world.claims(second.access_token)["iat"] == world.claims(first.access_token)["iat"] + 100
    await world.refresh(second.refresh_token)
    assert [event["generation"] for event in await world.audited("tokens.issued")] == [0, 1, 2]


async def test_the_refreshed_id_token_keeps_issuer_subject_audience_and_sign_in_time(world: World) -> None:
    first = await world.sign_in()
    world.clock.seconds += 100
    second = await world.refresh(first.refresh_token)
    before, after = world.claims(first.id_token), world.claims(second.id_token)
    assert {name: before[name] for name in ("iss", "sub", "aud", "auth_time", "sid", "acr")} == {
        name: after[name] for name in ("iss", "sub", "aud", "auth_time", "sid", "acr")
    }
    assert "nonce" not in after
    assert after["iat"] == before["iat"] + 100


async def test_a_token_that_was_used_ends_its_family(world: World) -> None:
    first = await world.sign_in()
    second = await world.refresh(first.refresh_token)
    with pytest.raises(InvalidGrantError, match="used before"):
        await world.refresh(first.refresh_token)
    with pytest.raises(InvalidGrantError):
        await world.refresh(second.refresh_token)
    with pytest.raises(InvalidTokenError):
        await world.userinfo(second.access_token)
    (event,) = await world.audited("grant.revoked")
    assert event["reason"] == "refresh_reuse"


async def test_a_used_token_ends_its_family_even_when_the_request_asks_for_too_much(world: World) -> None:
    first = await world.sign_in()
    second = await world.refresh(first.refresh_token)
    with pytest.raises(InvalidGrantError, match="used before"):
        await world.refresh(first.refresh_token, "https://unknown.example", scope="email")
    with pytest.raises(InvalidGrantError):
        await world.refresh(second.refresh_token)


async def test_of_fifty_uses_at_once_at_most_one_family_lives_on(world: World) -> None:
    first = await world.sign_in()
    outcomes = await gather(*(world.refresh(first.refresh_token) for _ in range(50)), return_exceptions=True)
    won = [outcome for outcome in outcomes if isinstance(outcome, TokenResponse)]
    assert len(won) == 1
    with pytest.raises(InvalidGrantError):
        await world.refresh(won[0].refresh_token)


async def test_another_client_s_token_is_refused_and_the_family_lives_on(world: World) -> None:
    first = await world.sign_in()
    with pytest.raises(InvalidGrantError, match="another client"):
        await world.refresh(first.refresh_token, client_id="other", client_secret=SECRET)
    await world.refresh(first.refresh_token)


async def test_another_client_cannot_end_a_family_with_a_used_token(world: World) -> None:
    first = await world.sign_in()
    second = await world.refresh(first.refresh_token)
    with pytest.raises(InvalidGrantError):
        await world.refresh(first.refresh_token, client_id="other", client_secret=SECRET)
    await world.refresh(second.refresh_token)


async def test_the_refresh_token_is_required(world: World) -> None:
    with pytest.raises(InvalidRequestError):
        await world.token({"grant_type": "refresh_token"})


@pytest.mark.parametrize("token", ["x", "A" * 86, "é" * 86, "x" * 10_000])
async def test_an_unknown_token_is_refused(world: World, token: str) -> None:
    with pytest.raises(InvalidGrantError):
        await world.refresh(token)


async def test_an_access_token_is_no_refresh_token(world: World) -> None:
    response = await world.sign_in()
    with pytest.raises(InvalidGrantError):
        await world.refresh(response.access_token)


async def test_the_scope_may_be_narrowed_and_the_next_refresh_has_all_of_it_again(world: World) -> None:
    first = await world.sign_in(grant=world.grant(scopes=SCOPES))
    second = await world.refresh(first.refresh_token, scope="profile")
    assert second.scopes == ("profile",)
    assert second.id_token is None
    third = await world.refresh(second.refresh_token)
    assert third.scopes == ("openid", "profile")


@pytest.mark.parametrize("scope", ["email", "openid email", "openid  profile", 'a"b'])
async def test_the_scope_must_not_grow(world: World, scope: str) -> None:
    first = await world.sign_in(grant=world.grant(scopes=SCOPES))
    with pytest.raises(InvalidScopeError):
        await world.refresh(first.refresh_token, scope=scope)
    await world.refresh(first.refresh_token)


async def test_one_refresh_token_serves_several_resources(world: World) -> None:
    first = await world.sign_in(grant=world.grant(scopes=SCOPES))
    assert world.claims(first.access_token)["aud"] == ISSUER
    second = await world.refresh(first.refresh_token, API)
    assert world.claims(second.access_token)["aud"] == API
    assert second.scopes == ("dossier.read",)


async def test_a_resource_that_was_not_granted_is_refused_and_the_token_stays_unused(world: World) -> None:
    first = await world.sign_in(grant=world.grant(scopes=SCOPES))
    with pytest.raises(InvalidTargetError):
        await world.refresh(first.refresh_token, ARCHIVE)
    await world.refresh(first.refresh_token)


async def test_a_locked_account_refreshes_no_more(world: World) -> None:
    first = await world.sign_in()
    await world.lock()
    with pytest.raises(InvalidGrantError):
        await world.refresh(first.refresh_token)


async def test_without_offline_access_the_token_ends_with_the_session(world: World) -> None:
    first = await world.sign_in()
    await world.end_session()
    with pytest.raises(InvalidGrantError):
        await world.refresh(first.refresh_token)


async def test_with_offline_access_it_outlives_the_session(world: World) -> None:
    first = await world.sign_in(grant=world.grant(scopes=("openid", "offline_access"), offline=True))
    await world.end_session()
    await world.refresh(first.refresh_token)


async def test_use_does_not_stretch_the_grant(world: World) -> None:
    first = await world.sign_in(grant=world.grant(expires_at=Seconds(world.clock.seconds + 400)))
    world.clock.seconds += 390
    second = await world.refresh(first.refresh_token)
    assert second.expires_in == 10
    world.clock.seconds += 10
    with pytest.raises(InvalidGrantError, match="expired"):
        await world.refresh(second.refresh_token)


async def test_a_client_that_may_refresh_no_more_does_not(world: World) -> None:
    first = await world.sign_in()
    await world.save(replace(PORTAL, grant_types=frozenset({"authorization_code"})))
    with pytest.raises(OAuthError) as refused:
        await world.refresh(first.refresh_token)
    assert refused.value.code == "unauthorized_client"


async def test_a_token_turned_or_revoked_between_check_and_turn_is_refused(world: World) -> None:
    first = await world.sign_in()
    assert first.refresh_token is not None
    parameters = {"grant_type": "refresh_token", "refresh_token": first.refresh_token}
    request = TokenRequest(parameters, (), basic(), ORIGIN)
    slow = await world.refresh_grant.validate(PORTAL, request)
    slower = await world.refresh_grant.validate(PORTAL, request)
    await world.refresh(first.refresh_token)
    with pytest.raises(InvalidGrantError, match="used before"):
        await world.refresh_grant.issue(slow, ORIGIN)
    with pytest.raises(InvalidGrantError, match="revoked meanwhile"):
        await world.refresh_grant.issue(slower, ORIGIN)


def shown(response: TokenResponse) -> str:
    """Return the refresh token of a response that has one."""
    assert response.refresh_token is not None
    return response.refresh_token


async def test_a_profile_that_does_not_rotate_keeps_the_same_token_good(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await world.sign_in()
    policy = replace(POLICIES[ClientProfile.DEFAULT], rotates_refresh_tokens=False)
    world_policies = {**POLICIES, ClientProfile.LEGACY: policy}
    monkeypatch.setattr("idp.domain.clients.client.POLICIES", world_policies)
    await world.save(replace(PORTAL, profile=ClientProfile.LEGACY))
    answers = await gather(*(world.refresh(shown(first)) for _ in range(50)))
    # RFC 6749 section 6: an answer without a refresh token leaves the client with the one that it has.
    assert {answer.refresh_token for answer in answers} == {None}
    assert len({answer.access_token for answer in answers}) == 50


GRACE = replace(PORTAL, metadata={"refresh_token_grace_seconds": 30})


async def test_within_a_grace_the_token_used_last_is_answered_again(world: World) -> None:
    await world.save(GRACE)
    first = await world.sign_in()
    await world.refresh(shown(first))
    world.clock.seconds += 29
    again = await world.refresh(shown(first))
    await world.refresh(shown(again))


async def test_the_successor_that_was_lost_is_dead_and_whoever_shows_it_ends_the_family(world: World) -> None:
    await world.save(GRACE)
    first = await world.sign_in()
    lost = await world.refresh(shown(first))
    again = await world.refresh(shown(first))
    with pytest.raises(InvalidGrantError, match="used before"):
        await world.refresh(shown(lost))
    with pytest.raises(InvalidGrantError):
        await world.refresh(shown(again))


async def test_a_successor_that_was_used_ends_the_grace(world: World) -> None:
    await world.save(GRACE)
    first = await world.sign_in()
    second = await world.refresh(shown(first))
    third = await world.refresh(shown(second))
    with pytest.raises(InvalidGrantError, match="used before"):
        await world.refresh(shown(first))
    with pytest.raises(InvalidGrantError):
        await world.refresh(shown(third))


async def test_a_grace_counts_from_the_first_use_and_never_grows(world: World) -> None:
    await world.save(GRACE)
    first = await world.sign_in()
    await world.refresh(shown(first))
    world.clock.seconds += 20
    await world.refresh(shown(first))
    world.clock.seconds += 10
    with pytest.raises(InvalidGrantError, match="used before"):
        await world.refresh(shown(first))
    (event,) = await world.audited("grant.revoked")
    assert event["reason"] == "refresh_reuse"


async def test_without_a_grace_of_its_own_a_client_has_none(world: World) -> None:
    await world.save(GRACE)
    first = await world.sign_in()
    await world.refresh(shown(first))
    await world.save(PORTAL)
    with pytest.raises(InvalidGrantError, match="used before"):
        await world.refresh(shown(first))


async def test_of_fifty_uses_at_once_within_a_grace_one_goes_out_and_the_family_lives_on(world: World) -> None:
    await world.save(GRACE)
    first = await world.sign_in()
    outcomes = await gather(*(world.refresh(shown(first)) for _ in range(50)), return_exceptions=True)
    won = [outcome for outcome in outcomes if isinstance(outcome, TokenResponse)]
    assert len(won) == 1
    assert all(isinstance(outcome, TokenResponse | InvalidGrantError) for outcome in outcomes)
    await world.refresh(shown(won[0]))


async def test_a_public_client_s_grant_lives_for_a_day_at_most(world: World) -> None:
    far = Seconds(world.clock.now() + 90 * 24 * 3600)
    grant = world.grant(PHONE_APP, offline=True, expires_at=far)
    response = await world.sign_in(grant=grant, client_id="phone-app")
    world.clock.seconds += PUBLIC_LIFETIME - 1
    second = await world.refresh(shown(response), client_id="phone-app")
    world.clock.seconds += 1
    with pytest.raises(InvalidGrantError, match="expired"):
        await world.refresh(shown(second), client_id="phone-app")
