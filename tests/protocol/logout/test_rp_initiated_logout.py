from dataclasses import replace

import pytest

from idp.domain.accounts.account import AccountKind
from idp.domain.clients.registration import Registration
from idp.domain.ids import ClientId, SessionId, TokenHash
from idp.domain.levels.assurance import Method, Proof
from idp.domain.sign_ins.session import Session
from idp.protocol.logout.rp_initiated_logout import ConfirmFirst, RedirectAfterLogout, Refuse, ShowSignedOut
from tests.protocol.world import OTHER, PORTAL, SESSION, World

SIGNED_OUT = "http://localhost:8001/signed-out"


def session(world: World, session_id: SessionId = SESSION) -> Session:
    now = world.clock.now()
    return Session(
        session_id=session_id,
        account_id=world.citizen,
        account_kind=AccountKind.CITIZEN,
        proofs=(Proof(Method.PASSWORD, now),),
        created_at=now,
        idle_expires_at=now,
        expires_at=now,
    )


def hint(world: World) -> str:
    return world.id_tokens.issue(PORTAL, world.grant(), "token", nonce=None, personal_claims={})


async def test_a_hint_of_this_session_is_enough_to_sign_out_and_come_back_with_the_state(world: World) -> None:
    parameters = {"id_token_hint": hint(world), "post_logout_redirect_uri": SIGNED_OUT, "state": "a b&c=d"}
    assert await world.logout.decide(parameters, session(world)) == RedirectAfterLogout(
        f"{SIGNED_OUT}?state=a+b%26c%3Dd", PORTAL
    )


async def test_the_redirect_is_exactly_the_registered_uri_and_nothing_else(world: World) -> None:
    parameters = {"id_token_hint": hint(world), "post_logout_redirect_uri": SIGNED_OUT, "ui_locales": "vi", "x": "y"}
    decision = await world.logout.decide(parameters, session(world))
    assert decision == RedirectAfterLogout(SIGNED_OUT, PORTAL)


async def test_a_registered_query_is_kept(world: World) -> None:
    parameters = {
        "id_token_hint": hint(world),
        "post_logout_redirect_uri": f"{SIGNED_OUT}?of=portal",
        "client_id": "portal",
        "state": "s",
    }
    decision = await world.logout.decide(parameters, session(world))
    assert decision == RedirectAfterLogout(f"{SIGNED_OUT}?of=portal&state=s", PORTAL)


async def test_an_expired_hint_still_tells_whose_session_it_was(world: World) -> None:
    parameters = {"id_token_hint": hint(world), "post_logout_redirect_uri": SIGNED_OUT}
    world.clock.seconds += 86_400
    assert isinstance(await world.logout.decide(parameters, session(world)), RedirectAfterLogout)


async def test_somebody_who_is_signed_out_already_is_sent_back(world: World) -> None:
    parameters = {"id_token_hint": hint(world), "post_logout_redirect_uri": SIGNED_OUT}
    assert await world.logout.decide(parameters, None) == RedirectAfterLogout(SIGNED_OUT, PORTAL)


async def test_a_hint_without_a_uri_leads_to_the_signed_out_page(world: World) -> None:
    parameters = {"id_token_hint": hint(world), "state": "s"}
    assert await world.logout.decide(parameters, session(world)) == ShowSignedOut(PORTAL)


async def test_the_person_must_be_asked_when_the_hint_belongs_to_another_session(world: World) -> None:
    parameters = {"id_token_hint": hint(world), "post_logout_redirect_uri": SIGNED_OUT}
    decision = await world.logout.decide(parameters, session(world, SessionId("session-2")))
    assert decision == ConfirmFirst(SIGNED_OUT, PORTAL)


@pytest.mark.parametrize("parameters", [{}, {"state": "s"}, {"client_id": "unknown"}])
async def test_the_person_must_be_asked_when_there_is_no_hint(world: World, parameters: dict[str, str]) -> None:
    assert await world.logout.decide(parameters, session(world)) == ConfirmFirst(None, None)
    assert await world.logout.decide(parameters, None) == ShowSignedOut(None)


@pytest.mark.parametrize("client", [{}, {"client_id": "portal"}])
async def test_without_a_hint_nobody_is_ever_redirected(world: World, client: dict[str, str]) -> None:
    parameters = {"post_logout_redirect_uri": SIGNED_OUT, "state": "s"} | client
    asked = await world.logout.decide(parameters, session(world))
    assert asked == ConfirmFirst(None, PORTAL if client else None)
    decision = await world.logout.decide(parameters, None)
    assert isinstance(decision, Refuse)


async def test_an_identifier_alone_names_a_client_whose_words_were_checked(world: World) -> None:
    parameters = {"client_id": "portal"}
    assert await world.logout.decide(parameters, session(world)) == ConfirmFirst(None, PORTAL)
    assert await world.logout.decide(parameters, None) == ShowSignedOut(None)
    await world.save(replace(PORTAL, registration=Registration(TokenHash(b"0"), world.clock.now())))
    assert await world.logout.decide(parameters, session(world)) == ConfirmFirst(None, None)
    await world.save(replace(PORTAL, disabled=True))
    assert await world.logout.decide(parameters, session(world)) == ConfirmFirst(None, None)


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        f"{SIGNED_OUT}/",
        f"{SIGNED_OUT}?added=query",
        f"{SIGNED_OUT}#fragment",
        SIGNED_OUT.upper(),
        "javascript:alert(1)",
        "http://localhost:8002/signed-out",
    ],
)
async def test_a_uri_that_is_not_registered_must_not_be_redirected_to(world: World, uri: str) -> None:
    parameters = {"id_token_hint": hint(world), "post_logout_redirect_uri": uri}
    for current in (None, session(world)):
        decision = await world.logout.decide(parameters, current)
        assert isinstance(decision, Refuse)
        assert (decision.error.code, decision.client_id) == ("invalid_request", "portal")


async def test_the_client_must_be_the_one_that_the_hint_was_issued_to(world: World) -> None:
    parameters = {"id_token_hint": hint(world), "client_id": "other", "post_logout_redirect_uri": SIGNED_OUT}
    assert isinstance(await world.logout.decide(parameters, session(world)), Refuse)


async def test_a_hint_that_is_not_ours_is_refused(world: World) -> None:
    body = hint(world).split(".")[1]
    for forged in (f"eyJhbGciOiJub25lIn0.{body}.", hint(world)[:-4] + "AAAA", "x"):
        decision = await world.logout.decide({"id_token_hint": forged}, session(world))
        assert isinstance(decision, Refuse)
        assert decision.client_id is None


async def test_a_client_that_is_disabled_or_gone_is_nobody_to_redirect_to(world: World) -> None:
    parameters = {"id_token_hint": hint(world), "post_logout_redirect_uri": SIGNED_OUT}
    await world.save(replace(PORTAL, disabled=True))
    assert isinstance(await world.logout.decide(parameters, None), Refuse)
    gone = replace(OTHER, client_id=ClientId("gone"))
    token = world.id_tokens.issue(gone, world.grant(), "token", nonce=None, personal_claims={})
    assert isinstance(await world.logout.decide({"id_token_hint": token}, None), Refuse)


async def test_an_absurd_state_is_refused(world: World) -> None:
    parameters = {"id_token_hint": hint(world), "post_logout_redirect_uri": SIGNED_OUT, "state": "x" * 5000}
    assert isinstance(await world.logout.decide(parameters, None), Refuse)
