from idp.domain.clients.claims_policy import ClaimsPolicy
from idp.domain.clients.client import Client
from idp.domain.ids import ClientId
from idp.protocol.tokens.grant_events import Judged, authorization_granted, claims_released
from tests.ports.test_sign_in_facts import SHAPE
from tests.protocol.world import ORIGIN, World


async def test_claims_are_told_by_name_once_each_and_never_by_value(world: World) -> None:
    verified = {"verification": {"trust_framework": "x"}, "claims": {"name": "Nguyễn Thị Ánh"}}
    told = {"name": "Nguyễn Thị Ánh", "verified_claims": [verified, verified]}
    event = claims_released(Client(ClientId("portal")), world.grant(), "userinfo", told, ORIGIN)
    assert event.claims == (
        "name",
        "verified_claims.claims.name",
        "verified_claims.verification.trust_framework",
    )
    assert "Nguyễn" not in str(event)


async def test_what_was_granted_names_the_session_and_the_level(world: World) -> None:
    grant = world.grant(scopes=("openid", "profile"))
    event = authorization_granted(grant, ORIGIN, Judged(SHAPE, 3))
    assert (event.amr, event.shape, event.policy) == (grant.amr, SHAPE, 3)
    assert (event.session_id, event.acr, event.scopes) == (grant.session_id, grant.acr, ("openid", "profile"))


async def test_a_release_says_on_which_terms_and_ground_it_was(world: World) -> None:
    asked, listed = Client(ClientId("a")), {"name": {"purpose": "x", "legal_basis": "law"}}
    told = Client(ClientId("b"), skip_consent=True, metadata={"claims": listed})
    events = [claims_released(client, world.grant(), "userinfo", {"name": "A"}, ORIGIN) for client in (asked, told)]
    assert [(event.basis, event.terms) for event in events] == [
        ("consent", None),
        ("law", ClaimsPolicy(listed).version),
    ]
