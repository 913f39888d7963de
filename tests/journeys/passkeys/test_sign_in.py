from asyncio import gather

import pytest

from idp.domain.accounts.account import AccountKind
from idp.domain.clients.client import ClientAudience
from idp.domain.events import AccountLocked
from idp.domain.grants.grant import RevocationReason
from idp.domain.levels.assurance import Level, Method
from idp.journeys.next_step import Step
from idp.journeys.passkeys.challenges import WrongChallengeError
from idp.journeys.passkeys.refusals import PasskeyNotAcceptedError, PasskeyUnknownError
from idp.journeys.refusals import AccountLockedError, OfficersOnlyError
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import Visitor
from tests.authenticator import Gesture, Maker, SoftwareAuthenticator
from tests.journeys.passkeys.keyring import Keyring
from tests.journeys.passkeys.test_registration import publish
from tests.journeys.stage import BINH, OFFICER, ORIGIN, VISITOR


async def reason(keyring: Keyring) -> str:
    """The reason of the last refusal."""
    return (await keyring.stage.events("passkey.refused"))[-1].partition('"reason":"')[2].partition('"')[0]


async def test_a_passkey_tells_who_stands_there_and_is_two_factors(keyring: Keyring) -> None:
    authenticator = SoftwareAuthenticator()
    made = await keyring.make(authenticator)
    moved = await keyring.use(authenticator)
    assert moved.attempt.account_id == made.account_id
    assert [proof.method for proof in moved.attempt.proofs] == [Method.PASSKEY]
    assert await keyring.stage.sign_in.step(moved.attempt) is Step.DONE
    session = await keyring.stage.sign_in.complete(moved, None, VISITOR)
    assert session
    assert session.session.level is Level.TWO
    (event,) = await keyring.stage.events("passkey.accepted")
    assert '"discovered":true' in event


async def test_it_is_one_more_proof_of_somebody_known(keyring: Keyring) -> None:
    authenticator = SoftwareAuthenticator()
    await keyring.make(authenticator)
    loaded = await keyring.stage.with_password()
    assert await keyring.stage.sign_in.step(loaded.attempt) is Step.PASSKEY
    answer = authenticator.sign_in(await keyring.sign_in.options_of_known(loaded.attempt), Gesture(user_handle=b""))
    moved = await keyring.sign_in.submit_of_known(loaded, answer, VISITOR)
    assert [proof.method for proof in moved.attempt.proofs] == [Method.PASSWORD, Method.PASSKEY]
    assert await keyring.stage.sign_in.step(moved.attempt) is Step.DONE


async def test_somebody_else_s_passkey_is_no_proof_of_somebody_known(keyring: Keyring) -> None:
    authenticator, others = SoftwareAuthenticator(), SoftwareAuthenticator()
    await keyring.make(authenticator)
    await keyring.make(others, session=await keyring.session(BINH))
    loaded = await keyring.stage.with_password()
    options = await keyring.sign_in.options_of_known(loaded.attempt)
    with pytest.raises(StopIteration):
        others.sign_in(options)
    answer = others.sign_in(options.replace("allowCredentials", "nothing"))
    with pytest.raises(PasskeyUnknownError):
        await keyring.sign_in.submit_of_known(loaded, answer, VISITOR)
    assert await reason(keyring) == "somebody_elses"


async def test_whoever_signs_in_as_somebody_else_keeps_nothing_of_the_first(keyring: Keyring) -> None:
    authenticator = SoftwareAuthenticator()
    await keyring.make(authenticator, session=await keyring.session(BINH))
    loaded = await keyring.stage.with_password()
    answer = authenticator.sign_in(keyring.sign_in.options(loaded.attempt))
    moved = await keyring.sign_in.submit(loaded, answer, VISITOR)
    assert moved.attempt.account_id == await keyring.stage.account_id(BINH)
    assert [proof.method for proof in moved.attempt.proofs] == [Method.PASSKEY]


@pytest.mark.parametrize(
    ("gesture", "expected"),
    [
        (Gesture(origin="https://evil.example"), "origin"),
        (Gesture(cross_origin=True), "cross_origin"),
        (Gesture(rp_id="evil.example"), "rp_id"),
        (Gesture(verified=False), "user_verification"),
        (Gesture(kind="webauthn.create"), "type"),
        (Gesture(user_handle=b"somebody else"), "user_handle"),
        (Gesture(user_handle=b""), "user_handle"),
        (Gesture(backup_eligible=False), "backup_eligibility"),
    ],
)
async def test_what_was_signed_elsewhere_or_by_nobody_lets_nobody_in(
    keyring: Keyring, gesture: Gesture, expected: str
) -> None:
    authenticator = SoftwareAuthenticator()
    await keyring.make(authenticator)
    with pytest.raises(PasskeyNotAcceptedError):
        await keyring.use(authenticator, gesture)
    assert await reason(keyring) == expected


async def test_an_answer_is_good_once_and_for_one_attempt(keyring: Keyring) -> None:
    authenticator = SoftwareAuthenticator()
    await keyring.make(authenticator)
    first, second = await keyring.ask(), await keyring.ask()
    answer = authenticator.sign_in(keyring.sign_in.options(first.attempt))
    with pytest.raises(WrongChallengeError):
        await keyring.sign_in.submit(second, answer, VISITOR)
    assert await reason(keyring) == "challenge"
    await keyring.sign_in.submit(first, answer, VISITOR)
    again = await keyring.stage.load(first.attempt.attempt_id)
    with pytest.raises(WrongChallengeError):
        await keyring.sign_in.submit(again, answer, VISITOR)
    assert await reason(keyring) == "challenge_used"


async def test_an_answer_of_the_first_page_is_none_of_the_second_s(keyring: Keyring) -> None:
    authenticator = SoftwareAuthenticator()
    await keyring.make(authenticator)
    loaded = await keyring.stage.with_password()
    answer = authenticator.sign_in(keyring.sign_in.options(loaded.attempt))
    with pytest.raises(WrongChallengeError):
        await keyring.sign_in.submit_of_known(loaded, answer, VISITOR)


async def test_of_50_submissions_of_one_answer_one_proves_anything(keyring: Keyring) -> None:
    authenticator = SoftwareAuthenticator()
    await keyring.make(authenticator)
    loaded = await keyring.ask()
    answer = authenticator.sign_in(keyring.sign_in.options(loaded.attempt))
    done = await gather(*(keyring.sign_in.submit(loaded, answer, VISITOR) for _ in range(50)), return_exceptions=True)
    assert sum(not isinstance(outcome, Exception) for outcome in done) == 1
    assert len(await keyring.stage.events("passkey.accepted")) == 1


async def test_a_counter_that_went_backwards_lets_nobody_in_and_is_recorded(keyring: Keyring) -> None:
    authenticator = SoftwareAuthenticator(synced=False, counts=True)
    made = await keyring.make(authenticator)
    await keyring.use(authenticator, Gesture(sign_count=7))
    with pytest.raises(PasskeyNotAcceptedError):
        await keyring.use(authenticator, Gesture(sign_count=7))
    assert await reason(keyring) == "counter"
    assert made.passkey_id in (await keyring.stage.events("passkey.refused"))[-1]
    await keyring.use(authenticator, Gesture(sign_count=8))


async def test_a_removed_passkey_and_nonsense_let_nobody_in(keyring: Keyring) -> None:
    authenticator = SoftwareAuthenticator()
    made = await keyring.make(authenticator)
    stores = keyring.stage.stores
    removed = AccountLocked(origin=ORIGIN, account_id=made.account_id, locked=False, reason="")
    await stores.passkeys.remove(made.account_id, made.passkey_id, removed)
    with pytest.raises(PasskeyUnknownError):
        await keyring.use(authenticator)
    for nonsense in ("", "{}", "x" * 20_000):
        with pytest.raises(PasskeyNotAcceptedError):
            await keyring.sign_in.submit(await keyring.ask(), nonsense, VISITOR)


async def test_a_locked_account_is_told_only_to_its_owner(keyring: Keyring) -> None:
    authenticator = SoftwareAuthenticator()
    made = await keyring.make(authenticator)
    stage = keyring.stage
    locked = AccountLocked(origin=ORIGIN, account_id=made.account_id, locked=True, reason="")
    await stage.stores.accounts.set_locked(
        made.account_id, locked=True, now=stage.clock.now(), reason=RevocationReason.ACCOUNT_LOCKED, event=locked
    )
    with pytest.raises(PasskeyNotAcceptedError):
        await keyring.use(authenticator, Gesture(verified=False))
    with pytest.raises(AccountLockedError):
        await keyring.use(authenticator)


async def test_a_citizen_s_passkey_does_not_open_what_is_for_officers(keyring: Keyring) -> None:
    authenticator = SoftwareAuthenticator()
    await keyring.make(authenticator)
    loaded = await keyring.stage.begin(Level.TWO, audience=ClientAudience.OFFICER)
    answer = authenticator.sign_in(keyring.sign_in.options(loaded.attempt))
    with pytest.raises(OfficersOnlyError):
        await keyring.sign_in.submit(loaded, answer, VISITOR)


async def test_hardware_is_a_security_key_until_its_model_is_broken(keyring: Keyring) -> None:
    maker = Maker.found()
    publish(keyring, maker)
    authenticator = SoftwareAuthenticator.hardware(maker)
    await keyring.make(authenticator, session=await keyring.session(*OFFICER))
    moved = await keyring.use(authenticator)
    assert moved.attempt.account_kind is AccountKind.OFFICER
    assert [proof.method for proof in moved.attempt.proofs] == [Method.SECURITY_KEY]
    publish(keyring)
    keyring.stage.clock.advance(60)
    moved = await keyring.use(authenticator)
    assert [proof.method for proof in moved.attempt.proofs] == [Method.PASSKEY]


async def test_a_security_key_is_a_way_on_also_where_no_maker_is_believed(keyring: Keyring) -> None:
    maker = Maker.found()
    publish(keyring, maker)
    made = await keyring.make(SoftwareAuthenticator.hardware(maker), session=await keyring.session(*OFFICER))
    assert made.method is Method.SECURITY_KEY
    loaded = await keyring.stage.with_password(*OFFICER)
    assert Method.SECURITY_KEY not in await keyring.stage.sign_in.ways(loaded.attempt)
    assert await keyring.stage.sign_in.step(loaded.attempt) is Step.PASSKEY


async def test_refused_answers_empty_a_stranger_s_bucket_and_no_owner_s(keyring: Keyring) -> None:
    authenticator = SoftwareAuthenticator()
    made = await keyring.make(authenticator)
    for _ in range(60):
        with pytest.raises(PasskeyNotAcceptedError):
            await keyring.use(authenticator, Gesture(verified=False))
    with pytest.raises(SlowDownError):
        await keyring.use(authenticator)
    assert await reason(keyring) == "throttled"

    known = Visitor(ORIGIN, "vi", keyring.stage.devices.remember(made.account_id, Level.TWO))
    loaded = await keyring.ask()
    answer = authenticator.sign_in(keyring.sign_in.options(loaded.attempt))
    moved = await keyring.sign_in.submit(loaded, answer, known)
    assert moved.attempt.account_id == made.account_id
