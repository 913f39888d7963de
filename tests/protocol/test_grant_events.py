from idp.protocol.grant_events import authorization_granted, claims_released
from tests.protocol.world import ORIGIN, World


async def test_claims_are_told_by_name_once_each_and_never_by_value(world: World) -> None:
    verified = {"verification": {"trust_framework": "x"}, "claims": {"name": "Nguyễn Thị Ánh"}}
    event = claims_released(
        world.grant(), "userinfo", {"name": "Nguyễn Thị Ánh", "verified_claims": [verified, verified]}, ORIGIN
    )
    assert event.claims == (
        "name",
        "verified_claims.claims.name",
        "verified_claims.verification.trust_framework",
    )
    assert "Nguyễn" not in str(event)


async def test_what_was_granted_names_the_session_and_the_level(world: World) -> None:
    grant = world.grant(scopes=("openid", "profile"))
    event = authorization_granted(grant, ORIGIN)
    assert (event.session_id, event.acr, event.scopes) == (grant.session_id, grant.acr, ("openid", "profile"))
