import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.adapters.sql.short_lived import SqlShortLivedStore
from idp.domain.clients.client_policy import POLICIES, ClientProfile
from idp.domain.ids import Seconds
from idp.ports.clock import CLOCK_TOLERANCE
from idp.protocol.errors import InvalidDpopProofError, UseDpopNonceError
from idp.protocol.replay_marks import ReplayMarks
from idp.protocol.senders.dpop import NONCE_WINDOW, DpopNonces, DpopProofs
from idp.protocol.senders.possession import NOTHING_SHOWN, Possession
from tests.protocol.any_json import ANY_JSON
from tests.protocol.prover import TOKEN_URL, Prover
from tests.protocol.world import World

PLAIN = POLICIES[ClientProfile.DEFAULT]
FAPI = POLICIES[ClientProfile.FAPI2]


@pytest.fixture
def proofs(world: World) -> DpopProofs:
    marks = ReplayMarks(world.stores.short_lived, world.clock)
    return DpopProofs(ForeignJws(), marks, DpopNonces(world.keys, world.clock), world.clock)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "PS256"])
async def test_a_proof_names_the_key_that_its_sender_holds(world: World, proofs: DpopProofs, algorithm: str) -> None:
    prover = Prover(algorithm=algorithm)
    assert await proofs.verify(prover.shown(world.clock.now()), PLAIN) == prover.thumbprint


async def test_the_spelling_of_the_address_does_not_matter(world: World, proofs: DpopProofs) -> None:
    spelled = "HTTP://LocalHost:8000/./token?x=1#y"
    await proofs.verify(Prover().shown(world.clock.now(), url=spelled), PLAIN)


@pytest.mark.parametrize("seconds", [-10, 10, 9.5, -CLOCK_TOLERANCE, CLOCK_TOLERANCE])
async def test_clocks_may_differ_by_ten_seconds(world: World, proofs: DpopProofs, seconds: float) -> None:
    await proofs.verify(Prover().shown(world.clock.now(), iat=world.clock.now() + seconds), PLAIN)


@pytest.mark.parametrize("count", [0, 2])
async def test_there_is_exactly_one_proof(world: World, proofs: DpopProofs, count: int) -> None:
    prover = Prover()
    shown = tuple(prover.proof(world.clock.now()) for _ in range(count))
    with pytest.raises(InvalidDpopProofError, match="not exactly one"):
        await proofs.verify(Possession("POST", TOKEN_URL, shown), PLAIN)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"htm": "GET"}, "method", id="another method"),
        pytest.param({"htm": "post"}, "method", id="a method in small letters"),
        pytest.param({"htm": None}, "method", id="no method"),
        pytest.param({"htu": "http://localhost:8000/userinfo"}, "address", id="another address"),
        pytest.param({"htu": None}, "address", id="no address"),
        pytest.param({"htu": ["http://localhost:8000/token"]}, "address", id="a list of addresses"),
        pytest.param({"iat": None}, "iat", id="no time"),
        pytest.param({"iat": "1780000000"}, "iat", id="a time as text"),
        pytest.param({"iat": True}, "iat", id="a time that is a boolean"),
        pytest.param({"iat": -(10**400)}, "iat", id="a time before all time"),
        pytest.param({"exp": 10**400}, "exp", id="an end after all time"),
        pytest.param({"exp": "later"}, "exp", id="an end that is text"),
        pytest.param({"nbf": "now"}, "nbf", id="a beginning that is text"),
        pytest.param({"exp": 1_800_000_000}, "time", id="an end that has come"),
        pytest.param({"nbf": 1_800_000_060}, "time", id="a beginning that has not"),
        pytest.param({"jti": None}, "jti", id="no identifier"),
        pytest.param({"jti": ""}, "jti", id="an empty identifier"),
        pytest.param({"jti": 7}, "jti", id="an identifier that is a number"),
        pytest.param({"jti": "x" * 513}, "jti", id="an endless identifier"),
        pytest.param({"header": {"typ": "JWT"}}, "type", id="another type"),
        pytest.param({"header": {"typ": None}}, "type", id="no type"),
        pytest.param({"header": {"jwk": None}}, "public key", id="no key"),
    ],
)
async def test_a_proof_holds_what_section_4_2_requires(
    world: World, proofs: DpopProofs, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidDpopProofError, match=reason):
        await proofs.verify(Prover().shown(world.clock.now(), **changes), PLAIN)


@pytest.mark.parametrize("seconds", [-300, -CLOCK_TOLERANCE - 1, CLOCK_TOLERANCE + 1, 60, 300])
async def test_a_proof_of_another_time_is_refused(world: World, proofs: DpopProofs, seconds: int) -> None:
    with pytest.raises(InvalidDpopProofError, match="time"):
        await proofs.verify(Prover().shown(world.clock.now() + seconds), PLAIN)


async def test_a_private_a_symmetric_and_a_foreign_key_are_refused(world: World, proofs: DpopProofs) -> None:
    prover, stranger = Prover(), Prover()
    symmetric = Prover(algorithm="HS256", secret="s" * 32)
    keys = [prover.key.as_dict(private=True), {"kty": "oct", "k": "c2VjcmV0"}, stranger.public]
    refused = [prover.shown(world.clock.now(), header={"jwk": key}) for key in keys]
    refused.append(symmetric.shown(world.clock.now(), header={"jwk": symmetric.key.as_dict(private=True)}))
    for shown in refused:
        with pytest.raises(InvalidDpopProofError):
            await proofs.verify(shown, PLAIN)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "ES384"])
async def test_another_algorithm_is_refused(world: World, proofs: DpopProofs, algorithm: str) -> None:
    prover = Prover(algorithm="RS256" if algorithm == "RS256" else "ES256")
    now = world.clock.now()
    claims = {"jti": "1", "htm": "POST", "htu": TOKEN_URL, "iat": now}
    forged = prover.sign(claims, alg=algorithm, typ="dpop+jwt", jwk=prover.public)
    with pytest.raises(InvalidDpopProofError, match="algorithm"):
        await proofs.verify(Possession("POST", TOKEN_URL, (forged,)), PLAIN)


async def test_a_proof_is_good_once(world: World, proofs: DpopProofs) -> None:
    shown = Prover().shown(world.clock.now())
    await proofs.verify(shown, PLAIN)
    world.clock.seconds += CLOCK_TOLERANCE
    with pytest.raises(InvalidDpopProofError, match="used before"):
        await proofs.verify(shown, PLAIN)


async def test_of_fifty_copies_at_once_one_is_good(world: World, proofs: DpopProofs) -> None:
    shown = Prover().shown(world.clock.now())
    outcomes = await asyncio.gather(*(proofs.verify(shown, PLAIN) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert all(isinstance(outcome, str | InvalidDpopProofError) for outcome in outcomes)


async def test_after_a_loss_of_the_marks_no_proof_from_before_is_good(
    world: World, proofs: DpopProofs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def since_now(_store: SqlShortLivedStore, asked_at: Seconds) -> Seconds:
        return asked_at

    monkeypatch.setattr(SqlShortLivedStore, "remembers_since", since_now)
    with pytest.raises(InvalidDpopProofError, match="forgotten"):
        await proofs.verify(Prover().shown(world.clock.now()), PLAIN)


async def test_at_a_resource_a_proof_is_for_one_access_token(world: World, proofs: DpopProofs) -> None:
    prover, now = Prover(), world.clock.now()
    shown = prover.shown_at_userinfo(now, "token")
    assert await proofs.verify(shown, PLAIN, access_token="token") == prover.thumbprint
    for other in (prover.shown_at_userinfo(now, "another"), prover.shown_at_userinfo(now, "token", ath=None)):
        with pytest.raises(InvalidDpopProofError, match="access token"):
            await proofs.verify(other, PLAIN, access_token="token")


async def test_a_profile_may_demand_a_nonce_which_the_refusal_tells(world: World, proofs: DpopProofs) -> None:
    prover, now = Prover(), world.clock.now()
    with pytest.raises(UseDpopNonceError) as refused:
        await proofs.verify(prover.shown(now), FAPI)
    await proofs.verify(prover.shown(now, nonce=refused.value.nonce), FAPI)


async def test_a_refused_nonce_leaves_the_identifier_unused(world: World, proofs: DpopProofs) -> None:
    prover, now = Prover(), world.clock.now()
    with pytest.raises(UseDpopNonceError) as refused:
        await proofs.verify(prover.shown(now, jti="same"), FAPI)
    await proofs.verify(prover.shown(now, jti="same", nonce=refused.value.nonce), FAPI)


async def test_a_nonce_is_good_in_its_window_and_the_next(world: World, proofs: DpopProofs) -> None:
    nonce = DpopNonces(world.keys, world.clock).current()
    prover = Prover()
    world.clock.seconds += NONCE_WINDOW
    await proofs.verify(prover.shown(world.clock.now(), nonce=nonce), FAPI)
    world.clock.seconds += NONCE_WINDOW
    with pytest.raises(UseDpopNonceError) as refused:
        await proofs.verify(prover.shown(world.clock.now(), nonce=nonce), FAPI)
    assert refused.value.nonce != nonce


async def test_a_nonce_that_is_not_ours_is_refused_where_none_is_demanded(world: World, proofs: DpopProofs) -> None:
    for nonce in ("made up", "", 7):
        with pytest.raises(UseDpopNonceError):
            await proofs.verify(Prover().shown(world.clock.now(), nonce=nonce), PLAIN)


def test_every_node_gives_the_same_nonces(world: World) -> None:
    first, second = (DpopNonces(world.keys, world.clock) for _ in range(2))
    assert first.current() == second.current()


async def test_garbage_is_a_refused_proof(world: World, proofs: DpopProofs) -> None:
    for garbage in ("", "a.b.c", "..", "\xff", "x" * 20_000, Prover().proof(world.clock.now()) + "x"):
        with pytest.raises(InvalidDpopProofError):
            await proofs.verify(Possession("POST", TOKEN_URL, (garbage,)), PLAIN)
    with pytest.raises(InvalidDpopProofError):
        await proofs.verify(NOTHING_SHOWN, PLAIN)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.dictionaries(st.sampled_from(["typ", "jwk", "kid", "crit", "b64", "x5c"]), ANY_JSON, max_size=4),
    claims=st.dictionaries(st.sampled_from(["jti", "htm", "htu", "iat", "ath", "nonce"]), ANY_JSON, max_size=6),
)
async def test_whatever_stands_in_a_proof_it_is_accepted_or_refused_by_its_error(
    world: World, proofs: DpopProofs, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    proof = KEY.sign(claims, **{"kid": None, "typ": "dpop+jwt", "jwk": KEY.public, **header})
    shown = Possession("POST", TOKEN_URL, (proof,))
    outcome = (await asyncio.gather(proofs.verify(shown, PLAIN), return_exceptions=True))[0]
    assert outcome == KEY.thumbprint or isinstance(outcome, InvalidDpopProofError | UseDpopNonceError)


KEY = Prover()
