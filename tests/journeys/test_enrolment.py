from asyncio import gather

import pyotp
import pytest

from idp.domain.accounts.account import AuthenticatorKind, Contact, ContactKind
from idp.domain.accounts.contact_change import HOLD, ContactChange
from idp.domain.accounts.security_alert import AlertKind, SecurityAlert
from idp.domain.events import ContactChanged, RecordsImported
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Method
from idp.domain.records import PersonRecord, Records
from idp.journeys.attempt import AttemptChangedError, Loaded
from idp.journeys.next_step import Step
from idp.journeys.refusals import CodeNotSentError, RefusedError, WrongCodeError
from idp.journeys.throttling import SlowDownError
from tests.journeys.stage import BINH, CUONG, ORIGIN, VISITOR, Stage


async def activated(stage: Stage) -> Loaded:
    loaded = await stage.enrolment.send_code(await stage.with_password(BINH), VISITOR)
    code = stage.letter_box.letters[-1][1]
    return await stage.enrolment.submit_activation_code(loaded, code, VISITOR)


async def enrolled(stage: Stage) -> Loaded:
    loaded = await activated(stage)
    secret = stage.enrolment.proposal(loaded.attempt).secret
    return await stage.enrolment.submit_first_code(loaded, stage.one_time_code(secret), VISITOR)


async def test_each_step_leads_to_the_next(stage: Stage) -> None:
    steps = []
    loaded = await stage.with_password(BINH)
    steps.append(await stage.sign_in.step(loaded.attempt))
    loaded = await stage.enrolment.send_code(loaded, VISITOR)
    code = stage.letter_box.letters[-1][1]
    loaded = await stage.enrolment.submit_activation_code(loaded, code, VISITOR)
    steps.append(await stage.sign_in.step(loaded.attempt))
    secret = stage.enrolment.proposal(loaded.attempt).secret
    loaded = await stage.enrolment.submit_first_code(loaded, stage.one_time_code(secret), VISITOR)
    steps.append(await stage.sign_in.step(loaded.attempt))
    loaded = await stage.enrolment.confirm_saved(loaded)
    steps.append(await stage.sign_in.step(loaded.attempt))

    assert steps == [Step.ACTIVATE, Step.ENROL, Step.SAVE_RECOVERY_CODES, Step.DONE]


async def test_the_code_goes_to_the_verified_address_in_the_persons_language(stage: Stage) -> None:
    await stage.enrolment.send_code(await stage.with_password(BINH), VISITOR)

    ((address, _, locale),) = stage.letter_box.letters
    assert (address, locale) == (BINH, "vi")
    assert len(await stage.events("activation_code.sent")) == 1


async def test_whoever_has_no_contact_is_sent_nothing(stage: Stage) -> None:
    loaded = await stage.with_password(CUONG)

    assert await stage.enrolment.contact(loaded.attempt) is None
    assert await stage.enrolment.send_code(loaded, VISITOR) is loaded
    assert stage.letter_box.letters == []


PHONE = Contact(ContactKind.PHONE, "+84912000222")


async def test_a_code_goes_to_a_telephone_where_no_mail_reaches_the_address(stage: Stage) -> None:
    loaded = await stage.with_password(BINH)
    stage.letter_box.out_of_reach = BINH
    records = Records(people=(PersonRecord("001199000002", {"name": "Bình"}, 2, BINH, PHONE.address),))
    event = RecordsImported(origin=ORIGIN, digest="", counts={})
    await stage.stores.records.load(records, event)
    stage.clock.advance(HOLD + 1)

    assert await stage.enrolment.contact(loaded.attempt) == PHONE
    assert await stage.enrolment.unreached(loaded.attempt) is None


async def test_an_address_that_no_mail_reaches_is_named_and_sent_nothing(stage: Stage) -> None:
    loaded = await stage.with_password(BINH)
    stage.letter_box.out_of_reach = BINH

    assert await stage.enrolment.unreached(loaded.attempt) == Contact(ContactKind.EMAIL, BINH)
    assert await stage.enrolment.send_code(loaded, VISITOR) is loaded
    assert stage.letter_box.letters == []


async def test_a_mail_server_that_is_silent_may_take_the_address_later(stage: Stage) -> None:
    loaded = await stage.with_password(BINH)
    stage.letter_box.is_silent = True

    assert await stage.enrolment.contact(loaded.attempt) == Contact(ContactKind.EMAIL, BINH)
    assert await stage.enrolment.unreached(loaded.attempt) is None


async def test_a_message_that_does_not_leave_is_told_and_may_be_asked_for_again(stage: Stage) -> None:
    loaded = await stage.with_password(BINH)
    stage.letter_box.is_full = True
    with pytest.raises(CodeNotSentError):
        await stage.enrolment.send_code(loaded, VISITOR)
    assert await stage.events("activation_code.sent") == []
    stage.letter_box.is_full = False

    await stage.enrolment.send_code(await stage.load(loaded.attempt.attempt_id), VISITOR)

    assert len(stage.letter_box.letters) == 1


async def test_codes_are_not_sent_without_end(stage: Stage) -> None:
    loaded = await stage.with_password(BINH)
    for _ in range(5):
        loaded = await stage.enrolment.send_code(loaded, VISITOR)

    with pytest.raises(SlowDownError):
        await stage.enrolment.send_code(loaded, VISITOR)
    assert len(stage.letter_box.letters) == 5


async def test_a_refused_activation_code_leaves_its_event(stage: Stage) -> None:
    loaded = await stage.enrolment.send_code(await stage.with_password(BINH), VISITOR)

    with pytest.raises(RefusedError):
        await stage.enrolment.submit_activation_code(loaded, "x", VISITOR)

    (event,) = await stage.events("activation_code.refused")
    assert "WrongCodeError" in event
    assert not (await stage.load(loaded.attempt.attempt_id)).attempt.enrolment.activated


async def test_the_proposal_is_the_same_each_time_and_differs_by_attempt(stage: Stage) -> None:
    first, second = await stage.with_password(BINH), await stage.with_password(BINH)

    proposal = stage.enrolment.proposal(first.attempt)

    assert stage.enrolment.proposal(first.attempt) == proposal
    assert stage.enrolment.proposal(second.attempt).secret != proposal.secret
    assert len(proposal.secret) == 32
    parsed = pyotp.parse_uri(proposal.uri)
    assert parsed.secret == proposal.secret
    assert BINH not in proposal.uri


@pytest.mark.parametrize("typed", ["", "000000x", "x" * 5000, "１２３４５６"])
async def test_a_wrong_first_code_enrols_nothing(stage: Stage, typed: str) -> None:
    loaded = await activated(stage)

    with pytest.raises(WrongCodeError):
        await stage.enrolment.submit_first_code(loaded, typed, VISITOR)

    assert await stage.stores.authenticators.enrolled(loaded.attempt.known_account) == ()
    assert len(await stage.events("second_factor.refused")) == 1


async def test_first_codes_are_not_guessed_without_end(stage: Stage) -> None:
    loaded = await activated(stage)
    for _ in range(10):
        with pytest.raises(WrongCodeError):
            await stage.enrolment.submit_first_code(loaded, "x", VISITOR)

    with pytest.raises(SlowDownError):
        await stage.enrolment.submit_first_code(loaded, "x", VISITOR)


async def test_the_first_code_counts_as_a_proof_and_the_recovery_codes_work(stage: Stage) -> None:
    loaded = await enrolled(stage)

    assert {proof.method for proof in loaded.attempt.proofs} == {Method.PASSWORD, Method.ONE_TIME_CODE}
    kinds = {one.kind: one for one in await stage.stores.authenticators.enrolled(loaded.attempt.known_account)}
    assert kinds[AuthenticatorKind.RECOVERY_CODES].remaining == 10
    code = stage.enrolment.recovery_codes(loaded.attempt)[0]
    other = await stage.with_password(BINH)
    await stage.second_factor.submit_recovery_code(other, code, VISITOR)


async def test_the_owner_is_told_and_a_full_letter_box_undoes_nothing(stage: Stage) -> None:
    loaded = await activated(stage)
    stage.letter_box.is_full = True
    secret = stage.enrolment.proposal(loaded.attempt).secret

    await stage.enrolment.submit_first_code(loaded, stage.one_time_code(secret), VISITOR)

    assert await stage.stores.authenticators.enrolled(loaded.attempt.known_account)
    assert len(await stage.events("authenticator.enrolled")) == 1


async def test_of_two_enrolments_at_once_one_succeeds(stage: Stage) -> None:
    first, second = await activated(stage), await activated(stage)

    outcomes = await gather(
        *(
            stage.enrolment.submit_first_code(
                one, stage.one_time_code(stage.enrolment.proposal(one.attempt).secret), VISITOR
            )
            for one in (first, second)
        ),
        return_exceptions=True,
    )

    assert sum(isinstance(one, WrongCodeError) for one in outcomes) == 1
    assert len(await stage.events("authenticator.enrolled")) == 1


async def test_confirming_twice_is_refused_the_second_time(stage: Stage) -> None:
    loaded = await enrolled(stage)
    await stage.enrolment.confirm_saved(loaded)

    with pytest.raises(AttemptChangedError):
        await stage.enrolment.confirm_saved(loaded)


async def test_a_code_goes_to_a_telephone_where_there_is_no_address_and_never_to_one_changed_just_now(
    stage: Stage,
) -> None:
    only_phone = Records(people=(PersonRecord("001199000077", {"name": "Lê Thị Hoa"}, phone_number="+84987654321"),))
    await stage.stores.records.load(only_phone, RecordsImported(origin=ORIGIN, digest="0" * 64, counts={}))
    account, now = await stage.account("001199000077"), stage.clock.now()
    attempt = (await stage.begin()).attempt.identified(account)
    phone = Contact(ContactKind.PHONE, "+84987654321")
    assert await stage.enrolment.contact(attempt) == phone
    change = ContactChange(
        change_id="change",
        account_id=account.account_id,
        kind=ContactKind.PHONE,
        changed_at=now,
        held_until=Seconds(now + HOLD),
        former=phone,
    )
    alert = SecurityAlert(alert_id="1", account_id=account.account_id, kind=AlertKind.CONTACT_CHANGED, at=now)
    event = ContactChanged(origin=ORIGIN, account_id=account.account_id, kind="phone", change_id="change")
    await stage.stores.own_contacts.change(change, Contact(ContactKind.PHONE, "+84911111111"), alert, event)
    assert await stage.enrolment.contact(attempt) == phone
    stage.clock.advance(HOLD)
    assert await stage.enrolment.contact(attempt) == Contact(ContactKind.PHONE, "+84911111111")
