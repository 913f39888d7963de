import json
from asyncio import gather

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from idp.domain.authenticators.passkey import MOST_PASSKEYS
from idp.domain.levels.assurance import Level, Method
from idp.journeys.next_step import Step
from idp.journeys.passkeys.challenges import WrongChallengeError
from idp.journeys.passkeys.refusals import PasskeyNotAddedError, TooManyPasskeysError
from idp.journeys.recovery_codes import recovery_codes
from idp.journeys.throttling import SlowDownError
from tests.authenticator import MODEL, Gesture, Maker, MetadataService, SoftwareAuthenticator, metadata_entry
from tests.journeys.passkeys.keyring import Keyring
from tests.journeys.stage import BINH, OFFICER, VISITOR


def publish(keyring: Keyring, *makers: Maker) -> None:
    """Let the provider trust what these makers make."""
    service = MetadataService.found()
    (keyring.folder / "root.pem").write_bytes(service.root.public_bytes(Encoding.PEM))
    (keyring.folder / "blob.jwt").write_text(service.blob([metadata_entry(maker) for maker in makers]))


async def test_a_passkey_is_kept_with_its_name_and_its_owner_s_name_stays_on_the_device(keyring: Keyring) -> None:
    session = await keyring.session()
    asked = json.loads(await keyring.registration.options_in_session(session))
    assert (asked["user"]["name"], asked["attestation"]) == ("Nguyễn Văn An", "none")
    made = await keyring.make(SoftwareAuthenticator(), session=session)
    (kept,) = await keyring.stage.stores.passkeys.of_account(session.account.account_id)
    assert (kept, kept.name, kept.method) == (made, "Điện thoại", Method.PASSKEY)
    (event,) = await keyring.stage.events("passkey.added")
    assert "Điện" not in event


async def test_a_device_is_not_asked_for_a_second_one(keyring: Keyring) -> None:
    session = await keyring.session()
    await keyring.make(SoftwareAuthenticator(), session=session)
    asked = json.loads(await keyring.registration.options_in_session(session))
    assert len(asked["excludeCredentials"]) == 1


async def test_whoever_enrols_in_a_sign_in_has_proved_it_and_gets_recovery_codes(keyring: Keyring) -> None:
    stage = keyring.stage
    loaded = await stage.with_password(BINH, level=Level.TWO)
    answer = SoftwareAuthenticator().register(await keyring.registration.options_in_attempt(loaded))
    moved = await keyring.registration.submit_in_attempt(loaded, answer, "", VISITOR)
    assert [proof.method for proof in moved.attempt.proofs] == [Method.PASSWORD, Method.PASSKEY]
    assert await stage.sign_in.step(moved.attempt) is Step.SAVE_RECOVERY_CODES
    saved = await stage.enrolment.confirm_saved(moved)
    assert await stage.sign_in.step(saved.attempt) is Step.DONE
    codes = recovery_codes(stage.keys, loaded.attempt.attempt_id, loaded.attempt.known_account)
    later = await stage.with_password(BINH, level=Level.TWO)
    used = await stage.second_factor.submit_recovery_code(later, codes[0], VISITOR)
    assert await stage.sign_in.step(used.attempt) is Step.DONE


async def test_who_has_recovery_codes_keeps_them(keyring: Keyring) -> None:
    stage = keyring.stage
    first = await stage.with_password(BINH, level=Level.TWO)
    answer = SoftwareAuthenticator().register(await keyring.registration.options_in_attempt(first))
    await keyring.registration.submit_in_attempt(first, answer, "", VISITOR)
    second = await stage.with_password(BINH, level=Level.TWO)
    answer = SoftwareAuthenticator().register(await keyring.registration.options_in_attempt(second))
    moved = await keyring.registration.submit_in_attempt(second, answer, "", VISITOR)
    assert not moved.attempt.enrolment.enrolled
    assert len(await stage.events("recovery_codes.renewed")) == 1


@pytest.mark.parametrize(
    ("gesture", "reason"),
    [
        (Gesture(origin="https://evil.example"), "origin"),
        (Gesture(cross_origin=True), "cross_origin"),
        (Gesture(verified=False), "user_verification"),
        (Gesture(challenge=b"another one"), "challenge"),
    ],
)
async def test_what_was_made_elsewhere_or_by_nobody_is_not_kept(
    keyring: Keyring, gesture: Gesture, reason: str
) -> None:
    session = await keyring.session()
    with pytest.raises((PasskeyNotAddedError, WrongChallengeError)):
        await keyring.make(SoftwareAuthenticator(), gesture, session=session)
    assert await keyring.stage.stores.passkeys.of_account(session.account.account_id) == ()
    (event,) = await keyring.stage.events("passkey.not_added")
    assert f'"reason":"{reason}"' in event


async def test_of_50_submissions_of_one_answer_one_makes_a_passkey(keyring: Keyring) -> None:
    session = await keyring.session()
    answer = SoftwareAuthenticator().register(await keyring.registration.options_in_session(session))
    submit = keyring.registration.submit_in_session
    done = await gather(*(submit(session, answer, str(n), VISITOR) for n in range(50)), return_exceptions=True)
    assert sum(not isinstance(outcome, Exception) for outcome in done) == 1
    assert len(await keyring.stage.stores.passkeys.of_account(session.account.account_id)) == 1


async def test_an_answer_of_somebody_else_s_page_is_refused(keyring: Keyring) -> None:
    mine, other = await keyring.session(), await keyring.session(BINH)
    answer = SoftwareAuthenticator().register(await keyring.registration.options_in_session(other))
    with pytest.raises(WrongChallengeError):
        await keyring.registration.submit_in_session(mine, answer, "", VISITOR)


async def test_whoever_has_the_most_removes_one_first(keyring: Keyring) -> None:
    session = await keyring.session()
    for _ in range(MOST_PASSKEYS):
        await keyring.make(SoftwareAuthenticator(), session=session)
    with pytest.raises(TooManyPasskeysError):
        await keyring.registration.options_in_session(session)


async def test_refused_answers_are_slowed_down(keyring: Keyring) -> None:
    session = await keyring.session()
    for _ in range(10):
        with pytest.raises(PasskeyNotAddedError):
            await keyring.registration.submit_in_session(session, "x" * 40_000, "", VISITOR)
    with pytest.raises(SlowDownError):
        await keyring.make(SoftwareAuthenticator(), session=session)


async def test_an_officer_s_key_counts_as_hardware_where_its_maker_vouches_for_it(keyring: Keyring) -> None:
    maker = Maker.found()
    publish(keyring, maker)
    session = await keyring.session(*OFFICER)
    made = await keyring.make(SoftwareAuthenticator.hardware(maker), session=session)
    assert (made.method, made.attested_as) == (Method.SECURITY_KEY, MODEL)
    unknown = await keyring.make(SoftwareAuthenticator.hardware(Maker.found()), session=session)
    assert (unknown.method, unknown.attested_as) == (Method.PASSKEY, None)


async def test_no_maker_is_asked_whose_word_would_not_count(keyring: Keyring) -> None:
    session = await keyring.session(*OFFICER)
    asked = json.loads(await keyring.registration.options_in_session(session))
    assert asked["attestation"] == "none"
    publish(keyring, Maker.found())
    keyring.stage.clock.advance(60)
    asked = json.loads(await keyring.registration.options_in_session(session))
    assert asked["attestation"] == "direct"


async def test_what_device_a_citizen_has_is_not_asked(keyring: Keyring) -> None:
    maker = Maker.found()
    publish(keyring, maker)
    made = await keyring.make(SoftwareAuthenticator.hardware(maker))
    assert (made.method, made.attested_as) == (Method.PASSKEY, None)
